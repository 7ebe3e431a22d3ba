"""Real processes, real windows: fixtures that start them and always end them."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

import cv2
import pytest

COMMAND = [sys.executable, "-m", "stylecam.realtime.cli"]


def wait_for(condition, what, seconds=60):
    """Polls until `condition()` is true and returns its value; fails naming `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)  # the pause of a poll with a deadline, not a synchronisation
    pytest.fail(f"{what} did not happen within {seconds} s")
    return None


@pytest.fixture
def realtime(tmp_path, style_folder):
    """Runs `realtime ARGS` in an empty folder without a display; returns the finished process."""

    def run(*args, env=None, timeout=120, **options):
        environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        environment |= {"STYLECAM_STYLES": str(style_folder), **(env or {})}
        cwd = options.pop("cwd", tmp_path)
        return subprocess.run(
            [*COMMAND, *map(str, args)], capture_output=True, text=True, check=False, timeout=timeout,
            env=environment, cwd=cwd, stdin=subprocess.DEVNULL, **options,
        )  # fmt: skip

    return run


# xdotool cannot: its windowclose destroys the window, and the program is not asked.
_ASK_TO_CLOSE = """
import ctypes, sys
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_long, c_ulong, c_void_p

class ClientMessage(Structure):
    _fields_ = [
        ("type", c_int), ("serial", c_ulong), ("send_event", c_int), ("display", c_void_p), ("window", c_ulong),
        ("message_type", c_ulong), ("format", c_int), ("data", c_long * 5), ("pad", c_long * 24),  # an XEvent's size
    ]

x11 = ctypes.CDLL("libX11.so.6")
x11.XOpenDisplay.restype, x11.XOpenDisplay.argtypes = c_void_p, [c_char_p]
x11.XInternAtom.restype, x11.XInternAtom.argtypes = c_ulong, [c_void_p, c_char_p, c_int]
x11.XSendEvent.argtypes = [c_void_p, c_ulong, c_int, c_long, POINTER(ClientMessage)]
x11.XSync.argtypes, x11.XCloseDisplay.argtypes = [c_void_p, c_int], [c_void_p]
display, window = x11.XOpenDisplay(None), int(sys.argv[1])
protocols, delete = (x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
CLIENT_MESSAGE = 33
event = ClientMessage(CLIENT_MESSAGE, 0, 1, display, window, protocols, 32, (c_long * 5)(delete, 0))
assert x11.XSendEvent(display, window, 0, 0, byref(event))
x11.XSync(display, 0)
x11.XCloseDisplay(display)
"""


@dataclass
class Desktop:
    """A virtual screen of 1280x800 with a command's window on it."""

    display: str

    def env(self, **more):
        return {**os.environ, "DISPLAY": self.display, **more}

    def xdotool(self, *args, check=True):
        done = subprocess.run(
            ["xdotool", *args], env=self.env(), capture_output=True, text=True, check=False, timeout=60
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def window(self):
        """The number of the window, once it is on the screen."""
        found = wait_for(
            lambda: self.xdotool("search", "--onlyvisible", "--class", "^stylecam$", check=False), "a window"
        )
        return found.splitlines()[0]

    def key(self, *names):
        """Presses keys in the window, as a keyboard would."""
        window = self.window()
        self.xdotool("windowfocus", window)
        for name in names:
            self.xdotool("key", name)

    def press_close(self):
        """What a window manager does when the close button is pressed: it asks the window to go (WM_DELETE_WINDOW)."""
        done = subprocess.run(
            [sys.executable, "-c", _ASK_TO_CLOSE, self.window()], env=self.env(), capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def place(self):
        """Left, top, width and height of the window, px."""
        shell = self.xdotool("getwindowgeometry", "--shell", self.window())
        values = dict(line.split("=") for line in shell.splitlines())
        return tuple(int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))

    def inside(self, path):
        """What the window shows: uint8 `[H, W, 3]` BGR; `path` is for the screenshot."""
        left, top, width, height = self.place()
        return cv2.imread(str(self.screenshot(path)))[top : top + height, left : left + width]

    def screenshot(self, path):
        """Saves the whole screen as PNG."""
        grab = ["ffmpeg", "-v", "error", "-y", "-f", "x11grab", "-video_size", "1280x800", "-i", self.display]
        subprocess.run([*grab, "-frames:v", "1", str(path)], check=True, timeout=60, stdin=subprocess.DEVNULL)
        return path


@pytest.fixture(scope="session")
def desktop():
    """An X server of our own, without a window manager."""
    for tool in ("Xvfb", "xdotool", "ffmpeg"):
        if shutil.which(tool) is None:
            if os.environ.get("STYLECAM_CI"):
                pytest.fail(f"{tool} is missing, and nothing may be skipped in CI")
            pytest.skip(f"{tool} is not installed")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()  # comes when the server accepts connections
        yield Desktop(f":{number}")
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def windowed(desktop, tmp_path, style_folder):
    """Starts `realtime ARGS --json` with a window on the desktop; calling the result's `report()` waits for its end."""
    processes = []

    class Running:
        def __init__(self, *args, **env):
            env = {"STYLECAM_STYLES": str(style_folder), "XDG_STATE_HOME": str(tmp_path / "state")} | env
            env = desktop.env(**env)
            command = [*COMMAND, *map(str, args), "--json"]
            self.process = subprocess.Popen(
                command, env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            processes.append(self.process)

        def report(self, seconds=60):
            out, self.errors = self.process.communicate(timeout=seconds)
            assert self.process.returncode == 0, self.errors
            return json.loads(out)

    yield Running
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()
