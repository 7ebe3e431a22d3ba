"""What a live session needs without a camera and a display: a source, a window, and how to run them."""

import time
from fractions import Fraction

import numpy as np

from stylecam.realtime.live.frame_sink import View, check_picture
from stylecam.realtime.live.hotkeys import Key, parse_keys
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.video.frame import EndOfSource, Frame
from stylecam.realtime.video.libraries import cv2

HEIGHT, WIDTH = 40, 56
VIEW = View((640, 480), 15)


class ScriptedSource:
    """Frames from a list; None stands for a camera that gives none. Frame n is grey level n + 10, due at n / fps."""

    name, size = "scripted", (WIDTH, HEIGHT)
    notes, damaged, mirrors, sound = (), None, False, None

    def __init__(self, script, live=False, problem=None, fps=Fraction(25)):
        self.script, self.live, self.problem = list(script), live, problem
        self.captured = self.dropped = 0
        self.fps, self.time_base = fps, None if live else 1 / fps

    @property
    def still(self):
        return self.captured == 1 and not self.script

    def read(self, timeout):
        if not self.script:
            raise EndOfSource
        item = self.script.pop(0)
        if isinstance(item, BaseException):
            raise item
        if item is None:
            return None
        self.captured += 1
        image = np.full((HEIGHT, WIDTH, 3), item + 10, np.uint8)
        return Frame(image, item, time.monotonic(), None if self.live else item / self.fps)


class FakeWindow:
    """A `Controller` that keeps what is shown, and the panels; `pressed` maps the number of pictures to keys."""

    lost, saved, visible = None, (), True

    def __init__(self, pressed=None, view=VIEW):
        self.pressed, self.pictures, self.closed, self.full = dict(pressed or {}), [], False, False
        self.over, self.ended, self.view, self.panels, self.files, self.clicks = (
            lambda view: (),
            False,
            view,
            [],
            [],
            [],
        )
        self.fill = False
        self._last = np.zeros((HEIGHT, WIDTH, 3), np.uint8)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self.ended = True

    def show(self, picture, seconds=0):
        if self.ended:
            raise ValueError("the window is closed")
        if picture is not None:
            check_picture(picture, "a window")
            self._last = picture
        if self.lost is None:
            self.pictures.append(self._last.copy())
            self.panels.append(list(self.over(self.view)))

    def keys(self, wait_ms=0):
        pressed = self.pressed.pop(len(self.pictures), [])
        return [key if isinstance(key, Key) else Key(key) for key in pressed]

    def dropped(self):
        files, self.files = self.files, []
        return files

    def clicked(self):
        clicks, self.clicks = self.clicks, []
        return clicks

    @property
    def fullscreen(self):
        return self.full

    def toggle_fullscreen(self):
        self.full = not self.full


def last(tmp_path):
    return cv2.imread(str(tmp_path / "last.png"))[HEIGHT // 2, WIDTH - 5, 0]


def run(styles, tmp_path, count, keys="", window=None, notify=lambda s: None, **options):
    settings = LiveOptions(keys=parse_keys(keys), snapshot=tmp_path / "last.png", folder=tmp_path, **options)
    return run_live(ScriptedSource(range(count)), styles, [] if window is None else [window], settings, notify)
