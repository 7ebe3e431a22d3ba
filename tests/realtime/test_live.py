"""run_live: the loop's behaviour with a scripted source, exact styles and no display."""

import signal
import threading
import time
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest

from stylecam.models.catalog import StyleCatalog
from stylecam.models.errors import RecordError, SourceError, StyleError
from stylecam.realtime._video import av, cv2
from stylecam.realtime.hotkeys import parse_keys
from stylecam.realtime.interrupts import Interrupts
from stylecam.realtime.live import LiveOptions, run_live
from stylecam.realtime.painter import Painter
from stylecam.realtime.rack import StyleRack
from stylecam.realtime.sources import EndOfSource, Frame, open_source
from stylecam.realtime.stylizer import Stylizer

HEIGHT, WIDTH = 40, 56


class ScriptedSource:
    """Frames from a list; None stands for a camera that gives none. Frame n is grey level n + 10, due at n / fps."""

    name, size = "scripted", (WIDTH, HEIGHT)

    def __init__(self, script, live=False, problem=None, fps=Fraction(25)):
        self.script, self.live, self.problem = list(script), live, problem
        self.captured = self.dropped = 0
        self.fps, self.time_base = fps, None if live else 1 / fps

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
    """Keeps what is shown; `pressed` maps the number of pictures shown to keys."""

    def __init__(self, pressed=None):
        self.pressed, self.pictures, self.closed, self.full = dict(pressed or {}), [], False, False

    def show(self, picture):
        self.pictures.append(picture.copy())

    def keys(self, wait_ms=0):
        return self.pressed.pop(len(self.pictures), [])

    def toggle_fullscreen(self):
        self.full = not self.full


@pytest.fixture
def rack(tmp_path, make_style):
    folder = tmp_path / "styles"
    folder.mkdir()
    make_style(folder / "negative.onnx", name="negative")
    make_style(folder / "same.onnx", name="same", op="identity")
    catalog = StyleCatalog([folder])
    with StyleRack(catalog.names, "negative", lambda name: Stylizer.load(name, catalog=catalog)) as rack:
        assert rack.wait(30)
        yield rack


def _last(tmp_path):
    return cv2.imread(str(tmp_path / "last.png"))[HEIGHT // 2, WIDTH - 5, 0]


def _run(rack, tmp_path, count, keys="", window=None, notify=lambda s: None, **options):
    settings = LiveOptions(keys=parse_keys(keys), snapshot=tmp_path / "last.png", folder=tmp_path, **options)
    return run_live(ScriptedSource(range(count)), rack, window, settings, notify)


def test_every_frame_is_shown_and_the_report_counts_them(rack, tmp_path):
    report = _run(rack, tmp_path, 12)
    assert (report["frames_captured"], report["frames_shown"], report["frames_dropped"]) == (12, 12, 0)
    assert report["style"] == "negative"
    assert report["tier"] == "fast"
    assert report["provider"] == "CPUExecutionProvider"
    assert report["size"] == [WIDTH, HEIGHT]
    assert report["latency_ms"]["p50"] >= report["inference_ms"]["p50"] > 0
    assert report["latency_ms"]["p95"] >= report["latency_ms"]["p50"]
    assert report["first_frame_ms"] > 0
    assert report["peak_rss_mb"] > 10
    assert report["switches"] == []
    assert _last(tmp_path) == 255 - 21


def test_frames_stops_after_so_many(rack, tmp_path):
    assert _run(rack, tmp_path, 12, frames=5)["frames_shown"] == 5


def test_keys_act_at_their_frames(rack, tmp_path):
    assert _run(rack, tmp_path, 30, "7:q")["frames_shown"] == 7


def test_a_switch_drops_nothing_and_takes_one_frame(rack, tmp_path):
    report = _run(rack, tmp_path, 30, "4:n,12:1,20:9,22:p")
    assert [s["to"] for s in report["switches"]] == ["same", "negative", "same"]
    assert all(s["ms"] >= 0 for s in report["switches"])
    assert (report["frames_shown"], report["frames_dropped"]) == (30, 0)
    assert _last(tmp_path) == 39


def test_a_new_style_fades_in(rack, tmp_path):
    window = FakeWindow()
    _run(rack, tmp_path, 16, "8:n,0:h", window=window)
    levels = [int(p[20, 50, 0]) for p in window.pictures]
    fade = levels[8:13]
    assert levels[7] > 235
    assert fade == sorted(fade, reverse=True)
    assert fade[0] < levels[7]
    assert fade[-1] > levels[13]
    assert levels[13:] == [23, 24, 25]


def test_strength_goes_from_painted_to_original(rack, tmp_path):
    _run(rack, tmp_path, 8, ",".join(f"{n}:[" for n in range(5)))
    assert abs(int(_last(tmp_path)) - (255 - 17 + 17) / 2) <= 1
    _run(rack, tmp_path, 14, ",".join(f"{n}:[" for n in range(12)))
    assert _last(tmp_path) == 23
    _run(rack, tmp_path, 8, "1:[,2:],3:]")
    assert _last(tmp_path) == 255 - 17


def test_space_shows_the_original_without_inference(rack, tmp_path):
    report = _run(rack, tmp_path, 8, "0:space")
    assert report["inference_ms"]["p50"] is not None  # the first frame came before the key
    assert _last(tmp_path) == 17


def test_split_is_before_left_and_after_right(rack, tmp_path):
    _run(rack, tmp_path, 3, "1:v")
    picture = cv2.imread(str(tmp_path / "last.png"))
    assert picture[20, 3, 0] == 12
    assert picture[20, -3, 0] == 255 - 12


def test_mirror_flips_the_frame(rack, tmp_path):
    source = ScriptedSource(range(1))
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[:, :10] = 200
    source.read = lambda timeout: Frame(frame, 0, time.monotonic())
    run_live(source, rack, None, LiveOptions(mirror=True, frames=1, snapshot=tmp_path / "m.png"))
    picture = cv2.imread(str(tmp_path / "m.png"))
    assert (picture[:, -10:] == 55).all()
    assert (picture[:, :-10] == 255).all()


def test_kept_colours_are_the_cameras(rack, tmp_path):
    _run(rack, tmp_path, 3, preserve_color=True)
    assert abs(int(_last(tmp_path)) - (255 - 12)) <= 2


def test_hud_and_help_are_in_the_window_and_never_in_what_is_saved(rack, tmp_path):
    window = FakeWindow({1: ["h"], 2: ["?"]})
    _run(rack, tmp_path, 4, window=window)
    with_hud, without, with_help = window.pictures[0], window.pictures[1], window.pictures[2]
    assert len(np.unique(with_hud)) > 1
    assert len(np.unique(without)) == 1
    assert len(np.unique(with_help)) > 1
    assert len(np.unique(cv2.imread(str(tmp_path / "last.png")))) == 1


def test_a_snapshot_is_named_after_style_and_time(rack, tmp_path):
    said = []
    report = _run(rack, tmp_path, 5, "2:s,3:s", notify=said.append)
    pictures = sorted(tmp_path.glob("stylecam-negative-20*.png"))
    assert len(pictures) == 2
    assert len(report["saved"]) == 3
    assert any("saved" in s for s in said)


def test_recording_by_key_holds_the_frames_between_the_presses(rack, tmp_path):
    report = _run(rack, tmp_path, 30, "5:r,15:r")
    (path,) = tmp_path.glob("stylecam-negative-*.mp4")
    assert str(path) in report["saved"]
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert [f.pts * f.time_base for f in frames] == [Fraction(n, 25) for n in range(10)]


def test_a_recording_stopped_before_its_first_frame_is_no_failure_and_no_file(rack, tmp_path):
    said = []
    _run(rack, tmp_path, 9, "3:r,3:r", notify=said.append)
    assert "nothing was recorded" in said
    assert not [*tmp_path.glob("*.mp4"), *tmp_path.glob(".*")]


def test_record_option_records_everything(rack, tmp_path):
    _run(rack, tmp_path, 9, record=tmp_path / "all.mp4")
    with av.open(str(tmp_path / "all.mp4")) as container:
        assert container.streams.video[0].average_rate == 25
        assert len(list(container.decode(video=0))) == 9


IRREGULAR = [0, 40, 51, 200, 1000, 1033, 5000]  # ms


@pytest.fixture
def irregular_file(tmp_path):
    """A file of variable frame rate, with frames at the `IRREGULAR` times."""
    path = tmp_path / "irregular.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for moment in IRREGULAR:
            frame = av.VideoFrame.from_ndarray(np.full((HEIGHT, WIDTH, 3), 99, np.uint8), "bgr24")
            frame.pts, frame.time_base = moment, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _milliseconds(path):
    with av.open(str(path)) as container:
        return [f.pts * f.time_base * 1000 for f in container.decode(video=0)]


@pytest.mark.parametrize(("keys", "first"), [("", 0), ("2:r", 2)])
def test_a_recording_of_a_file_of_variable_rate_keeps_its_times(rack, tmp_path, irregular_file, keys, first):
    record = None if keys else tmp_path / "out.mp4"
    with open_source(str(irregular_file)) as source:
        run_live(source, rack, None, LiveOptions(keys=parse_keys(keys), record=record, folder=tmp_path))
    (path,) = set(tmp_path.glob("*.mp4")) - {irregular_file}
    assert _milliseconds(path) == [moment - IRREGULAR[first] for moment in IRREGULAR[first:]]


def test_a_file_of_variable_rate_is_shown_at_its_times(rack, monkeypatch, irregular_file):
    now, shown, window = [100.0], [], FakeWindow()
    monkeypatch.setattr("stylecam.realtime.live.time.monotonic", lambda: now[0])

    def wait(wait_ms=0):
        now[0] += wait_ms / 1000
        return []

    window.keys, window.show = wait, lambda picture: shown.append(round(1000 * (now[0] - 100)))
    with open_source(str(irregular_file)) as source:
        run_live(source, rack, window, LiveOptions())
    assert all(0 <= due - at <= 1 for due, at in zip(IRREGULAR, shown, strict=True))


def test_a_recording_that_fails_ends_the_session_without_a_window(rack, tmp_path, monkeypatch):
    def fail(self, picture, seconds):
        raise RecordError("disk full")

    monkeypatch.setattr("stylecam.realtime.sinks.RecorderSink.add", fail)
    with pytest.raises(RecordError, match="disk full"):
        _run(rack, tmp_path, 50, record=tmp_path / "all.mp4")
    assert not list(tmp_path.glob("*.mp4")) + list(tmp_path.glob(".*"))


class InterruptedWindow(FakeWindow):
    """Ctrl-C is pressed while its sixth picture is handed over: it is recorded, and not yet counted as shown."""

    def show(self, picture):
        super().show(picture)
        if len(self.pictures) == 6:
            signal.raise_signal(signal.SIGINT)


def _run_interrupted(rack, path, window):
    with Interrupts() as interrupts:
        interrupts.graceful = True
        options = LiveOptions(record=path)
        return run_live(ScriptedSource(range(20)), rack, window, options, should_stop=lambda: interrupts.asked)


def _frames_in(path):
    with av.open(str(path)) as container:
        return len(list(container.decode(video=0)))


def test_ctrl_c_in_the_middle_of_a_frame_ends_after_it_so_that_report_and_recording_agree(rack, tmp_path):
    report = _run_interrupted(rack, tmp_path / "a.mp4", InterruptedWindow())
    assert report["interrupted"]
    assert report["frames_shown"] == 6 == _frames_in(tmp_path / "a.mp4")


def test_a_second_ctrl_c_interrupts_at_once_and_the_recording_is_whole(rack, tmp_path):
    window = InterruptedWindow()
    window.keys = lambda wait_ms=0: window.pictures[5:] and signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        _run_interrupted(rack, tmp_path / "a.mp4", window)
    assert 0 < _frames_in(tmp_path / "a.mp4") <= 6
    assert [p.name for p in tmp_path.iterdir() if p.name != "styles"] == ["a.mp4"]


def test_ctrl_c_ends_the_wait_for_a_files_next_frame(rack):
    source, window = ScriptedSource(range(9), fps=Fraction(1, 10_000)), FakeWindow()  # the next is due in hours
    asked = []
    window.keys = lambda wait_ms=0: asked.extend([True] * (wait_ms > 0)) or []
    report = run_live(source, rack, window, LiveOptions(), should_stop=lambda: bool(asked))
    assert (report["frames_shown"], report["interrupted"]) == (1, True)


def test_a_lost_camera_is_said_once_and_keys_still_work(rack, tmp_path):
    said = []
    source = ScriptedSource([0, 1, *[None] * 40], live=True, problem="camera 0 is gone; waiting for it")
    window = FakeWindow({10: ["q"]})
    report = run_live(source, rack, window, LiveOptions(), said.append)
    assert said == ["camera 0 is gone; waiting for it"]
    assert report["frames_shown"] == 2
    assert len(window.pictures) == 10
    assert len(source.script) > 20  # q was answered long before the script ended


def test_the_windows_close_button_quits(rack, tmp_path):
    window = FakeWindow()
    window.show = lambda picture: setattr(window, "closed", True)
    assert _run(rack, tmp_path, 10, window=window)["frames_shown"] == 1


def test_full_screen_auto_cycle_and_unknown_numbers(rack, tmp_path):
    window = FakeWindow({1: ["f", "9", "a"]})
    report = _run(rack, tmp_path, 20, window=window, cycle_seconds=0.1)
    assert window.full
    assert len(report["switches"]) >= 3


def test_a_source_without_frames_is_an_error(rack, tmp_path):
    with pytest.raises(SourceError, match="scripted gave no frames"):
        _run(rack, tmp_path, 0)


@pytest.fixture
def mixed_rack(make_style, tmp_path):
    """Makes a rack of styles by name, entered: those that begin with "bad" fail, "late" ones wait for `gate`."""
    gate = threading.Event()

    def load(name):
        assert "late" not in name or gate.wait(30)
        if name.startswith("bad"):
            raise StyleError(f"{name} is no style file")
        return Stylizer.load(make_style(tmp_path / f"{name}.onnx", name))

    @contextmanager
    def make(*names):
        with StyleRack(list(names), names[0], load) as rack:
            rack.gate = gate
            try:
                assert any("late" in name for name in names) or rack.wait(30)
                yield rack
            finally:
                gate.set()

    return make


def _keys_on(rack, keys, count=20, **options):
    said = []
    options = LiveOptions(keys=parse_keys(keys), **options)
    report = run_live(ScriptedSource(range(count)), rack, None, options, said.append)
    assert report["frames_shown"] == count
    return [s["to"] for s in report["switches"]], said


def test_a_number_key_of_a_style_that_fails_to_load_leaves_the_old_one_and_says_why(mixed_rack):
    with mixed_rack("good", "bad") as rack:
        assert _keys_on(rack, "3:2,5:2") == ([], ["bad is no style file"] * 2)


def test_next_and_previous_step_over_styles_that_fail_and_say_each_once(mixed_rack):
    with mixed_rack("one", "bad1", "bad2", "two", "three") as rack:
        switched, said = _keys_on(rack, "2:n,4:p,6:n,8:n,10:n,12:p,14:p,16:p")
    assert switched == ["two", "one", "two", "three", "one", "three", "two", "one"]
    assert said == ["bad1 is no style file", "bad2 is no style file"]


def test_a_style_that_fails_after_the_key_is_stepped_over_in_the_same_direction(mixed_rack):
    with mixed_rack("one", "two", "bad-late", "three") as rack:
        source, said = ScriptedSource(range(30)), []
        read = source.read

        def read_and_load(timeout):
            if source.captured == 15:
                rack.gate.set()
                assert rack.wait(30)
            return read(timeout)

        source.read = read_and_load
        keys = parse_keys("2:p,4:p")  # to "three", which has to wait too, and on to the one that will fail
        report = run_live(source, rack, None, LiveOptions(keys=keys), said.append)
    assert [s["to"] for s in report["switches"]] == ["two"]
    assert said == ["bad-late is no style file"]


def test_where_every_other_style_fails_the_keys_and_the_cycle_stay(mixed_rack):
    with mixed_rack("good", "bad1", "bad2") as rack:
        switched, said = _keys_on(rack, "2:n,4:p,6:a", 30, cycle_seconds=0.0)
    assert switched == []
    assert sorted(said) == ["bad1 is no style file", "bad2 is no style file"]


def test_the_cycle_steps_over_styles_that_fail(mixed_rack):
    with mixed_rack("one", "bad", "two") as rack:
        switched, said = _keys_on(rack, "0:a", cycle_seconds=0.0)
    assert switched[:4] == ["two", "one", "two", "one"]
    assert said == ["bad is no style file"]


def test_a_style_still_loading_does_not_hold_the_frames(tiny_style):
    gate = threading.Event()

    def load(name):
        if name == "slow":
            assert gate.wait(30)
        return Stylizer.load(tiny_style)

    with StyleRack(["fast", "slow"], "fast", load) as rack:
        report = run_live(ScriptedSource(range(9)), rack, None, LiveOptions(keys=parse_keys("3:n")))
        gate.set()
    assert report["frames_shown"] == 9
    assert report["switches"] == []


def test_held_space_shows_the_original_until_it_is_let_go(rack, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("stylecam.realtime.painter.time.monotonic", lambda: now[0])
    painter = Painter(rack, 1.0, False, False)
    for moment in (100.0, 100.5, 100.53, 100.56):  # the press, the desktop's delay, then repeats
        now[0] = moment
        painter.space()
        painter.tick()
        assert painter.original
    now[0] = 100.9
    painter.tick()
    assert not painter.original
