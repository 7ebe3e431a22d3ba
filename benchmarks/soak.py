"""A long session with everything switched on, and what it holds: memory, threads and open files, minute by minute.

    xvfb-run python benchmarks/soak.py --seconds 3600

The demo scene in a window, with the page, OSC, a MIDI device, a virtual camera, recordings with a microphone and a
glide through the painters when nobody touches anything. Beside it, clients come and go: pages that turn every
control, video streams of which one stalls, OSC messages, a knob. The virtual camera's device and the MIDI device are
stand-ins; the microphone is the system's usual one (PulseAudio's null sink has one: its monitor), or none with
--silent.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any


class StandIn:
    """A virtual camera's device that takes everything."""

    def __init__(self, width: int, height: int, **_: object) -> None:
        self.device, self.sent = "stand-in", 0

    def send(self, picture: Any) -> None:
        """Counts it."""
        self.sent += 1

    def close(self) -> None:
        """Says how many it was sent."""
        print(f"virtual camera: {self.sent} pictures", flush=True)


class Desk:
    """A MIDI device with a knob that is turned all the time. Nobody has taught it: it moves nothing."""

    def get_input_names(self) -> list[str]:
        """Its name."""
        return ["Desk 20:0"]

    def open_input(self, name: str) -> Any:
        """It is its own port."""
        return self

    def iter_pending(self) -> list[Any]:
        """One turn of the knob."""
        import mido

        return [mido.Message("control_change", control=7, value=int(100 + 27 * math.sin(time.monotonic())))]

    def close(self) -> None:
        """Nothing."""


def session(given: argparse.Namespace, folder: Path) -> None:
    """The process that is measured: the live command, with stand-ins for two devices; then what is left of it."""
    from stylecam.realtime.cli import main
    from stylecam.realtime.live.remote import midi

    pyvirtualcam = ModuleType("pyvirtualcam")
    pyvirtualcam.Camera, pyvirtualcam.PixelFormat = StandIn, SimpleNamespace(BGR="bgr")  # type: ignore[attr-defined]
    sys.modules["pyvirtualcam"] = pyvirtualcam
    midi.system_ports = Desk  # type: ignore[assignment,misc]
    command = ["--camera", "demo", "--size", given.size, "--fps", str(given.fps), "--folder", str(folder)]
    command += ["--serve", str(given.port), "--osc", str(given.port), "--midi", "--virtual-camera", "--attract", "20"]
    command += ["--hud", "--record", str(folder / "first.mp4"), *([] if given.silent else ["--microphone"])]
    code = main(command)
    left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    print(f"exit code {code}; threads of ours left: {left or 'none'}; processes left: {children or 'none'}", flush=True)


def touch(port: int, stop: threading.Event) -> None:
    """Somebody at the page's API: every control in turn, recordings and snapshots, with pauses for the glide."""
    base, dice = f"http://127.0.0.1:{port}/api", random.Random(1)
    count = 0

    def ask(path: str, method: str, body: object) -> None:
        data, kind = json.dumps(body).encode(), {"Content-Type": "application/json"}
        try:
            urllib.request.urlopen(urllib.request.Request(base + path, data, kind, method=method), timeout=10).close()
        except OSError as error:
            print(f"{method} {path}: {error}", flush=True)

    while not stop.wait(1.0):
        count += 1
        if count % 60 > 30:
            continue  # nobody touches anything: it glides
        ask("/style", "PUT", {"value": dice.randint(1, 12)})
        ask("/strength", "PUT", {"value": dice.random()})
        ask("/steady", "PUT", {"value": dice.random()})
        for name in ("split", "original", "mirror", "preserve-color", "thumbnails", "help", "mix"):
            ask(f"/{name}", "PUT", {"value": dice.random() < 0.3})
        if count % 20 == 0:
            ask("/snapshot/press", "POST", {})
        if count % 240 in (0, 30):
            ask("/record/press", "POST", {})
        if count % 100 == 0:
            ask("/virtual-camera/press", "POST", {})


def look(port: int, stop: threading.Event) -> None:
    """Those who look: one that stalls, others that take the video for some seconds and go."""
    stalled = _video(port, 4096)
    while not stop.is_set():
        with _video(port) as client:
            until = time.monotonic() + 7
            while time.monotonic() < until and client.recv(1 << 16):
                pass
    stalled.close()


def _video(port: int, room: int | None = None) -> socket.socket:
    client = socket.socket()
    if room is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.settimeout(20)
    client.connect(("127.0.0.1", port))
    client.sendall(b"GET /video.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


def send(port: int, stop: threading.Event) -> None:
    """OSC: a hundred messages a second in half of all minutes."""
    from stylecam.realtime.live.remote.osc_messages import message_of

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        count = 0
        while not stop.wait(0.01):
            count += 1
            if count % 6000 < 3000:
                sender.send(message_of("mix-share", 0.5 + 0.5 * math.sin(count / 100)))


def held(pid: int) -> tuple[float, int, int]:
    """Resident MB, threads and open files of a process."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]) / 1000, int(status["Threads"]), len(os.listdir(f"/proc/{pid}/fd"))


def soak(given: argparse.Namespace, folder: Path) -> int:
    """Starts the session and those beside it, prints a line a minute, and leaves by the page."""
    command = [sys.executable, __file__, "--as-session", str(folder), *sys.argv[1:]]
    with subprocess.Popen(command) as child:
        base, start, stop = f"http://127.0.0.1:{given.port}/api", time.monotonic(), threading.Event()
        while True:
            try:
                urllib.request.urlopen(base, timeout=5).close()
                break
            except OSError:
                if child.poll() is not None:
                    return 1
                time.sleep(0.5)
        others = [threading.Thread(target=role, args=(given.port, stop)) for role in (touch, look, send)]
        for other in others:
            other.start()
        minute, megabytes = 0, []
        while child.poll() is None and time.monotonic() - start < given.seconds:
            time.sleep(min(1.0, given.seconds))
            if time.monotonic() - start >= 60 * minute:
                memory, threads, files = held(child.pid)
                megabytes.append(memory)
                with urllib.request.urlopen(base, timeout=10) as answer:
                    figures = json.load(answer)["figures"]
                print(f"{minute:3d} min {memory:7.1f} MB {threads:3d} threads {files:3d} files {figures}", flush=True)
                minute += 1
        stop.set()
        for other in others:
            other.join()
        asked = urllib.request.Request(f"{base}/quit/press", b"{}", {"Content-Type": "application/json"})
        if child.poll() is None:
            urllib.request.urlopen(asked, timeout=10).close()
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            print("it did not end within a minute")
            return 1
    third = max(1, len(megabytes) // 3)
    print(
        f"memory at most {max(megabytes[third:-third] or megabytes):.0f} MB before its last third, "
        f"{max(megabytes[-third:]):.0f} MB in it"
    )
    return child.returncode


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--silent", action="store_true", help="without a microphone")
    parser.add_argument("--as-session", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.as_session:
        session(given, given.as_session)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return soak(given, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
