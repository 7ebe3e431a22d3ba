"""What those who look and steer from outside cost the live loop: its rate beside that of quiet moments around it.

    python benchmarks/remote_cost.py                # 10 clients of the page and its video, one of them stalled
    python benchmarks/remote_cost.py --osc          # 10,000 OSC messages a second, 10 s at a time, and the memory
    python benchmarks/remote_cost.py --rate 30      # with a camera of this rate, not as fast as it can be painted

Those who look are one other process on the same machine, which costs as well. 640x480, without a window.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from stylecam.realtime.live.control_queue import ControlQueue
from stylecam.realtime.live.loop import LiveOptions, run_live
from stylecam.realtime.live.remote.addresses import Address
from stylecam.realtime.live.remote.osc import OscServer
from stylecam.realtime.live.remote.osc_messages import message_of
from stylecam.realtime.live.remote.server import PageServer
from stylecam.realtime.live.remote.session_view import SessionView
from stylecam.realtime.live.remote.steering import Steering
from stylecam.realtime.painting.loaded_styles import LoadedStyles
from stylecam.realtime.painting.stylizer import Stylizer
from stylecam.realtime.sources.demo_scene import draw_scene
from stylecam.realtime.video.frame import Frame

SIZE, CLIENTS, MESSAGES = (640, 480), 10, 10_000


class Camera:
    """Frames that are drawn already: as fast as they are taken, or `rate` a second of which late ones are dropped."""

    name, size, live, still, mirrors = "drawn", SIZE, True, False, False
    notes, damaged, problem, time_base = (), None, None, None

    def __init__(self, rate: float | None) -> None:
        self._frames = [draw_scene(7 * n, SIZE) for n in range(30)]
        self._rate, self._next = rate, time.monotonic()
        self.fps = Fraction(rate or 1000)
        self.captured = self.dropped = 0

    def read(self, timeout: float) -> Frame:
        """The next one."""
        if self._rate:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = max(self._next + 1 / self._rate, time.monotonic())
        self.captured += 1
        return Frame(self._frames[self.captured % len(self._frames)], self.captured, time.monotonic(), None)


def look(port: int) -> None:
    """The other process: clients that take the video as it comes, one that takes none, and their pages' WebSockets."""
    import select

    clients = []
    for number in range(CLIENTS):
        client = socket.socket()
        if number == 0:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET /video.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        page = socket.create_connection(("127.0.0.1", port))
        page.sendall(
            b"GET /api/page HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        clients += [client, page]
    buffer, taken = bytearray(1 << 20), 0
    print("ready", flush=True)
    while True:
        for one in select.select([sys.stdin, *clients[1:]], [], [])[0]:
            if one is sys.stdin:
                print(taken, flush=True)
                return
            taken += one.recv_into(buffer)


def send(port: int) -> None:
    """The other process: messages that set a control, evenly over each second."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", port))
    datagrams = [message_of("strength", 0.9 + n / 1000) for n in range(100)]
    print("ready", flush=True)
    ended, sent, start = threading.Event(), 0, time.monotonic()
    threading.Thread(target=lambda: (sys.stdin.readline(), ended.set()), daemon=True).start()
    while not ended.is_set():
        due = int((time.monotonic() - start) * MESSAGES)
        while sent < due:
            sender.send(datagrams[sent % 100])
            sent += 1
        time.sleep(0.002)
    print(sent, flush=True)


def resident_mb() -> float:
    """The memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def spent() -> float:
    """Processor seconds of the threads that serve, so far: what holds where the machine has other work too."""
    ticks = 0
    for thread in threading.enumerate():
        if thread.name.startswith(("page", "jpeg", "osc")) and thread.native_id is not None:
            fields = Path(f"/proc/self/task/{thread.native_id}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Prints the ratio and what it is made of."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--osc", action="store_true")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--steady", type=float, default=0.9)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--as", dest="role", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role:
        {"look": look, "send": send}[given.role](given.port)
        return
    styles = LoadedStyles(["hokusai"], "hokusai", Stylizer.load)
    queue = ControlQueue({"style": styles.names})
    steering = Steering(queue, {"style": styles.names}, False)
    camera, end = Camera(given.rate), threading.Event()
    with (
        PageServer(Address("127.0.0.1", 0), SessionView(steering, styles)) as page,
        OscServer(Address("127.0.0.1", 0), steering) as osc,
    ):
        role, port = ("send", osc.address.port) if given.osc else ("look", page.address.port)
        measuring = threading.Thread(target=measure, args=(camera, role, port, given.rounds, given.seconds, end))
        measuring.start()
        run_live(camera, styles, [page], LiveOptions(steady=given.steady), should_stop=end.is_set, controls=queue)
        measuring.join()


def measure(camera: Camera, role: str, port: int, rounds: int, seconds: float, end: threading.Event) -> None:
    """Beside the loop: quiet and load in turns."""

    def rate() -> float:
        before, start = camera.captured, time.monotonic()
        time.sleep(seconds)
        return (camera.captured - before) / (time.monotonic() - start)

    try:
        time.sleep(3)
        quiet, loaded, memory, serving = [rate()], [], [resident_mb()], []
        others: list[float] = []  # processor seconds a second of the other process, its start included
        for _ in range(rounds):
            command = [sys.executable, __file__, "--as", role, "--port", str(port)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
                other.stdout.readline()
                start, before, ended = time.monotonic(), spent(), sum(os.times()[2:4])
                loaded.append(rate())
                serving.append((spent() - before) / (time.monotonic() - start))
                done, _ = other.communicate("\n")
                took = time.monotonic() - start
            others.append((sum(os.times()[2:4]) - ended) / took)
            memory.append(resident_mb())
            quiet.append(rate())
        ratios = [load / ((quiet[n] + quiet[n + 1]) / 2) for n, load in enumerate(loaded)]
        unit = "messages" if role == "send" else "MB"
        amount = int(done) / took / (1 if role == "send" else 1e6)
        print(f"quiet {statistics.median(quiet):.1f} fps, under load {statistics.median(loaded):.1f} fps")
        print(f"ratio {statistics.median(ratios):.3f} (rounds: {', '.join(f'{r:.3f}' for r in ratios)})")
        print(f"{amount:.0f} {unit} a second; memory after each round: {', '.join(f'{m:.0f}' for m in memory)} MB")
        print(
            f"of one core, the threads that serve took {statistics.median(serving):.1%}, "
            f"and the other process {statistics.median(others):.1%}"
        )
        print("ok" if np.median(ratios) >= 0.9 else "more than 10 %")
    finally:
        end.set()


if __name__ == "__main__":
    main()
