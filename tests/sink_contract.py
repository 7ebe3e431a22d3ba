"""What every `FrameSink` must do, whatever it does with its frames: one suite for all of them.

Run as a program it tries the window, which needs a display, drawn by the canvas that is named, and prints the name of
each check that it passes.
"""

import contextlib
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylecam.models.errors import StylecamError

HEIGHT, WIDTH = 48, 64
WRONG = [((HEIGHT, WIDTH, 3), np.float32), ((HEIGHT, WIDTH), np.uint8), ((HEIGHT, WIDTH, 4), np.uint8)]


@dataclass(frozen=True)
class Case:
    """`make()` gives a new sink, and from `lose(sink)` on it can take no more frames."""

    make: Callable[[], Any]
    lose: Callable[[Any], None]


def _picture(level=90):
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)


def takes_frames_and_that_there_is_none_now(case):
    with case.make() as sink:
        sink.show(None)
        for n in range(5):
            sink.show(_picture(n), Fraction(n, 25))
            sink.show(None, Fraction(n, 25))
        assert sink.lost is None


def takes_the_times_of_a_camera(case):
    with case.make() as sink:
        for seconds in (0.0, 0.031, 0.07):
            sink.show(_picture(), seconds)
        assert sink.lost is None


def leaves_pictures_as_they_are(case):
    picture = _picture()
    with case.make() as sink:
        sink.show(picture, 0)
    assert (picture == _picture()).all()


def refuses_other_types_and_shapes_and_goes_on(case):
    with case.make() as sink:
        sink.show(_picture(), 0)
        for shape, dtype in WRONG:
            with pytest.raises(ValueError, match="takes") as refused:
                sink.show(np.zeros(shape, dtype), 1)
            assert "uint8 [H, W, 3]" in str(refused.value)
            assert f"{np.dtype(dtype)} {list(shape)}" in str(refused.value)
        assert sink.lost is None
        sink.show(_picture(), 2)


def closes_twice_and_shows_no_more(case):
    sink = case.make()
    sink.show(_picture(), 0)
    sink.close()
    sink.close()
    with pytest.raises(ValueError, match="closed"):
        sink.show(_picture(), 1)


def is_closed_by_leaving(case):
    with case.make() as sink:
        sink.show(_picture(), 0)
    with pytest.raises(ValueError, match="closed"):
        sink.show(_picture(), 1)


def is_closed_by_an_error(case):
    sink = case.make()

    def fail():
        with sink:
            sink.show(_picture(), 0)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with pytest.raises(ValueError, match="closed"):
        sink.show(_picture(), 1)


def says_once_and_in_one_sentence_that_it_is_lost(case):
    sink = case.make()
    assert sink.lost is None
    case.lose(sink)
    sink.show(_picture(), 0)
    sink.show(_picture(), 1)
    with contextlib.suppress(StylecamError):
        sink.close()
    assert len(sink.lost.split()) > 2
    assert sink.lost == sink.lost.strip().rstrip(".")
    assert "\n" not in sink.lost
    sink.close()


def names_the_files_it_wrote_once_they_are_there(case):
    with case.make() as sink:
        sink.show(_picture(), 0)
        assert list(sink.saved) == []
    assert all(Path(path).stat().st_size for path in sink.saved)
    lost = case.make()
    case.lose(lost)
    lost.show(_picture(), 0)
    with contextlib.suppress(StylecamError):
        lost.close()
    assert list(lost.saved) == []


CHECKS = [
    takes_frames_and_that_there_is_none_now,
    takes_the_times_of_a_camera,
    leaves_pictures_as_they_are,
    refuses_other_types_and_shapes_and_goes_on,
    closes_twice_and_shows_no_more,
    is_closed_by_leaving,
    is_closed_by_an_error,
    says_once_and_in_one_sentence_that_it_is_lost,
    names_the_files_it_wrote_once_they_are_there,
]


def _try_the_window(canvas):
    from stylecam.realtime.live.canvas import CanvasError
    from stylecam.realtime.live.renderer_canvas import RendererCanvas
    from stylecam.realtime.live.surface_canvas import SurfaceCanvas
    from stylecam.realtime.live.window import WindowSink

    canvases = {"surface": SurfaceCanvas, "renderer": partial(RendererCanvas, in_software=True)}

    def lose(window):
        def gone(*_):
            raise CanvasError("the display is gone")

        window._canvas.draw = gone

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "window.json"
        for check in CHECKS:
            make = partial(WindowSink, "stylecam", (WIDTH, HEIGHT), place=place, canvas=canvases[canvas])
            check(Case(make, lose))
            print(check.__name__, flush=True)  # noqa: T201 (read by the test that started this)


if __name__ == "__main__":
    _try_the_window(sys.argv[1])
