"""The command as users and scripts meet it: reports, exit codes, one sentence for each failure."""

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from ..full_disk import no_file_larger_than
from .conftest import COMMAND

DEMO = ("--camera", "demo", "--size", "160x120", "--no-window", "--style", "negative")


def _fails(done, code, *parts):
    """One sentence on stderr with these parts, nothing on stdout, this exit code."""
    assert done.returncode == code, (done.returncode, done.stderr, done.stdout)
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("realtime: ")
    for part in parts:
        assert part in lines[0], lines[0]


def test_the_report_is_one_json_object_and_true(realtime, tmp_path):
    done = realtime(*DEMO, "--frames", 12, "--json", "--snapshot", "last.png", "--keys", "3:n,8:s")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    keys = "style tier provider source size frames_captured frames_shown frames_dropped fps latency_ms inference_ms"
    assert {*keys.split(), "sha256", "failures", "first_frame_ms", "peak_rss_mb", "switches"} <= set(report)
    assert report["frames_shown"] == 12
    assert report["size"] == [160, 120]
    assert cv2.imread(str(tmp_path / "last.png")).shape == (120, 160, 3)
    assert len(list(tmp_path.glob("stylecam-*.png"))) == 1


def test_a_snapshot_that_cannot_be_saved_costs_its_exit_code_and_not_the_report(realtime):
    with no_file_larger_than(1000):
        done = realtime(*DEMO, "--frames", 3, "--json", "--snapshot", "large.png")
    assert done.returncode == 1
    assert json.loads(done.stdout)["frames_shown"] == 3
    assert done.stderr.count("\n") == 1 == done.stderr.count("large.png")


def test_a_name_that_file_systems_do_not_take_is_refused_before_the_first_frame(realtime):
    done = realtime(*DEMO, "--frames", 3, "--json", "--snapshot", f"{'a' * 300}.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert "too long for a file" in done.stderr


def test_the_readable_report_says_the_same(realtime):
    done = realtime(*DEMO, "--frames", 5)
    assert "5 shown, 0 dropped" in done.stdout
    assert "negative" in done.stdout


def test_every_frame_of_a_file_is_recorded(realtime, shared, tmp_path):
    from stylecam.realtime.video.libraries import av

    clip = shared / "clips" / "bikes.mp4"
    done = realtime("--camera", clip, "--style", "negative", "--no-window", "--json", "--record", "out.mp4")
    report = json.loads(done.stdout)
    assert (report["frames_shown"], report["frames_captured"], report["frames_dropped"]) == (250, 250, 0)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].average_rate == 25
        frames = [f.to_ndarray(format="bgr24") for f in container.decode(video=0)]
    with av.open(str(clip)) as container:
        first = next(container.decode(video=0)).to_ndarray(format="bgr24")
    assert len(frames) == 250
    assert np.abs((255 - frames[0].astype(int)) - first).mean() < 6


@pytest.mark.parametrize("display", [{}, {"WAYLAND_DISPLAY": "wayland-0"}, {"DISPLAY": ":987"}])
def test_make_demo_paints_without_a_window_where_the_program_can_open_none(tmp_path, display):
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")} | display
    makefile = Path(__file__).parents[2] / "Makefile"
    # With -o nothing is installed: the environment is the one that runs the tests.
    command = ["make", "-f", makefile, "-o", f"{sys.prefix}/.run", "demo", f"VENV={sys.prefix}"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "no display" in done.stdout
    assert "90 shown" in done.stdout
    assert (tmp_path / "demo.png").exists()


def test_a_tier_that_a_style_lacks_is_said_and_the_other_one_used(realtime, style_folder, make_style):
    make_style(style_folder / "negative-full.onnx", tier="full")
    full = realtime(*DEMO, "--frames", 1, "--json", "--tier", "full", "--keys", "9:n")
    assert json.loads(full.stdout)["tier"] == "full"
    (said,) = full.stderr.splitlines()
    assert said.startswith("realtime: --tier full: these styles have no such tier")
    assert "same" in said
    assert "negative" not in said
    # Nobody can ask for the others there.
    assert realtime(*DEMO, "--frames", 1, "--json", "--tier", "full").stderr == ""
    path = realtime(*DEMO, "--style", style_folder / "same-fast.onnx", "--frames", 1, "--json", "--tier", "full")
    assert json.loads(path.stdout)["tier"] == "fast"
    assert "the other one is used: same" in path.stderr
    assert realtime(*DEMO, "--frames", 1, "--json", "--tier", "fast").stderr == ""


def test_help_and_version(realtime):
    assert "realtime --camera 0 --style hokusai" in realtime("--help").stdout
    assert realtime("--version").stdout.startswith("stylecam ")
    for command in ("train", "export", "styles", "bench", "doctor"):
        done = realtime(command, "--help")
        assert done.returncode == 0
        assert f"realtime {command}" in done.stdout
        assert "Example" in done.stdout


def test_the_docs_have_every_live_option(realtime):
    docs = (Path(__file__).parents[2] / "docs" / "live.md").read_text(encoding="utf-8")
    table = docs[docs.index("## Options") : docs.index("## Sources")]
    options = set(re.findall(r"--[a-z][a-z-]*", realtime("--help").stdout.partition("Options:")[2]))
    assert len(options) > 20
    assert set(re.findall(r"--[a-z][a-z-]*", table)) == options


def test_styles_lists_and_shows(realtime):
    listed = json.loads(realtime("styles", "--json").stdout)
    assert "negative" in [s["name"] for s in listed]
    shown = json.loads(realtime("styles", "show", "negative", "--json").stdout)
    assert len(shown["sha256"]) == 64
    _fails(realtime("styles", "show", "negativ"), 5, "did you mean 'negative'")


def test_doctor_says_what_works(realtime):
    done = realtime("doctor", "--json")
    findings = {f["what"]: f for f in json.loads(done.stdout)}
    assert done.returncode == 0
    assert "negative" in findings["styles"]["found"]
    assert not findings["display"]["ok"]
    assert findings["recording"]["ok"]


def test_bench_reports_its_ratios(realtime, monkeypatch):
    done = realtime("bench", "--style", "negative", "--size", "96x64", "--frames", "300", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["times_faster"] == pytest.approx(result["reference_ms"] / result["inference_ms"], rel=0.02)
    assert result["end_to_end_ratio"] == pytest.approx(result["end_to_end_fps"] * result["inference_ms"] / 1e3, rel=0.1)
    assert result["engines"][0]["provider"] == result["provider"]
    assert result["engines"][0]["inference_ms"] == pytest.approx(result["inference_ms"], rel=0.01)
    of_onnx_runtime = [e for e in result["engines"] if e["provider"] == "ONNX Runtime CPU float32"]
    assert [e["reference_ms"] for e in of_onnx_runtime] == pytest.approx([result["reference_ms"]], rel=0.01)
    assert result["peak_rss_mb"] > 0
    assert result["switch_ms"] > 0
    assert result["switch_frames"] > 0
    assert result["long_run_frames"] == 300
    assert result["long_run_peak_rss_mb"] == pytest.approx(result["peak_rss_mb"], rel=0.2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without /dev/full")
@pytest.mark.parametrize("command", [["styles"], ["styles", "--json"], ["--help"]])
def test_a_full_disk_under_the_output_is_said(command):
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    said = f"realtime: the output cannot be written: {os.strerror(errno.ENOSPC)}; free some space, then run it again\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_without_a_display_a_window_is_refused(realtime):
    _fails(realtime("--camera", "demo", "--style", "negative"), 1, "no display", "--no-window")
    _fails(realtime("--camera", "demo", env={"DISPLAY": ":987"}), 1, "display :987 does not answer", "--no-window")


@pytest.mark.parametrize(
    ("args", "code", "parts"),
    [
        (["--camera", "77"], 4, ["found", "--camera"]),
        (["--camera", "none.mp4"], 4, ["none.mp4"]),
        (["--camera", "empty.mp4"], 4, ["empty.mp4"]),
        (["--camera", "text.mp4"], 4, ["text.mp4"]),
        (["--camera", "."], 4, ["."]),
        (["--camera", "http://127.0.0.1:9/video"], 4, ["127.0.0.1:9"]),
        (["--style", "negatif"], 5, ["negatif", "did you mean 'negative'"]),
        (["--style", "random.onnx"], 5, ["random.onnx"]),
        (["--style", "cut.onnx"], 5, ["cut.onnx"]),
        (["--style", "./none.onnx"], 5, ["none.onnx"]),
        (["--size", "0x0"], 2, ["--size 0x0", "640x480"]),
        (["--size", "big"], 2, ["--size big"]),
        (["--strength", "2"], 2, ["--strength"]),
        (["--frames", "0"], 2, ["--frames"]),
        (["--keys", "x"], 2, ["--keys"]),
        (["--nonsense"], 2, ["--nonsense"]),
        (["--record", "none/a.mp4"], 1, ["none/a.mp4"]),
        (["--record", "a.txt"], 2, [".mp4"]),
        (["--device", "coreml"], 2, ["coreml"]),
    ],
)
def test_bad_input_is_one_sentence(realtime, tmp_path, tiny_style, args, code, parts):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("this is a letter, not a film\n" * 50)
    (tmp_path / "random.onnx").write_bytes(np.random.default_rng(0).bytes(5000))
    (tmp_path / "cut.onnx").write_bytes(tiny_style.read_bytes()[:-40])
    before = {p.name for p in tmp_path.iterdir()}
    camera = [] if "--camera" in args else ["--camera", "demo"]
    style = [] if "--style" in args else ["--style", "negative"]
    _fails(realtime(*camera, *style, "--no-window", *args), code, *parts)
    assert {p.name for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--camera", "none.mp4", "--style", "negative", "--no-window"], 4),
        (["--strength", "2"], 2),
        (["train"], 2),
        (["export", "none"], 2),
        (["styles", "show", "none"], 5),
        (["styles", "--nonsense"], 2),
        (["bench", "--style", "none"], 5),
        (["doctor", "--nonsense"], 2),
    ],
)
def test_debug_shows_the_traceback_and_then_the_same_sentence_and_code(realtime, args, code):
    plain = realtime(*args)
    _fails(plain, code)
    for debugged in (realtime("--debug", *args), realtime(*args, "--debug")):
        assert debugged.returncode == code
        assert debugged.stdout == ""
        assert debugged.stderr.startswith("Traceback")
        assert debugged.stderr.endswith("\n" + plain.stderr)


def test_debug_is_taken_by_every_command(realtime):
    for command in (["--frames", 1, *DEMO], ["styles"], ["styles", "show", "negative"]):
        for args in (["--debug", *command], [*command, "--debug"]):
            done = realtime(*args)
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "--debug" in realtime("train", "--help").stdout


def test_a_truncated_file_is_shown_as_far_as_it_goes(realtime, shared, tmp_path):
    data = (shared / "clips" / "bigbuckbunny.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) * 6 // 10])
    done = realtime("--camera", "cut.mp4", "--style", "negative", "--no-window", "--json")
    assert done.returncode in (3, 4), done.stderr
    assert "cut.mp4" in done.stderr
    if done.returncode == 3:
        assert 0 < json.loads(done.stdout)["frames_shown"] < 132


def test_a_full_disk_while_recording_is_one_sentence_and_leaves_nothing(realtime, tmp_path):
    def small_files():
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))  # what a full disk does: writes fail

    env = {"PYTHONDONTWRITEBYTECODE": "1"}
    done = realtime(*DEMO, "--size", "640x480", "--frames", 600, "--record", "a.mp4", preexec_fn=small_files, env=env)
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "recording to a.mp4 failed" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir() if p.name != "styles"] == []


def _interrupt(process, number=signal.SIGINT):
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.fixture
def start(tmp_path, style_folder):
    """Starts `realtime ARGS` in an empty folder; the process is ended with the test."""
    processes = []

    def run(*args):
        process = subprocess.Popen(
            [*COMMAND, *map(str, args)], cwd=tmp_path, env={**os.environ, "STYLECAM_STYLES": str(style_folder)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_a_live_session_with_its_report_and_a_whole_recording(start, tmp_path, name):
    from stylecam.realtime.video.libraries import av

    process = start(*DEMO, "--json", "--record", "a.mp4", "--keys", "10:s")
    line = process.stderr.readline()  # "saved ...": frames are flowing
    assert "saved" in line
    code, out, _ = _interrupt(process, getattr(signal, name))
    assert code == 130
    report = json.loads(out)
    assert report["interrupted"]
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert len(list(container.decode(video=0))) == report["frames_shown"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_while_a_camera_opens_ends_at_once(start):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/video"
        process = start("--camera", url, "--style", "negative", "--no-window", "--json")
        connection, _ = silent.accept()  # it waits for an answer now
        with connection:
            assert _interrupt(process) == (130, "", "\nrealtime: interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_while_a_style_is_read_ends_at_once(start, tmp_path):
    os.mkfifo(tmp_path / "slow.onnx")
    process = start("--camera", "demo", "--style", "./slow.onnx", "--no-window", "--json")
    with open(tmp_path / "slow.onnx", "wb"):  # opens when the command opens it to read
        assert _interrupt(process) == (130, "", "\nrealtime: interrupted\n")


@pytest.mark.skipif(sys.platform != "linux", reason="VmHWM of Linux")
def test_peak_memory_is_the_processes_own_and_not_its_parents(realtime):
    ballast = np.ones(700_000_000, np.uint8)  # a large parent must not show up in the child's report
    report = json.loads(realtime(*DEMO, "--frames", 3, "--json").stdout)
    assert ballast[-1] == 1
    assert 30 < report["peak_rss_mb"] < 400
