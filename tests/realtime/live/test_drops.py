"""Files dropped on the window, and a window that nobody sees."""

from contextlib import contextmanager

import pytest

from stylecam.models.errors import SourceError, StyleError
from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.drops import Drops
from stylecam.realtime.live.hotkeys import parse_keys
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.sources.replaceable_source import ReplaceableSource

from ...live_session import FakeWindow, ScriptedSource


class Opened:
    """Opens scripted sources, and knows which are open."""

    def __init__(self):
        self.open, self.closed = [], []

    @contextmanager
    def __call__(self, source):
        self.open.append(source)
        try:
            yield source
        finally:
            self.open.remove(source)
            self.closed.append(source)


def _session(styles, first, dropped, at, play=None, add_style=None, **options):
    """Runs a session on whose window `dropped` files fall when `at` pictures were shown."""
    opened, said, window = Opened(), [], FakeWindow()

    def keys(wait_ms=0):
        if len(window.pictures) == at and dropped:
            window.files, dropped[:] = list(dropped), []
        return []

    window.keys = keys
    with ReplaceableSource(opened(first)) as source:
        drops = Drops(lambda path: source.replace(play(path, opened)), add_style)
        settings = LiveOptions(**options)
        queue = ControlQueue({"style": styles.names})
        report = run_live(source, styles, [window], settings, said.append, controls=queue, drops=drops)
    assert opened.open == []
    return window, report, said, opened


def test_a_film_takes_the_place_of_the_camera(styles, tmp_path):
    camera, film = ScriptedSource(range(100), live=True), ScriptedSource(range(50, 57))
    window, report, said, opened = _session(
        styles, camera, [tmp_path / "film.mp4"], 5, lambda path, opened: opened(film), frames=16
    )
    assert opened.closed[0] is camera
    levels = [int(picture[0, 0, 0]) for picture in window.pictures]
    began = levels.index(255 - 60)
    assert 5 <= began <= 7
    assert levels[began : began + 7] == [255 - 60 - n for n in range(7)]
    assert set(levels[began + 7 :]) == {255 - 66}  # its last picture stays
    assert report["frames_captured"] == camera.captured + 7
    assert report["frames_shown"] == len(window.pictures) == 16
    assert said == []


def test_a_recording_is_finished_before_another_source_plays(styles, tmp_path):
    film = ScriptedSource(range(5))
    _, report, said, _ = _session(
        styles, ScriptedSource(range(100)), [tmp_path / "film.mp4"], 8, lambda path, opened: opened(film),
        keys=parse_keys("2:r"), folder=tmp_path, frames=20,
    )  # fmt: skip
    assert len(report["saved"]) == 1
    assert said == [f"recorded {report['saved'][0]}"]


def test_what_cannot_be_played_is_said_and_the_camera_goes_on(styles, tmp_path):
    def refuse(path, opened):
        raise SourceError(f"{path.name} is no picture and no film")

    _, report, said, _ = _session(styles, ScriptedSource(range(20)), [tmp_path / "a.txt"], 5, refuse)
    assert said == ["a.txt is no picture and no film"]
    assert report["frames_shown"] == 20


def test_a_style_file_is_added_and_paints(styles, tmp_path):
    def add(path):
        assert path.name == "new.onnx"
        return "same"

    _, report, said, _ = _session(styles, ScriptedSource(range(60)), [tmp_path / "new.onnx"], 5, add_style=add)
    assert said == ["added new.onnx"]
    assert [switch["to"] for switch in report["switches"]] == ["same"]


def test_a_style_file_that_cannot_be_used_is_said(styles, tmp_path):
    def refuse(path):
        raise StyleError(f"{path.name} is not a style file")

    _, report, said, _ = _session(styles, ScriptedSource(range(20)), [tmp_path / "new.onnx"], 5, add_style=refuse)
    assert said == ["new.onnx is not a style file"]
    assert report["switches"] == []


def test_a_loaded_style_of_a_new_name_gets_the_next_number(styles):
    before = len(styles)
    number = styles.add("negative")
    assert number == styles.names.index("negative")
    assert len(styles) == before
    assert styles.wait(30)
    assert styles.get(number) is not None


@pytest.mark.parametrize("recorded", [False, True])
def test_nothing_is_painted_for_a_window_that_nobody_sees(styles, tmp_path, recorded):
    window = FakeWindow()
    window.visible = False
    options = LiveOptions(record=tmp_path / "a.mp4" if recorded else None)
    report = run_live(ScriptedSource(range(12)), styles, [window], options)
    assert report["frames_shown"] == (12 if recorded else 0)
    assert report["frames_captured"] == 12
