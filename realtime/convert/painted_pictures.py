"""A film's pictures, painted in every style: several at once, steadied in order where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from stylecam.realtime.convert.steady_film import SteadyFilm
from stylecam.realtime.convert.video_reader import TimedPicture
from stylecam.realtime.painting.motion import Motion, motion_between, shrunk
from stylecam.realtime.painting.repainter import Repainter

__all__ = ["Painted", "painted_pictures"]

Painted = tuple[TimedPicture, list[np.ndarray]]
_Task = tuple[TimedPicture, np.ndarray | None, np.ndarray | None]  # a picture; small, the one before it and itself
_Work = tuple[TimedPicture, list[np.ndarray], Motion | None]


def painted_pictures(
    repainter: Repainter,
    pictures: Iterable[TimedPicture],
    in_order: Callable[[Callable[[_Task], _Work], Iterator[_Task]], Iterator[_Work]] = map,
) -> Iterator[Painted]:
    """Each picture that does not only lead, and it in every style; `in_order` is `map`, or does it for several at once.

    Pictures that lead are painted, so that the first one after them is as steady as in the middle of a film.
    """
    amount = repainter.look.steadied
    film = SteadyFilm(len(repainter.stylizers), amount)

    def work(task: _Task) -> _Work:
        picture, before, now = task
        if not amount:
            return picture, repainter(picture.image), None
        painted = repainter.brushwork(picture.image)
        motion = None if before is None or now is None else motion_between(before, now)
        if motion is not None:
            motion.prepare(*painted[0].shape[:2])
        return picture, painted, motion

    for picture, painted, motion in in_order(work, _with_the_one_before(pictures, bool(amount))):
        if picture.leads:
            film.lead(painted, motion)
            continue
        if amount:
            with repainter.enough_memory(picture.image):
                steadied = film.next(painted, motion)
            painted = [repainter.finished(picture.image, image) for image in steadied]
        yield picture, painted


def _with_the_one_before(pictures: Iterable[TimedPicture], small: bool) -> Iterator[_Task]:
    before = None
    for picture in pictures:
        now = shrunk(picture.image) if small else None
        yield picture, before, now
        before = now
