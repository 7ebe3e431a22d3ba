"""The real window on a virtual screen, its keys pressed by xdotool, its picture looked at."""

import re

import cv2
import numpy as np
import pytest

from .conftest import wait_for


def _colour(picture):
    """A rough idea of the screen: mean colour of 8x8 fields."""
    return cv2.resize(picture, (8, 8), interpolation=cv2.INTER_AREA).astype(int)


def _alike(first, second):
    """The scene moves a little between two snapshots; its colours in 8x8 fields hardly do."""
    return np.abs(_colour(first) - _colour(second)).mean() < 12


@pytest.fixture
def app(windowed, desktop, tmp_path):
    """A window that shows its painting."""
    running = windowed("--camera", "demo", "--size", "320x240", "--style", "negative", "--no-mirror")
    desktop.window()
    return running


def _snapshots(tmp_path):
    return sorted(tmp_path.glob("stylecam-*.png"), key=lambda p: (p.stat().st_mtime_ns, p.name))


def _snap(desktop, tmp_path):
    """Presses s and returns (style name, picture) of the new snapshot."""
    before = set(_snapshots(tmp_path))
    desktop.key("s")
    (path,) = wait_for(lambda: set(_snapshots(tmp_path)) - before, "a snapshot")
    name = re.fullmatch(r"stylecam-([\w-]+)-\d{8}-\d{6}(-\d+)?\.png", path.name)[1]
    return name, cv2.imread(str(path))


def test_the_window_shows_the_painting_and_q_closes_it(app, desktop):
    desktop.key("q")
    report = app.report()
    assert report["frames_shown"] > 0
    assert report["source"] == "demo"
    assert app.errors == ""


def test_what_the_window_shows_first_is_the_painting(windowed, desktop, tmp_path):
    running = windowed("--camera", "demo", "--size", "320x240", "--style", "negative", "--no-mirror", "--no-hud")
    first = desktop.inside(tmp_path / "screen.png")
    painted = _snap(desktop, tmp_path)[1]
    assert _alike(first, painted)
    assert not _alike(first, 255 - painted)
    desktop.key("q")
    running.report()


def test_all_of_200_keys_count(windowed, desktop, tmp_path):
    running = windowed("--camera", "demo", "--size", "96x64", "--style", "negative", "--steady", "0")
    window = desktop.window()
    desktop.xdotool("windowfocus", window)
    desktop.xdotool("key", "--delay", "10", *["s"] * 200, "q")
    saved = running.report()["saved"]
    assert len(saved) == len(set(saved)) == 200


def test_the_window_fits_the_screen_and_remembers_its_place(windowed, desktop):
    command = ("--camera", "demo", "--size", "1920x1080", "--style", "same", "--steady", "0")
    running = windowed(*command)
    left, top, width, height = desktop.place()
    assert left + width <= 1280
    assert top + height <= 800
    assert abs(width / height - 16 / 9) < 0.02
    desktop.xdotool("windowmove", "--sync", desktop.window(), "30", "40")
    desktop.xdotool("windowsize", "--sync", desktop.window(), "640", "360")
    desktop.key("q")
    running.report()
    running = windowed(*command)
    assert desktop.place() == (30, 40, 640, 360)
    desktop.key("q")
    running.report()


def test_full_screen_fills_it_and_esc_leaves_it_first(app, desktop):
    place = desktop.place()
    desktop.key("f")
    wait_for(lambda: desktop.place() == (0, 0, 1280, 800), "full screen")
    desktop.key("Escape")
    wait_for(lambda: desktop.place() == place, "the window as it was")
    desktop.key("Escape")
    assert not app.report()["interrupted"]


def test_a_held_space_bar_shows_the_original_until_it_is_let_go(app, desktop, tmp_path):
    negative = _colour(desktop.inside(tmp_path / "a.png"))

    def is_negative():
        return np.abs(_colour(desktop.inside(tmp_path / "b.png")) - negative).mean() < 25

    desktop.xdotool("windowfocus", desktop.window())
    desktop.xdotool("keydown", "space")
    wait_for(lambda: not is_negative(), "the original")
    desktop.xdotool("sleep", "0.6", "keyup", "space")  # a key that is let go at once is tapped
    wait_for(is_negative, "the painting")
    desktop.key("q")
    assert app.report()["frames_dropped"] == 0


def test_the_close_button_ends_the_command_with_its_report(app, desktop):
    desktop.press_close()
    report = app.report()
    assert report["frames_shown"] > 0
    assert not report["interrupted"]
    assert app.errors == ""


def test_a_desktop_of_another_kind_does_not_abort_the_window(windowed, desktop):
    running = windowed("--camera", "demo", "--size", "96x64", "--style", "negative", "--frames", 3,
                       WAYLAND_DISPLAY="wayland-0", XDG_SESSION_TYPE="wayland")  # fmt: skip
    assert running.report()["frames_shown"] == 3


def test_style_keys_switch_the_painter(app, desktop, tmp_path):
    names = [_snap(desktop, tmp_path)[0]]
    for key in ("n", "p", "1", "2", "n"):
        desktop.key(key)
        names.append(_snap(desktop, tmp_path)[0])
    desktop.key("q")
    report = app.report()
    assert len({*names}) > 1
    assert [s["to"] for s in report["switches"]]
    assert report["frames_dropped"] == 0


def test_picture_keys_do_what_the_help_says(app, desktop, tmp_path):
    def becomes(condition, what):
        """Presses s until the snapshot fulfils the condition: a key acts from the next frame on."""
        return wait_for(lambda: (found := _snap(desktop, tmp_path)[1], condition(found))[1] and [found], what, 20)[0]

    negative = becomes(lambda picture: True, "a snapshot")
    middle = negative.shape[1] // 2
    desktop.key("space")
    original = becomes(lambda picture: _alike(255 - negative, picture), "the original")
    desktop.key("space")
    becomes(lambda picture: _alike(picture, negative), "the painting to return")
    desktop.key("v")
    split = becomes(lambda picture: _alike(picture[:, : middle - 4], original[:, : middle - 4]), "a split view")
    assert _alike(split[:, middle + 4 :], negative[:, middle + 4 :])
    desktop.key("v", "m")
    becomes(lambda picture: _alike(picture[:, ::-1], negative), "a mirrored picture")
    desktop.key("m", *["bracketleft"] * 10)
    becomes(lambda picture: _alike(picture, original), "no paint")
    desktop.key(*["bracketright"] * 10)
    becomes(lambda picture: _alike(picture, negative), "all paint")
    desktop.key("c")
    kept = becomes(lambda picture: not _alike(picture, negative), "the camera's colours")
    assert abs(cv2.cvtColor(kept, cv2.COLOR_BGR2GRAY).mean() - cv2.cvtColor(negative, cv2.COLOR_BGR2GRAY).mean()) < 20
    desktop.key("q")
    app.report()


def test_overlay_keys_change_the_screen_and_not_the_picture(app, desktop, tmp_path):
    def screen():
        return desktop.inside(tmp_path / "screen.png").astype(int)

    with_hud = screen()
    desktop.key("h")
    wait_for(lambda: np.abs(screen()[:60, :120] - with_hud[:60, :120]).mean() > 10, "the HUD to go")
    for key, what in (("question", "the help"), ("t", "the thumbnails")):
        plain = screen()
        desktop.key(key)
        wait_for(lambda plain=plain: np.abs(screen() - plain).mean() > 20, what)
        shown = screen()
        desktop.key(key)
        wait_for(lambda shown=shown: np.abs(screen() - shown).mean() > 20, f"{what} to go")
    desktop.key("r")
    wait_for(lambda: list(tmp_path.glob(".stylecam-*.mp4.partial")), "a recording")
    first = _snap(desktop, tmp_path)[1]
    wait_for(lambda: (_snap(desktop, tmp_path)[1] != first).any(), "another frame")
    desktop.key("r")
    wait_for(lambda: list(tmp_path.glob("stylecam-*.mp4")), "a finished recording")
    desktop.key("Escape")
    assert any(path.endswith(".mp4") for path in app.report()["saved"])


def test_a_file_plays_to_its_end_and_the_window_closes(windowed, desktop, tmp_path, shared):
    running = windowed("--camera", shared / "clips" / "carphone.mp4", "--style", "negative", "--frames", 20)
    assert running.report()["frames_shown"] == 20
