"""`realtime optimize`: one picture painted by changing its pixels, the methods before the fast networks."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.optimize_output import TERMS, Outputs
from stylecam.realtime.commands.optimize_progress import OptimizeReporter
from stylecam.realtime.commands.options import vgg_option
from stylecam.realtime.commands.vgg_progress import fetch_vgg
from stylecam.realtime.common.extras import needs_extra
from stylecam.realtime.common.interrupts import Interrupts

if TYPE_CHECKING:
    from stylecam.training.optimize.optimize import OptimizeOptions, OptimizeRecord
    from stylecam.training.optimize.sweep import Sweep

__all__ = ["optimize_command"]

CELL_LETTERS = 40  # of a label that have room below a picture of a sheet
_F = TypeVar("_F", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)
# The parts of a method; their text goes to `method_of` as it is, which checks it.
_PARTS = {
    "content_layers": (
        "--content-layer",
        "LAYER[:WEIGHT],...",
        "Layers that compare with the photo, for example relu4_2.",
    ),
    "style_layers": (
        "--style-layers",
        "LAYER[:WEIGHT],...|all",
        "Layers that compare with the painting, for example relu1_1:0.5,relu2_1.",
    ),
    "pooling": ("--pooling", "max|avg", "Pooling of the VGG."),
    "activations": (
        "--activations",
        "published|unit|own",
        "Scale of the features: as in Caffe's VGG, 1, or unchanged.",
    ),
    "gram_shift": ("--gram-shift", "NUMBER", "Number added to the features before the Gram matrices."),
    "chain": ("--chain", "yes|no", "Correlate each style layer with the next one."),
    "style_distance": ("--style-distance", "l2|l1", "Distance between Gram matrices."),
    "content_form": ("--content-form", "gatys|cs20|keras", "Formula of the content loss."),
    "style_form": ("--style-form", "gatys|keras", "Formula of the style loss."),
    "content_weight": ("--content-weight", "NUMBER", "How much of the photo stays."),
    "style_weight": ("--style-weight", "NUMBER", "How strong the painting is."),
    "tv_weight": ("--tv-weight", "NUMBER", "Smoothness (total variation)."),
    "init": ("--init", "noise|content|noisy-content|painting", "Picture to start from."),
    "optimizer": ("--optimizer", "lbfgs|adam", "Optimizer."),
    "learning_rate": ("--learning-rate", "NUMBER", "Learning rate of Adam, for pixels of 0..1."),
    "iterations": ("--iterations", "NUMBER", "Number of iterations."),
    "vgg": ("--vgg", "16|19", "Which VGG: 16 or 19 layers."),
    "preprocessing": (
        "--preprocessing",
        "imagenet|caffe",
        "Input that the VGG's weights expect: torchvision's or Caffe's.",
    ),
}


def _parts(function: _F) -> _F:
    for name, (flag, metavar, text) in reversed(_PARTS.items()):
        function = click.option(flag, name, metavar=metavar, help=f"{text}  [default: the method's]")(function)
    return function


@click.command("optimize")
@click.argument("content")
@click.argument("painting", type=_PATH, required=False)
@click.option(
    "-o", "--output", type=_PATH, required=True, help="Picture to save: PNG, JPEG or WebP; for a sheet PNG, SVG or PDF."
)
@click.option("--method", default="gatys", show_default=True, help="Preset: gatys, cs20, keras, improved or novak.")
@_parts
@click.option("--size", type=int, default=384, show_default=True, help="Short side of the picture, px.")
@click.option("--style-size", type=int, help="Short side of the painting, px.  [default: as --size, at least 64]")
@click.option(
    "--crop", type=float, default=0.0, help="Cut this share of the shorter side from each edge of the painting."
)
@vgg_option("VGG", "553 or 575 MB")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Processor or GPU to use.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the noise.")
@click.option(
    "--save-every", type=click.IntRange(1), help="Also save a picture every N iterations: OUT-000010.png and so on."
)
@click.option("--plot", type=_PATH, help="Plot the weighted losses: PNG, SVG or PDF.")
@click.option("--csv", type=_PATH, help="Save the weighted losses of every iteration as CSV.")
@click.option("--video", "--gif", "video", type=_PATH, help="Save the progress as MP4 or GIF.")
@click.option(
    "--sweep",
    multiple=True,
    metavar="KEY=A,B,...",
    help="Paint once for each value and save one sheet; give it twice for a grid.",
)
@click.option(
    "--change", multiple=True, metavar="KEY=VALUE ...", help="Add one change after the other and save one sheet."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def optimize_command(
    content: str,
    painting: Path | None,
    output: Path,
    method: str,
    sweep: tuple[str, ...],
    change: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> int:
    """Paint CONTENT in the style of PAINTING by optimising its pixels. Slow, but needs no training.

    CONTENT is a picture file, or `demo` for the built-in scene. --style-weight 0 rebuilds the content alone, without
    PAINTING. --content-weight 0 rebuilds the style alone, in the size of CONTENT.

    \b
    Examples:
      realtime optimize photo.jpg wave.jpg -o painted.png
      realtime optimize photo.jpg wave.jpg -o painted.png --method novak --video progress.mp4 --plot loss.png
      realtime optimize photo.jpg wave.jpg -o sheet.png --sweep style-weight=1e3,1e5 --sweep init=noise,content
      realtime optimize photo.jpg -o sheet.pdf --style-weight 0 --sweep content-layer=relu1_2,relu3_2,relu5_2

    --sweep and --change take any of the method's options, and `method`. In --sweep, use semicolons to separate values
    that contain commas.
    Ctrl-C finishes the iteration and saves. A second Ctrl-C stops at once.
    """
    with needs_extra("train", "optimising needs torch"):
        from stylecam.training.optimize.methods import method_of
        from stylecam.training.optimize.optimize import OptimizeOptions
        from stylecam.training.optimize.sweep import parse_changes, parse_sweep
    if sweep and change:
        raise OptionsError("--sweep and --change make different sheets: give only one")
    grid = parse_changes(change) if change else parse_sweep(sweep)
    photo = Path(content)
    if content == "demo":  # ./demo is a file
        from stylecam.realtime.sources.demo_photos import demo_photos

        photo = click.get_current_context().with_resource(demo_photos()) / "demo-000.png"
    parts = {name: given.pop(name) for name in _PARTS}
    outputs = Outputs(output, bool(sweep or change), *(given.pop(n) for n in ("save_every", "plot", "video", "csv")))
    for original in filter(None, (photo, painting)):
        if outputs.may_replace(original):
            raise OptionsError(f"{original} is an input and would be overwritten: give another name")
    runs = []  # made before the first one runs: a mistake is found now and not after an hour
    for cell in grid.cells:
        settings = {**parts, **cell}
        preset = str(settings.pop("method", method))
        runs.append((preset, OptimizeOptions(photo, painting, method_of(preset, settings), **given)))
    interrupts = Interrupts(_say_stopping)
    with interrupts:
        for depth in sorted({options.method.vgg for _, options in runs}):
            fetch_vgg(given["vgg_weights"], (photo, painting), depth)
        results = _sweep(runs, grid, output, interrupts) if outputs.sheet else [_single(*runs[0], outputs, interrupts)]
    if as_json:
        click.echo(json.dumps({"output": str(output), "runs": results}))
    if interrupts.asked:
        click.echo(f"realtime: stopped, saved {output} as it is so far", err=True)
        return 130
    click.echo(f"painted {output}", err=True)
    return 0


def _single(preset: str, options: OptimizeOptions, outputs: Outputs, interrupts: Interrupts) -> dict[str, Any]:
    with outputs.open(_title([(preset, options)]), options.method):
        for record in _records(options, "", interrupts):
            outputs.add(record)
    return _result(preset, options, outputs.records[0], outputs.records[-1])


def _sweep(
    runs: Sequence[tuple[str, OptimizeOptions]], grid: Sweep, output: Path, interrupts: Interrupts
) -> list[dict[str, Any]]:
    from stylecam.realtime.pictures.contact_sheet import Cell, Sheet
    from stylecam.realtime.pictures.sheet_file import save_sheet
    from stylecam.training.tensors import to_picture

    cells, results = [], []
    for number, (preset, options) in enumerate(runs):
        first = last = None
        for last in _records(options, grid.labels[number], interrupts):
            first = first or last
        if first is None or last is None:
            break
        lines = [*_wrapped(grid.labels[number]), f"objective {last.objective:.3g} after {last.iteration} iterations"]
        cells.append(Cell(to_picture(last.picture)[..., ::-1], lines))
        results.append({"cell": grid.cells[number], **_result(preset, options, first, last)})
        # After each: an interrupted sweep leaves what it has.
        save_sheet(output, Sheet(cells, grid.columns, _title(runs)))
        if interrupts.asked:
            break
    return results


def _wrapped(label: str) -> list[str]:
    """A setting on a line, or on several where it names many layers."""
    return [line for setting in label.split(", ") for line in textwrap.wrap(setting.replace(",", ", "), CELL_LETTERS)]


def _title(runs: Sequence[tuple[str, OptimizeOptions]]) -> str:
    """What a plot or a sheet of these runs shows."""
    content, painting = runs[0][1].content.name, runs[0][1].painting
    methods = [options.method for _, options in runs]
    shown = f"{content} painted as {painting.name if painting else ''}"
    if not any(method.style_weight for method in methods):
        shown = f"the content of {content}"
    elif painting and not any(method.content_weight for method in methods):
        shown = f"the style of {painting.name}"
    return f"{shown}, method {', '.join(dict.fromkeys(preset for preset, _ in runs))}"


def _records(options: OptimizeOptions, label: str, interrupts: Interrupts) -> Iterator[OptimizeRecord]:
    """One run, until it is finished or the user asked to stop."""
    from stylecam.training.optimize.optimize import optimize_files

    with OptimizeReporter(label) as reporter:
        for record in optimize_files(options):
            reporter.show(record)
            yield record
            interrupts.graceful = True  # from here on there is a picture worth saving
            if interrupts.asked:
                return


def _result(preset: str, options: OptimizeOptions, first: OptimizeRecord, last: OptimizeRecord) -> dict[str, Any]:
    parts = ("objective", *TERMS)
    return {
        "method": preset,
        "settings": dataclasses.asdict(options.method),
        "seed": options.seed,
        "iterations": last.iteration,
        "start": {name: getattr(first, name) for name in parts},
        "end": {name: getattr(last, name) for name in parts},
    }


def _say_stopping() -> None:
    click.echo("\nrealtime: finishing this iteration and saving; Ctrl-C again stops at once", err=True)
