"""run_live: the loop's behaviour with a scripted source, exact styles and no display."""

import time

import numpy as np
import pytest

from stylecam.models.errors import SourceError
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.video.frame import Frame
from stylecam.realtime.video.libraries import cv2

from ...live_session import HEIGHT, WIDTH, FakeWindow, ScriptedSource, last, run


def test_every_frame_is_shown_and_the_report_counts_them(styles, tmp_path):
    report = run(styles, tmp_path, 12)
    assert (report["frames_captured"], report["frames_shown"], report["frames_dropped"]) == (12, 12, 0)
    assert report["style"] == "negative"
    assert report["tier"] == "fast"
    assert " CPU " in report["provider"]
    assert report["size"] == [WIDTH, HEIGHT]
    assert report["latency_ms"]["p50"] >= report["inference_ms"]["p50"] > 0
    assert report["latency_ms"]["p95"] >= report["latency_ms"]["p50"]
    assert report["first_frame_ms"] > 0
    assert report["peak_rss_mb"] > 10
    assert report["switches"] == []
    assert last(tmp_path) == 255 - 21


def test_frames_stops_after_so_many(styles, tmp_path):
    assert run(styles, tmp_path, 12, frames=5)["frames_shown"] == 5


def test_keys_act_at_their_frames(styles, tmp_path):
    assert run(styles, tmp_path, 30, "7:q")["frames_shown"] == 7


def test_a_switch_drops_nothing_and_takes_one_frame(styles, tmp_path):
    report = run(styles, tmp_path, 30, "4:n,12:1,20:9,22:p")
    assert [s["to"] for s in report["switches"]] == ["same", "negative", "same"]
    assert all(s["ms"] >= 0 for s in report["switches"])
    assert (report["frames_shown"], report["frames_dropped"]) == (30, 0)
    assert last(tmp_path) == 39


def test_each_space_of_the_keys_option_is_a_tap(styles, tmp_path):
    run(styles, tmp_path, 12, "3:space,4:space")
    assert last(tmp_path) == 255 - 21
    run(styles, tmp_path, 12, "3:space,4:space,5:space")
    assert last(tmp_path) == 21


def test_one_picture_stays_in_its_window_until_the_user_leaves(styles, tmp_path):
    window = FakeWindow({9: ["n"], 30: ["q"]})
    report = run(styles, tmp_path, 1, "0:h", window=window)
    assert report["frames_captured"] == 1
    assert len(window.pictures) == report["frames_shown"] == 30
    assert window.pictures[5][20, 50, 0] == 255 - 10
    assert window.pictures[-1][20, 50, 0] == 10
    assert run(styles, tmp_path, 1)["frames_shown"] == 1  # without a window it ends


def test_a_new_style_fades_in(styles, tmp_path):
    window = FakeWindow()
    run(styles, tmp_path, 16, "8:n,0:h", window=window)
    levels = [int(p[20, 50, 0]) for p in window.pictures]
    fade = levels[8:13]
    assert levels[7] > 235
    assert fade == sorted(fade, reverse=True)
    assert fade[0] < levels[7]
    assert fade[-1] > levels[13]
    assert levels[13:] == [23, 24, 25]


def test_strength_goes_from_painted_to_original(styles, tmp_path):
    run(styles, tmp_path, 8, ",".join(f"{n}:[" for n in range(5)))
    assert abs(int(last(tmp_path)) - (255 - 17 + 17) / 2) <= 1
    run(styles, tmp_path, 14, ",".join(f"{n}:[" for n in range(12)))
    assert last(tmp_path) == 23
    run(styles, tmp_path, 8, "1:[,2:],3:]")
    assert last(tmp_path) == 255 - 17


def test_space_shows_the_original_without_inference(styles, tmp_path):
    report = run(styles, tmp_path, 8, "0:space")
    assert report["inference_ms"]["p50"] is not None  # the first frame came before the key
    assert last(tmp_path) == 17


def test_split_is_before_left_and_after_right(styles, tmp_path):
    run(styles, tmp_path, 3, "1:v")
    picture = cv2.imread(str(tmp_path / "last.png"))
    assert picture[20, 3, 0] == 12
    assert picture[20, -3, 0] == 255 - 12


def test_mirror_flips_the_frame(styles, tmp_path):
    source = ScriptedSource(range(1))
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[:, :10] = 200
    source.read = lambda timeout: Frame(frame, 0, time.monotonic())
    run_live(source, styles, [], LiveOptions(mirror=True, frames=1, snapshot=tmp_path / "m.png"))
    picture = cv2.imread(str(tmp_path / "m.png"))
    assert (picture[:, -10:] == 55).all()
    assert (picture[:, :-10] == 255).all()


def test_kept_colours_are_the_cameras(styles, tmp_path):
    run(styles, tmp_path, 3, preserve_color=True)
    assert abs(int(last(tmp_path)) - (255 - 12)) <= 2


def test_hud_and_help_are_in_the_window_and_never_in_what_is_saved(styles, tmp_path):
    window = FakeWindow({1: ["h"], 2: ["?"]})
    run(styles, tmp_path, 4, window=window)
    assert [len(panels) for panels in window.panels] == [2, 0, 2, 2]  # figures and a hint; none; keys and styles
    assert len(np.unique(cv2.imread(str(tmp_path / "last.png")))) == 1


def test_a_lost_camera_is_said_once_and_keys_still_work(styles, tmp_path):
    said = []
    source = ScriptedSource([0, 1, *[None] * 40], live=True, problem="camera 0 is gone; waiting for it")
    window = FakeWindow({10: ["q"]})
    report = run_live(source, styles, [window], LiveOptions(), said.append)
    assert said == ["camera 0 is gone; waiting for it"]
    assert report["frames_shown"] == 2
    assert len(window.pictures) == 10
    assert len(source.script) > 20  # q was answered long before the script ended


def test_the_windows_close_button_quits(styles, tmp_path):
    window = FakeWindow()
    window.show = lambda picture, seconds: setattr(window, "closed", True)
    assert run(styles, tmp_path, 10, window=window)["frames_shown"] == 1


def test_full_screen_auto_cycle_and_unknown_numbers(styles, tmp_path, monkeypatch):
    now, window = [100.0], FakeWindow({1: ["f", "9", "a"]})
    monkeypatch.setattr("stylecam.realtime.live.loop.time.monotonic", lambda: now[0])
    keys = window.keys

    def wait(wait_ms=0):
        now[0] += wait_ms / 1000
        return keys(wait_ms)

    window.keys = wait
    # In full screen the last picture stays: the count ends the session.
    report = run(styles, tmp_path, 20, window=window, cycle_seconds=0.1, frames=24)
    assert window.full
    assert report["frames_shown"] == 24 > report["frames_captured"]
    assert len(report["switches"]) >= 3


def test_a_source_without_frames_is_an_error(styles, tmp_path):
    with pytest.raises(SourceError, match="scripted gave no frames"):
        run(styles, tmp_path, 0)
