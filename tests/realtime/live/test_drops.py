"""Files dropped on the window, and a window that nobody sees."""

from contextlib import contextmanager

import pytest

from stylecam.models.errors import SourceError, StyleError
from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.drops import Drops
from stylecam.realtime.live.frame_sink import Dropped
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


MANY = 4000  # frames within which what is done beside them has long been done


def _camera(live=True):
    """Gives grey levels 10 to 49 again and again; painted they are 245 to 206."""
    return ScriptedSource([n % 40 for n in range(MANY)], live=live)


def _session(styles, first, dropped, at, play=None, add_style=None, until=lambda window, said: False, **options):
    """A session on whose window `dropped` files fall when `at` pictures were shown; it ends once `until` holds."""
    opened, said, window = Opened(), [], FakeWindow()

    def keys(wait_ms=0):
        if len(window.pictures) == at and dropped:
            window.files, dropped[:] = [Dropped(path) for path in dropped], []
        return []

    window.keys = keys
    with ReplaceableSource(lambda: opened(first)) as source:
        drops = Drops(lambda path: source.ask(lambda: play(path, opened)), source.ask_first, source.arrived, add_style)
        report = run_live(
            source, styles, [window], LiveOptions(**options), said.append, lambda: until(window, said),
            controls=ControlQueue({"style": styles.names}), drops=drops,
        )  # fmt: skip
    assert opened.open == []
    return window, report, said, opened


def _levels(window):
    return [int(picture[0, 0, 0]) for picture in window.pictures]


def _of_film(level):
    return 180 <= level <= 195


def test_a_film_takes_the_place_of_the_camera_which_comes_back_after_it(styles, tmp_path):
    camera, film = _camera(), ScriptedSource(range(50, 57))

    def came_back(window, said):
        return any(map(_of_film, _levels(window)[:-20])) and not any(map(_of_film, _levels(window)[-10:]))

    window, report, said, opened = _session(
        styles, camera, [tmp_path / "film.mp4"], 5, lambda path, opened: opened(film), until=came_back
    )
    assert opened.closed[:2] == [camera, film]
    levels = _levels(window)
    assert len(levels) < MANY
    shown = [level for level in levels if _of_film(level)]
    assert shown[:7] == [255 - 60 - n for n in range(7)]  # its last picture stays until the camera is there
    assert set(shown[7:]) <= {255 - 66}
    assert not _of_film(levels[-1])
    assert report["frames_captured"] >= 7 + len(levels) - len(shown)
    assert said == ["film.mp4: b goes back"]


def test_a_key_goes_back_to_the_camera_from_a_picture(styles, tmp_path):
    camera, photo = _camera(), ScriptedSource([52])
    keys = parse_keys(",".join(f"{n}:b" for n in range(60, MANY, 60)))

    def came_back(window, said):
        return any(map(_of_film, _levels(window))) and not _of_film(_levels(window)[-1])

    window, _, said, opened = _session(
        styles, camera, [tmp_path / "photo.jpg"], 5, lambda path, opened: opened(photo), until=came_back, keys=keys
    )
    assert len(window.pictures) < MANY
    assert said == ["photo.jpg: b goes back"]  # nothing can be learnt here
    assert opened.closed == [camera, photo, camera]


def test_a_recording_is_finished_before_another_source_plays(styles, tmp_path):
    _, report, said, _ = _session(
        styles, _camera(live=False), [tmp_path / "film.mp4"], 8, lambda path, opened: opened(ScriptedSource(range(5))),
        until=lambda window, said: len(said) > 1, keys=parse_keys("2:r"), folder=tmp_path,
    )  # fmt: skip
    assert len(report["saved"]) == 1
    assert said[-1] == f"recorded {report['saved'][0]}"


def test_what_cannot_be_played_is_said_and_the_camera_goes_on(styles, tmp_path):
    def refuse(path, opened):
        raise SourceError(f"{path.name} is no picture and no film")

    window, _, said, _ = _session(
        styles, _camera(), [tmp_path / "a.txt"], 5, refuse, until=lambda window, said: bool(said)
    )
    assert said == ["a.txt is no picture and no film"]
    assert len(window.pictures) < MANY


def test_a_style_file_is_added_and_paints(styles, tmp_path):
    def add(path):
        assert path.name == "new.onnx"
        return "same"

    _, report, said, _ = _session(
        styles, _camera(), [tmp_path / "new.onnx"], 5, add_style=add,
        until=lambda window, said: len(window.pictures) > 1 and abs(int(window.pictures[-1][0, 0, 0]) - 30) <= 20,
    )  # fmt: skip
    assert said == ["added new.onnx"]
    assert [switch["to"] for switch in report["switches"]] == ["same"]


def test_a_style_file_that_cannot_be_used_is_said(styles, tmp_path):
    def refuse(path):
        raise StyleError(f"{path.name} is not a style file")

    _, report, said, _ = _session(
        styles, _camera(), [tmp_path / "new.onnx"], 5, add_style=refuse, until=lambda window, said: bool(said)
    )
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
