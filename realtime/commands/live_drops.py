"""What the live command does with files that are dropped on its window."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from stylecam.models.errors import StylecamError
from stylecam.realtime.commands.saying import notify
from stylecam.realtime.live.drops import Drops
from stylecam.realtime.live.lesson import Lesson
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.sources.replaceable_source import ReplaceableSource
from stylecam.realtime.video.frame import FrameSource

__all__ = ["live_drops"]

SECONDS = 60.0  # for which a dropped painting is learnt, unless it is told to go on


def live_drops(
    source: ReplaceableSource,
    opened: Callable[[str], AbstractContextManager[FrameSource]],
    styles: LoadedStyles,
    device: str,
) -> Drops:
    """`opened` makes the source of a path; what is learnt is painted on `device`."""
    return Drops(
        lambda path: source.ask(lambda: opened(str(path))),
        source.ask_first,
        source.arrived,
        _add_style,
        lambda path: _prepare(path, styles, device),
    )


def _add_style(path: Path) -> str:
    from stylecam.models.catalog import Style, user_folder
    from stylecam.realtime.painting.user_styles import add_style

    style = Style.read(path)
    add_style(style, user_folder())
    return style.name


def _prepare(path: Path, styles: LoadedStyles, device: str) -> tuple[Lesson, Stylizer]:
    """A lesson whose style is kept while the session goes on."""
    from stylecam.realtime.commands.learn_style import check_learning, keep_style, learn_task

    check_learning()
    from stylecam.models.catalog import Style, StyleCatalog, base_style
    from stylecam.realtime.commands.learn_input import TIER, check_place, read_painting, style_name
    from stylecam.realtime.commands.learn_teacher import ProcessTeacher
    from stylecam.training.vgg_store import kept_path

    if not kept_path().is_file():
        raise StylecamError(f"learning needs VGG-16's weights: run `realtime learn {path.name}` once, to download them")
    picture = read_painting(path, notify)
    name = style_name(None, path, False, {*StyleCatalog().names, *styles.names})
    check_place(name, overwrite=False)
    start = base_style(TIER).with_metadata(name=name, title=path.stem)
    stylizer = Stylizer(start, device)
    teacher = ProcessTeacher(learn_task(name, picture, SECONDS, path.stem))

    def load(data: bytes) -> Stylizer:
        return Stylizer(Style.from_bytes(Path(name), data), device)

    def keep() -> tuple[str, Stylizer]:
        data, said = teacher.finish()
        report = keep_style(Style.from_bytes(Path(name), data), overwrite=False)
        sentence = f"kept {name}: {report['path']}"
        return sentence if said is None else f"{sentence} ({said})", load(data)

    teacher.__enter__()
    return Lesson(teacher, load, picture, SECONDS, keep, lambda: teacher.__exit__(None, None, None)), stylizer
