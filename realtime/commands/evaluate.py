"""`realtime evaluate`: how good a style is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from rich.console import Console

from stylecam.models.errors import OptionsError
from stylecam.realtime.commands.evaluate_input import (
    evaluated_styles,
    photo_files,
    published_pairs,
    read_clip,
    style_paintings,
    targets,
)
from stylecam.realtime.commands.evaluate_output import print_evaluations, with_published
from stylecam.realtime.commands.evaluate_pictures import save_curve, save_pictures
from stylecam.realtime.commands.options import device_option, steady_option, tier_option, vgg_option
from stylecam.realtime.commands.vgg_progress import fetch_vgg
from stylecam.realtime.common.extras import needs_extra

if TYPE_CHECKING:
    from stylecam.training.evaluate.evaluation import EvaluateOptions

__all__ = ["evaluate_command"]

_PATH = click.Path(path_type=Path)
_OF_GATYS = {"style_weight": "--style-weight", "gatys_photos": "--gatys-photos", "max_iterations": "--max-iterations"}


@click.command("evaluate")
@click.argument("styles", metavar="STYLE...", nargs=-1, required=True)
@click.option("--photos", help="Measure on the pictures in this folder, or on the demo scene: demo.")
@click.option(
    "--content", type=_PATH, help="Measure on the photos in this folder that `realtime train` does not learn from."
)
@click.option("--count", type=click.IntRange(1), default=16, show_default=True, help="Largest number of photos.")
@click.option("--painting", type=_PATH, help="The painting, or a folder with NAME.jpg for each style NAME.")
@vgg_option()
@click.option(
    "--clip", "clips", type=_PATH, multiple=True, help="Also measure stability on this video; may be repeated."
)
@click.option(
    "--published",
    type=(_PATH, _PATH),
    metavar="PHOTO PICTURE",
    multiple=True,
    help="Also measure this finished PICTURE of a PHOTO, to compare; may be repeated.",
)
@click.option(
    "--only",
    metavar="MEASURE,...",
    help="Measure only these: content,style,swd,sharp,stability,gatys_iterations,grid,border.  "
    "[default: all but gatys_iterations, which takes minutes]",
)
@click.option("--gatys-photos", type=int, default=4, show_default=True, help="Number of photos for gatys_iterations.")
@click.option(
    "--max-iterations", type=int, default=200, show_default=True, help="Most iterations for gatys_iterations."
)
@click.option(
    "--style-weight",
    type=float,
    default=6.0,
    show_default=True,
    help="Weight W for gatys_iterations, which minimises content + W x style.",
)
@click.option("--curve", type=_PATH, help="Plot the optimisation of gatys_iterations: PNG, SVG or PDF.")
@tier_option()
@steady_option("Also measure stability with the strokes steadied this much; 0: off.")
@device_option("Processor or GPU to use.")
@click.option("--sheet", type=_PATH, help="Save photo, painting and result side by side: PNG, SVG or PDF.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate_command(styles: tuple[str, ...], as_json: bool, **given: Any) -> int:
    """Measure how close a style is to the painting and the photo, how steady it is, and its artefacts.

    STYLE is a name or the path of a style file.

    \b
    Examples:
      realtime evaluate hokusai --content ~/photos --painting wave.jpg
      realtime evaluate hokusai ./mine-fast.onnx --photos ~/holiday --painting wave.jpg --sheet sheet.png
      realtime evaluate ./mine-fast.onnx --photos ~/holiday --only stability,grid
    """
    with needs_extra("train", "evaluating needs torch"):
        from stylecam.training.evaluate.evaluation import OF_PAINTING, evaluate
        from stylecam.training.evaluate.evaluation_data import read_photos
    from stylecam.realtime.painting.steadiness import steadied_film

    options = _options(given)
    pictures = [path for path in (given["sheet"], given["curve"]) if path]
    _check_targets(pictures, ())
    stylizers = evaluated_styles(styles, given["tier"], given["device"])
    paintings = style_paintings(given["painting"], [stylizer.style for stylizer in stylizers])
    pairs = published_pairs(given["published"], paintings)
    if given["photos"] == "demo":  # ./demo is a folder
        from stylecam.realtime.sources.demo_photos import demo_photos

        given["photos"] = click.get_current_context().with_resource(demo_photos(given["count"]))
    files = photo_files(given["photos"], given["content"])
    _check_targets(
        pictures, (*filter(None, paintings), *files, *(path for pair in given["published"] for path in pair))
    )
    photos, skipped = read_photos(files, given["count"])
    for path in skipped:
        click.echo(f"realtime: skipped: {path} cannot be decoded as a picture", err=True)
    clips = {str(path): read_clip(path) for path in given["clips"]}
    needed = paintings if options.needs_painting or pairs else [None] * len(paintings)
    if any(needed):
        fetch_vgg(given["vgg_weights"])
    with _progress() as say:
        found = targets(needed, given["vgg_weights"], given["device"], say)
        results = []
        for stylizer, target in zip(stylizers, found, strict=True):
            steadied = partial(steadied_film, stylizer, given["steady"]) if given["steady"] > 0 else None
            told = _named(stylizer.style.name, say)
            results.append(evaluate(stylizer, photos, target, options, clips, told, steadied))
        published = with_published(stylizers, found[0], pairs, say)
    if options.needs_painting and given["painting"] is None:
        missing = ", ".join(name for name in OF_PAINTING if name in options.only)
        click.echo(f"realtime: not measured without --painting: {missing}", err=True)
    named = [(stylizer.style, result) for stylizer, result in zip(stylizers, results, strict=True)]
    print_evaluations(named, published, as_json)  # first: the figures took longer than the pictures
    if given["sheet"]:
        save_pictures(given["sheet"], photos, stylizers, paintings, pairs)
    if given["curve"]:
        save_curve(given["curve"], named)
    return 0


def _options(given: dict[str, Any]) -> EvaluateOptions:
    """What is to be measured. Raises `OptionsError` for options that do not go together."""
    from stylecam.training.evaluate.evaluation import EvaluateOptions

    only: dict[str, Any] = (
        {} if given["only"] is None else {"only": frozenset(name.strip() for name in given["only"].split(","))}
    )
    of_gatys = {name: given[name] for name in _OF_GATYS}
    options = EvaluateOptions(**only, **of_gatys, curve=bool(given["curve"]))
    if options.needs_painting and given["painting"] is None and given["only"]:
        raise OptionsError(f"--only {given['only']} needs a painting: give --painting")
    if "gatys_iterations" not in options.only:
        source = click.get_current_context().get_parameter_source
        idle = [flag for name, flag in _OF_GATYS.items() if source(name) is ParameterSource.COMMANDLINE]
        if idle := idle + ["--curve"] * bool(given["curve"]):
            raise OptionsError(
                f"{idle[0]} is only for gatys_iterations: add gatys_iterations to --only, or leave {idle[0]} out"
            )
    if given["clips"] and "stability" not in options.only:
        raise OptionsError("--clip is only for stability: add stability to --only, or leave --clip out")
    told = click.get_current_context().get_parameter_source("steady") is ParameterSource.COMMANDLINE
    if told and "stability" not in options.only:
        raise OptionsError("--steady is only for stability: add stability to --only, or leave --steady out")
    return options


def _check_targets(pictures: list[Path], originals: tuple[Path, ...]) -> None:
    """Raises for pictures to save that are one file, are an original, or could not be written."""
    from stylecam.realtime.common.targets import FIGURES, check_target

    for path in pictures:
        check_target(path, originals, *FIGURES)
        if [other.absolute() for other in pictures].count(path.absolute()) > 1:
            raise OptionsError(f"{path} is given for two pictures: give each its own name")


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What takes a few words of progress: a live line in a terminal, else plain lines on stderr."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what: click.echo(what, err=True)
        return
    with console.status("starting") as status:
        yield status.update


def _named(name: str, say: Callable[[str], None]) -> Callable[[str], None]:
    return lambda what: say(f"{name}: {what}")
