"""`realtime evaluate`: how good a style is."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from stylecam.models.errors import OptionsError, PictureError, StylecamError
from stylecam.realtime.commands_evaluate_output import print_evaluations, save_curve, save_sheets
from stylecam.realtime.extras import needs_extra

if TYPE_CHECKING:
    import numpy as np

    from stylecam.models.catalog import Style
    from stylecam.realtime.stylizer import Stylizer
    from stylecam.training.perceptual import PerceptualLoss

__all__ = ["evaluate_command"]

_PATH = click.Path(path_type=Path)
CLIP_FRAMES, CLIP_SIDE = 60, 288  # the frames measured, and the short side in px to which they are brought


@click.command("evaluate")
@click.argument("styles", metavar="STYLE...", nargs=-1, required=True)
@click.option("--photos", help="Measure on the pictures of this folder, or on `demo`.")
@click.option("--content", type=_PATH, help="Measure on what `realtime train` held out of this folder.")
@click.option("--count", type=click.IntRange(1), default=16, show_default=True, help="Photos at most.")
@click.option("--painting", type=_PATH, help="The painting, or a folder of them: NAME.jpg for the style NAME.")
@click.option("--style-size", type=int, help="Painting's short side, px.  [default: the style's own, else 512]")
@click.option("--crop", type=float, help="Cut from the painting's edges.  [default: the style's own, else 0]")
@click.option("--speckle", type=int, help="Median filter on the painting.  [default: the style's own, else 0]")
@click.option("--flatten", type=int, help="Make colours within so many levels one.  [default: the style's own, else 0]")
@click.option("--style-weight", type=float, default=6.0, show_default=True, help="In content + weight x style.")
@click.option("--vgg-weights", type=_PATH, help="VGG-16 in torchvision's layout.  [default: download, 528 MB]")
@click.option("--clip", "clips", type=_PATH, multiple=True, help="Measure stability on this video; may be repeated.")
@click.option("--gatys-photos", type=int, default=4, show_default=True, help="Photos to optimise; 0: leave it out.")
@click.option("--no-gatys", is_flag=True, help="The same as --gatys-photos 0: the optimisation takes minutes.")
@click.option("--max-iterations", type=int, default=200, show_default=True, help="Of the optimisation.")
@click.option("--only", metavar="MEASURE,...", help="Measure only these: stability,grid,border need no painting.")
@click.option("--tier", type=click.Choice(["fast", "full"]), default="fast", show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "tensorrt", "coreml", "directml"]), default="auto")
@click.option("--sheet", type=_PATH, help="Save the photos beside their stylizations as this PNG.")
@click.option("--contrast-sheet", type=_PATH, help="Save the first photo at four contrasts in each style.")
@click.option("--curve", type=_PATH, help="Draw the optimisation from noise, to its end, as this PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate_command(styles: tuple[str, ...], as_json: bool, **given: Any) -> int:
    """Measure styles: their likeness to the painting and the photo, their steadiness, their artefacts.

    STYLE is a name or the path of any style file.

    \b
    Examples:
      realtime evaluate hokusai --content ~/photos --painting wave.jpg
      realtime evaluate hokusai ./mine-fast.onnx --photos ~/holiday --no-gatys --sheet sheet.png
      realtime evaluate ./mine-fast.onnx --photos ~/holiday --only stability,grid
    """
    from stylecam.realtime.targets import check_target

    with needs_extra("train", "evaluating needs torch"):
        from stylecam.training.evaluate import DISTANCES, EvaluateOptions, evaluate
        from stylecam.training.evaluation_data import read_photos
    gatys_photos = 0 if given["no_gatys"] else given["gatys_photos"]
    limit, curve = given["max_iterations"], given["curve"]
    options = EvaluateOptions(given["style_weight"], gatys_photos, limit, bool(curve), **_only(given["only"]))
    if options.needs_painting and given["painting"] is None and given["only"]:
        raise OptionsError(f"--only {given['only']} needs the painting: give it with --painting")
    if given["only"] and "gatys_iterations" in options.only and not options.gatys_photos:
        raise OptionsError("--only asks for gatys_iterations, which --no-gatys or --gatys-photos 0 leaves out")
    if curve and not (options.gatys_photos and "gatys_iterations" in options.only and given["painting"]):
        raise OptionsError("--curve draws the gatys_iterations: it needs --painting, and not --no-gatys")
    if given["clips"] and "stability" not in options.only:
        raise OptionsError("--clip is for the stability: add it to --only, or leave the clip out")
    sheets = [path.absolute() for path in (given["sheet"], given["contrast_sheet"], curve) if path]
    for path in sheets:
        check_target(path, (), ".png")
        if sheets.count(path) > 1:
            raise OptionsError(f"{path} is to be two pictures: give each a name of its own")
    stylizers = _load(styles, given["tier"], given["device"])
    painting = given["painting"] if options.needs_painting else None
    paintings = [_painting(painting, stylizer.style) for stylizer in stylizers]
    if given["photos"] == "demo":  # ./demo is a folder
        from stylecam.realtime.demo_photos import demo_photos

        given["photos"] = click.get_current_context().with_resource(demo_photos(given["count"]))
    files = _photo_files(given["photos"], given["content"])
    for path in sheets:
        check_target(path, (*paintings, *files), ".png")
    photos, skipped = read_photos(files, given["count"])
    for path in skipped:
        click.echo(f"realtime: skipped: {path} is no picture that can be decoded", err=True)
    clips = {str(path): _frames(path) for path in given["clips"]}
    with _progress() as say:
        losses = _losses(stylizers, paintings, given, say)
        results = []
        for stylizer, loss in zip(stylizers, losses, strict=True):
            progress = _named(stylizer.style.name, say)
            results.append(evaluate(stylizer, photos, loss, options, clips, progress))
    if options.needs_painting and painting is None:
        missing = ", ".join(name for name in DISTANCES if name in options.only)
        click.echo(f"realtime: without --painting there is no {missing}", err=True)
    named = [(stylizer.style, result) for stylizer, result in zip(stylizers, results, strict=True)]
    print_evaluations(named, options.style_weight, as_json)  # first: the figures took longer than the pictures
    save_sheets(given["sheet"], given["contrast_sheet"], photos, stylizers)
    if curve:
        save_curve(curve, named)
    return 0


def _only(names: str | None) -> dict[str, frozenset[str]]:
    """What `--only` sets, nothing without it."""
    return {} if names is None else {"only": frozenset(name.strip() for name in names.split(","))}


def _load(names: Sequence[str], tier: str, device: str) -> list[Stylizer]:
    from stylecam.models.catalog import StyleCatalog
    from stylecam.realtime.stylizer import Stylizer, another_tier, without_tier

    catalog = StyleCatalog()
    stylizers = [Stylizer.load(name, tier, device, catalog) for name in names]
    found = [stylizer.style for stylizer in stylizers]
    if lacking := without_tier(tier, zip(names, found, strict=True)):
        click.echo(f"realtime: {another_tier(tier, lacking)}", err=True)
    return stylizers


def _photo_files(photos: str | Path | None, content: Path | None) -> list[Path]:
    from stylecam.training.data import find_pictures, split

    if (photos is None) == (content is None):
        raise OptionsError("give the photos either with --photos DIR or with --content DIR")
    return find_pictures(Path(photos)) if photos else split(find_pictures(content))[1] if content else []


def _painting(given: Path | None, style: Style) -> Path | None:
    """The picture a style was made from. A missing one is found out before anything is measured."""
    if given is None:
        return None
    path = given / f"{style.name}.jpg" if given.is_dir() else given
    if not path.is_file():
        raise PictureError(f"there is no painting {path}: give a picture, or a folder that holds {style.name}.jpg")
    return path


def _losses(
    stylizers: Sequence[Stylizer],
    paintings: Sequence[Path | None],
    given: Mapping[str, Any],
    say: Callable[[str], None],
) -> list[PerceptualLoss | None]:
    from stylecam.training.evaluation_data import load_vgg, perceptual_loss
    from stylecam.training.painting import PREPARATION

    if not any(paintings):
        return [None for _ in paintings]
    say("loading the VGG")
    vgg = load_vgg(given["vgg_weights"], given["device"])
    found: list[PerceptualLoss | None] = []
    for stylizer, path in zip(stylizers, paintings, strict=True):
        recipe = stylizer.style.record("training")
        preparation = {
            key: type(usual)(given[key] if given[key] is not None else _number(recipe, key, usual))
            for key, usual in PREPARATION.items()
        }
        found.append(perceptual_loss(vgg, path, **preparation) if path else None)
    return found


def _number(recipe: Mapping[str, Any], key: str, default: float) -> float:
    value = recipe.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise OptionsError(f"the style file says {key} {value!r}: give it with --{key.replace('_', '-')}")
    return value


def _frames(path: Path) -> list[np.ndarray]:
    """The first frames of a clip, `[H, W, 3]` uint8 BGR. Raises `SourceError`."""
    from stylecam.realtime.frame import EndOfSource
    from stylecam.realtime.video_file import FileSource
    from stylecam.training.evaluation_data import at_most

    frames: list[np.ndarray] = []
    with FileSource(path) as source, contextlib.suppress(EndOfSource):
        while len(frames) < CLIP_FRAMES:
            frame = source.read(1)
            if frame is not None:
                frames.append(at_most(frame.image, CLIP_SIDE))
    if source.damaged:
        click.echo(f"realtime: {source.damaged}", err=True)
    if len(frames) < 2:
        raise StylecamError(f"the clip {path} has {len(frames)} frame: stability is measured on two and more")
    return frames


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
