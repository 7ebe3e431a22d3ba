"""`realtime train`: learns one painting's style. It needs torch, which is imported when it runs."""

from __future__ import annotations

import importlib
import json
import os
import shlex
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.options import vgg_option
from stylecam.realtime.commands.train_progress import Reporter, say_stopping
from stylecam.realtime.commands.vgg_progress import fetch_vgg
from stylecam.realtime.common.extras import needs_extra
from stylecam.realtime.common.interrupts import Interrupts
from stylecam.realtime.common.targets import FIGURES, check_suffix, check_target
from stylecam.training.losses.table import LOSSES

if TYPE_CHECKING:
    from stylecam.training.options import TrainOptions
    from stylecam.training.train_record import TrainRecord

__all__ = ["train_command"]

_F = TypeVar("_F", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)
_RECIPE_OPTIONS = [
    click.option("--title", help="The painting's title, for the style file."),
    click.option("--artist", help="The painter."),
    click.option("--year", help='When it was painted, for example "c. 1831".'),
    click.option("--license", help="The licence of the style file."),
    click.option(
        "--network",
        type=click.Choice(["transform", "texture"]),
        help="transform: repaints photographs; texture: starts from noise, makes textures too.  [default: transform]",
    ),
    click.option(
        "--tier",
        type=click.Choice(["fast", "full"]),
        help="full: finer, four times the work of fast.  [default: fast; full with --network texture]",
    ),
    click.option("--norm", type=click.Choice(["instance", "batch"]), help="Normalization layers.  [default: instance]"),
    click.option("--steps", type=int, help="Training steps.  [default: 900; for a new network 3000]"),
    click.option("--epochs", type=int, help="Passes over the photographs, instead of --steps."),
    click.option("--batch", type=int, help="Pictures in each step.  [default: 4]"),
    click.option("--size", type=int, help="Side of the part of each crop that the VGG sees, px.  [default: 256]"),
    click.option(
        "--frame",
        type=int,
        help="Largest side of the crops of photographs, px.  [default: 2 x --size]",
    ),
    click.option(
        "--style-size", type=int, help="Shorter side of the painting, px: larger gives larger strokes.  [default: 512]"
    ),
    click.option(
        "--crop",
        type=float,
        help="Cut this share of the shorter side from each edge of the painting, against borders.  [default: 0]",
    ),
    click.option("--speckle", type=int, help="Median filter of 3 or 5 px, for dithered or grainy scans.  [default: 0]"),
    click.option(
        "--spots", type=int, help="Remove white spots and lone lines narrower than N px, such as foam.  [default: 0]"
    ),
    click.option(
        "--chroma", type=float, help="How much of the photo's colours shows through; 0: none.  [default: 0.12]"
    ),
    click.option(
        "--flatten",
        type=int,
        help="Smooth the painting: remove texture weaker than N of 255 levels, thin strokes too.  [default: 0]",
    ),
    click.option("--optimizer", type=click.Choice(["muon", "adam"]), help="Optimizer.  [default: muon]"),
    click.option("--learning-rate", type=float, help="Highest learning rate of Adam.  [default: 0.002]"),
    click.option("--clip", type=float, help="Gradient clipping: largest norm; 0: off.  [default: 10]"),
    click.option(
        "--schedule",
        type=click.Choice(["cosine", "constant", "inverse-sqrt"]),
        help="Learning rate schedule.  [default: cosine]",
    ),
    click.option("--content-layer", help="VGG-16 layer of the content loss.  [default: relu3_3]"),
    click.option(
        "--style-layers", help="VGG-16 layers of the style loss, separated by commas.  [default: relu1_2,...,relu4_3]"
    ),
    click.option(
        "--content-form",
        type=click.Choice(["relative", "mean", "detail"]),
        help="Formula of the content loss.  [default: relative]",
    ),
    click.option(
        "--style-form",
        type=click.Choice(["relative", "mean", "sum"]),
        help="Formula of the style loss.  [default: relative]",
    ),
    click.option(
        "--style-distance", type=click.Choice(["l2", "l1"]), help="Distance between Gram matrices.  [default: l2]"
    ),
    click.option(
        "--activations",
        type=click.Choice(["own", "published", "torchvision"]),
        help="Scale of the VGG features.  [default: own]",
    ),
    *(click.option(loss.flag, type=float, help=f"{loss.help}  [default: {loss.weight:g}]") for loss in LOSSES),
    click.option(
        "--stability-unit",
        type=click.Choice(["painting", "picture"]),
        help="Contrast by which flicker is divided.  [default: picture; for a new network painting]",
    ),
    click.option(
        "--grid-on",
        type=click.Choice(["photos", "smooth"]),
        help="Pictures for the grid loss; smooth adds plain ones.  [default: photos]",
    ),
    click.option("--calibrate", type=int, help="Photographs used to set the contrast at the end.  [default: 16]"),
    click.option(
        "--keep-start",
        type=float,
        help="Share of the network that it started from in the result, 0 to 1.  [default: 0]",
    ),
    click.option(
        "--palette",
        type=float,
        help="How far the colours are moved to the painting's at the end, 0 to 1.  [default: 0]",
    ),
    click.option(
        "--ramp",
        type=float,
        help="Share of the run during which the style weight rises.  [default: 0; for a new network 0.333]",
    ),
    click.option("--zoom", type=float, help="Largest size of a photo, relative to the crop.  [default: 1.25]"),
    click.option("--seed", type=int, help="Seed of all random choices.  [default: 0]"),
]
_COMPUTE_OPTIONS = [
    click.option(
        "--start-from", type=_PATH, help="Network to start from: base, none, a style or a checkpoint.  [default: base]"
    ),
    vgg_option(),
    click.option("--workers", type=int, help="Processes that read pictures.  [default: 1]"),
    click.option(
        "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), help="Processor or GPU.  [default: auto]"
    ),
    click.option(
        "--precision", type=click.Choice(["auto", "bf16", "float32"]), help="Number format of the VGG.  [default: auto]"
    ),
    click.option("--resume", is_flag=True, default=None, help="Continue a stopped run."),
    click.option("--plot", type=_PATH, help="Also plot the losses to this file: PNG, SVG or PDF."),
    click.option("--tensorboard", is_flag=True, default=None, help="Also write events for TensorBoard."),
    click.option("--checkpoint-every", type=int, help="Steps between checkpoints.  [default: 100]"),
    click.option("--preview-every", type=int, help="Steps between preview pictures.  [default: 250]"),
]


def _options(options: list[Callable[[_F], _F]]) -> Callable[[_F], _F]:
    def decorate(function: _F) -> _F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@click.command("train")
@click.argument("painting", type=_PATH)
@click.option(
    "--content",
    type=_PATH,
    help="Folder of photographs, with its subfolders. Required, except with --network texture.",
)
@click.option("--name", help="The style's name, one word. Required, unless the recipe has it.")
@click.option(
    "--recipe", metavar="FILE|johnson|matlab", help="File of settings, or a published recipe; options override it."
)
@_options(_RECIPE_OPTIONS)
@_options(_COMPUTE_OPTIONS)
@click.option("-o", "--output", type=_PATH, help="Folder of the run.  [default: runs/NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def train_command(
    painting: Path, content: Path | None, recipe: str | None, output: Path | None, as_json: bool, **given: Any
) -> int:
    """Train a style from PAINTING, a picture file, on a folder of photographs.

    It starts from a network that can paint already. With a folder of paintings it trains such a base.

    \b
    Examples:
      realtime train wave.jpg --content ~/photos --name hokusai
      realtime train wave.jpg --content ~/photos --recipe configs/scream.toml
      realtime train wave.jpg --content ~/photos --name hokusai --resume
      realtime train wave.jpg --content ~/photos --name hokusai --start-from none
      realtime train paintings/ --content ~/photos --name base
      realtime train wave.jpg --content ~/photos --name hokusai --recipe johnson
      realtime train wave.jpg --network texture --name waves

    Ctrl-C finishes the step and saves. A second Ctrl-C stops at once.
    """
    with needs_extra("train", "training needs torch"):
        from stylecam.training.options import TrainOptions
        from stylecam.training.recipes import PUBLISHED, read_recipe, with_options
        from stylecam.training.run_folder import CHECKPOINT
        from stylecam.training.starting import with_start
        from stylecam.training.train import train
    if given["tensorboard"]:
        with needs_extra("tensorboard", "--tensorboard needs TensorBoard"):
            importlib.import_module("stylecam.training.tensorboard_events")
    if content is None:
        _refuse_losses_of_photos(given)
    settings = with_options(read_recipe(recipe) if recipe else {}, given)
    if not settings.get("name"):
        raise OptionsError("the style needs a name: give --name")
    output = output or Path("runs") / str(settings["name"])
    resumed = output / CHECKPOINT if settings.get("resume") else None
    settings = with_start(settings, painting, resumed, published=recipe in PUBLISHED)
    options = TrainOptions(painting, content, output, **settings)
    _check_plot(options)
    first = os.environ.get("RANK", "0") == "0"  # of several processes that torchrun started, it tells
    interrupts = Interrupts(say_stopping)
    started = time.time_ns()
    with interrupts:
        fetch_vgg(options.vgg_weights, (painting, content), show=first)
    with Reporter() as reporter, interrupts:

        def on_record(record: TrainRecord) -> None:
            interrupts.graceful = True  # from here on there is a run worth saving
            if first:
                reporter.show(record)

        checkpoint = train(options, on_record, lambda: interrupts.asked, reporter.finishing)
    if not first:
        return 130 if interrupts.asked else 0
    if as_json:
        click.echo(json.dumps(_train_result(checkpoint, reporter.last)))
    # A run that was killed after its last step has its contrast and its figures still to come.
    idle = checkpoint.stat().st_mtime_ns < started
    return _said(checkpoint, reporter.last, idle, f"{options.name}-{options.tier}.onnx")


def _refuse_losses_of_photos(given: dict[str, Any]) -> None:
    for loss in LOSSES:
        if loss.of_photos and given[loss.setting]:
            raise OptionsError(f"{loss.flag} needs photographs: give --content")


def _check_plot(options: TrainOptions) -> None:
    if options.plot is None:
        return
    check_suffix(options.plot, *FIGURES)
    if options.plot.absolute().parent != options.output.absolute():  # which is made, if need be
        check_target(options.plot, (options.painting,), *FIGURES)


def _finished(last: TrainRecord | None) -> bool:
    """Whether a call that ended with this step, or without one, leaves a finished run."""
    return last is None or last.step == last.steps


def _said(checkpoint: Path, last: TrainRecord | None, idle: bool, style_file: str) -> int:
    """Tells what came of the call, and what to do next; returns the exit code. `idle`: it did not change the run."""
    if last is not None and not _finished(last):
        click.echo(
            f"realtime: stopped at step {last.step} of {last.steps}, saved {checkpoint}: to continue, "
            "run the same command with --resume",
            err=True,
        )
        return 130
    said = f"trained {checkpoint}"
    if last is None:
        said = f"nothing to do, {checkpoint} is already finished" if idle else f"measured and finished {checkpoint}"
    command = ["realtime", "export", str(checkpoint), "-o", style_file]
    click.echo(f"{said}\nnext: {shlex.join(command)}", err=True)
    return 0


def _train_result(checkpoint: Path, last: TrainRecord | None) -> dict[str, Any]:
    from stylecam.models.checkpoint import load_checkpoint

    training = load_checkpoint(checkpoint).training
    return {
        "checkpoint": str(checkpoint),
        "step": training.get("step"),
        "finished": _finished(last),
        "metrics": training.get("metrics"),
        "losses": {"total": last.total, **last.losses} if last else None,
        "pictures_per_second": last.pictures_per_second if last else None,
        "unreadable": len(training.get("unreadable", ())),
    }
