"""run_live: what it records and saves, at which times, and after a signal."""

import signal
from fractions import Fraction

import numpy as np
import pytest

from stylecam.realtime.common.interrupts import Interrupts
from stylecam.realtime.live.hotkeys import parse_keys
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.sources.camera_option import open_source
from stylecam.realtime.video.libraries import av

from ...live_session import HEIGHT, WIDTH, FakeWindow, ScriptedSource, run


def test_a_snapshot_is_named_after_style_and_time(styles, tmp_path):
    said = []
    report = run(styles, tmp_path, 5, "2:s,3:s", notify=said.append)
    pictures = sorted(tmp_path.glob("stylecam-negative-20*.png"))
    assert len(pictures) == 2
    assert len(report["saved"]) == 3
    assert any("saved" in s for s in said)


def test_recording_by_key_holds_the_frames_between_the_presses(styles, tmp_path):
    report = run(styles, tmp_path, 30, "5:r,15:r")
    (path,) = tmp_path.glob("stylecam-negative-*.mp4")
    assert str(path) in report["saved"]
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert [f.pts * f.time_base for f in frames] == [Fraction(n, 25) for n in range(10)]


def test_a_recording_stopped_before_its_first_frame_is_no_failure_and_no_file(styles, tmp_path):
    said = []
    run(styles, tmp_path, 9, "3:r,3:r", notify=said.append)
    assert "nothing was recorded" in said
    assert not [*tmp_path.glob("*.mp4"), *tmp_path.glob(".*")]


def test_record_option_records_everything(styles, tmp_path):
    run(styles, tmp_path, 9, record=tmp_path / "all.mp4")
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
def test_a_recording_of_a_file_of_variable_rate_keeps_its_times(styles, tmp_path, irregular_file, keys, first):
    record = None if keys else tmp_path / "out.mp4"
    with open_source(str(irregular_file)) as source:
        run_live(source, styles, [], LiveOptions(keys=parse_keys(keys), record=record, folder=tmp_path))
    (path,) = set(tmp_path.glob("*.mp4")) - {irregular_file}
    assert _milliseconds(path) == [moment - IRREGULAR[first] for moment in IRREGULAR[first:]]


def test_a_file_of_variable_rate_is_shown_at_its_times(styles, monkeypatch, irregular_file):
    now, shown, window = [100.0], [], FakeWindow()
    monkeypatch.setattr("stylecam.realtime.live.loop.time.monotonic", lambda: now[0])

    def wait(wait_ms=0):
        now[0] += wait_ms / 1000
        return []

    window.keys, window.show = wait, lambda picture, seconds: shown.append(round(1000 * (now[0] - 100)))
    with open_source(str(irregular_file)) as source:
        run_live(source, styles, [window], LiveOptions())
    assert all(0 <= due - at <= 1 for due, at in zip(IRREGULAR, shown, strict=True))


def test_a_recording_that_fails_ends_the_session_without_a_window(styles, tmp_path, monkeypatch):
    monkeypatch.setattr("stylecam.realtime.live.recorder.RecorderSink.lost", "disk full")
    report = run(styles, tmp_path, 50, record=tmp_path / "all.mp4")
    assert report["failures"] == ["disk full"]
    assert report["frames_shown"] == 1
    assert not list(tmp_path.glob("*.mp4")) + list(tmp_path.glob(".*"))


def test_what_cannot_be_saved_is_said_and_in_the_report(styles, tmp_path):
    said = []
    (tmp_path / "last.png").mkdir()
    (tmp_path / "file").touch()
    settings = LiveOptions(keys=parse_keys("2:s,3:r"), snapshot=tmp_path / "last.png", folder=tmp_path / "file")
    report = run_live(ScriptedSource(range(6)), styles, [], settings, said.append)
    assert report["frames_shown"] == 6  # no recording was lost
    assert report["failures"] == said
    for name, sentence in zip(("file", "file", "last.png"), said, strict=True):
        assert sentence.startswith(f"cannot save {'in ' * (name == 'file')}{tmp_path / name}")
    assert report["saved"] == []


class InterruptedWindow(FakeWindow):
    """Ctrl-C is pressed while its sixth picture is handed over: it is recorded, and not yet counted as shown."""

    def show(self, picture, seconds=0):
        super().show(picture, seconds)
        if len(self.pictures) == 6:
            signal.raise_signal(signal.SIGINT)


def _run_interrupted(styles, path, window):
    with Interrupts() as interrupts:
        interrupts.graceful = True
        options = LiveOptions(record=path)
        return run_live(ScriptedSource(range(20)), styles, [window], options, should_stop=lambda: interrupts.asked)


def _frames_in(path):
    with av.open(str(path)) as container:
        return len(list(container.decode(video=0)))


def test_ctrl_c_in_the_middle_of_a_frame_ends_after_it_so_that_report_and_recording_agree(styles, tmp_path):
    report = _run_interrupted(styles, tmp_path / "a.mp4", InterruptedWindow())
    assert report["interrupted"]
    assert report["frames_shown"] == 6 == _frames_in(tmp_path / "a.mp4")


def test_a_second_ctrl_c_interrupts_at_once_and_the_recording_is_whole(styles, tmp_path):
    window = InterruptedWindow()
    window.keys = lambda wait_ms=0: window.pictures[5:] and signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        _run_interrupted(styles, tmp_path / "a.mp4", window)
    assert 0 < _frames_in(tmp_path / "a.mp4") <= 6
    assert [p.name for p in tmp_path.iterdir() if p.name != "styles"] == ["a.mp4"]


def test_ctrl_c_ends_the_wait_for_a_files_next_frame(styles):
    source, window = ScriptedSource(range(9), fps=Fraction(1, 10_000)), FakeWindow()  # the next is due in hours
    asked = []
    window.keys = lambda wait_ms=0: asked.extend([True] * (wait_ms > 0)) or []
    report = run_live(source, styles, [window], LiveOptions(), should_stop=lambda: bool(asked))
    assert (report["frames_shown"], report["interrupted"]) == (1, True)
