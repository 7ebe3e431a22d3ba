"""Virtual cameras that keep what they are sent, and a stand-in for pyvirtualcam."""

import sys
import threading
from types import ModuleType, SimpleNamespace

from stylecam.realtime.live.slate import slate


class KeepingDevice:
    """Keeps the frames it is sent. `wait(found)` waits until it was sent one for which `found(frame)` is true."""

    def __init__(self, name="/dev/video9"):
        self.name, self.frames, self.closed, self.broken = name, [], 0, None
        self._changed = threading.Condition()

    def send(self, frame):
        if self.broken is not None:
            raise self.broken
        with self._changed:
            self.frames.append(frame)
            self._changed.notify_all()

    def close(self):
        self.closed += 1

    def wait(self, found, seconds=30):
        with self._changed:
            known = len(self.frames)
            assert self._changed.wait_for(lambda: any(found(f) for f in self.frames[known - 1 :]), seconds)

    def show_until(self, sink, picture, found):
        """Shows a sink a picture, and waits until the audience sees what `found` looks for."""
        sink.show(picture)
        self.wait(found)


def fake_pyvirtualcam(monkeypatch, broken=None):
    """Puts a stand-in in the place of pyvirtualcam; its cameras, in the order in which they are opened.

    `broken`: what opening one raises.
    """
    opened = []

    def camera(width, height, fps, fmt, device):
        if broken is not None:
            raise broken
        made = KeepingDevice(device or "/dev/video9")
        made.device, made.asked = made.name, SimpleNamespace(size=(width, height), fps=fps, fmt=fmt, device=device)
        opened.append(made)
        return made

    module = ModuleType("pyvirtualcam")
    module.Camera, module.PixelFormat = camera, SimpleNamespace(BGR="bgr")
    monkeypatch.setitem(sys.modules, "pyvirtualcam", module)
    monkeypatch.setattr("stylecam.realtime.live.virtual_device.is_connected", lambda number: True)
    return opened


def says(text, size=(128, 72)):
    """says(text)(frame): whether it is the slate with this text."""
    return lambda frame: (frame == slate(text, size)).all()


def without_pyvirtualcam(monkeypatch):
    """As where it is not installed."""
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
