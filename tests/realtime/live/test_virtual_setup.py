"""Whether there is a virtual camera, on each system, and what is said where there is none."""

import os
import platform

import pytest

from stylecam.realtime.live import virtual_device, virtual_setup
from stylecam.realtime.live.virtual_setup import LOAD, readiness

from ...virtual_cameras import fake_pyvirtualcam, without_pyvirtualcam


def _fail():
    raise RuntimeError("'obs' backend: OBS Virtual Camera is not installed.\nmore")


@pytest.fixture
def linux(tmp_path, monkeypatch):
    """A machine without the module; `device(9)` gives it a loopback device, and `plain(0)` a camera."""
    sysfs, dev, module, modules = (tmp_path / name for name in ("sysfs", "dev", "module", "modules"))
    for name, folder in (("VIDEO", sysfs), ("DEV", dev), ("MODULE", module), ("MODULES", modules)):
        monkeypatch.setattr(virtual_setup, name, folder)
    sysfs.mkdir()
    dev.mkdir()
    (modules / platform.release()).mkdir(parents=True)

    class Machine:
        installed = modules / platform.release() / "modules.dep"

        @staticmethod
        def load(exclusive="Y,N,N"):
            (module / "parameters").mkdir(parents=True, exist_ok=True)
            (module / "parameters" / "exclusive_caps").write_text(exclusive + "\n")

        @staticmethod
        def plain(number):
            node, path = sysfs / f"video{number}", dev / f"video{number}"
            node.mkdir()
            (node / "name").write_text("stylecam\n")
            path.touch()
            return path

        @classmethod
        def device(cls, number):
            path = cls.plain(number)
            (sysfs / path.name / "max_openers").write_text("10\n")
            return path

    return Machine


def _said(device=None):
    state = readiness(_fail, device, "linux")
    assert not state.ok
    return f"{state.found}; {state.remedy}"


def test_linux_without_the_module(linux):
    assert _said().startswith("the kernel module v4l2loopback is not installed; sudo apt install v4l2loopback-dkms")


def test_linux_with_the_module_not_loaded(linux):
    linux.installed.write_text("updates/v4l2loopback.ko.xz: kernel/drivers/media/v4l2-core/videodev.ko\n")
    assert _said() == f"the kernel module v4l2loopback is not loaded; {LOAD}"


def test_linux_with_the_module_and_no_device(linux):
    linux.load()
    linux.plain(0)  # a camera is none
    assert _said().startswith("v4l2loopback has no device; sudo modprobe -r v4l2loopback, then sudo modprobe")


@pytest.mark.skipif(not hasattr(os, "access"), reason="permissions of POSIX")
def test_linux_without_permission(linux, monkeypatch):
    path = linux.device(9)
    monkeypatch.setattr(virtual_setup.os, "access", lambda *_: False)
    assert _said() == f"{path} may not be written to; sudo usermod -aG video $USER, then log in again"


def test_linux_with_another_device_than_was_named(linux):
    plain, path = linux.plain(0), linux.device(9)
    assert _said(str(plain)) == f"{plain} is no virtual camera; virtual cameras are: {path}"
    assert _said("/dev/nothing") == f"/dev/nothing does not exist; virtual cameras are: {path}"


def test_linux_with_all_that_is_needed(linux):
    linux.load()
    linux.plain(0)
    paths = [linux.device(10), linux.device(9)][::-1]
    assert virtual_setup.loopbacks() == paths
    state = readiness(_fail, None, "linux")  # which is not tried: somebody may be using it
    assert (state.ok, state.found) == (True, f"{paths[0]} (stylecam)")
    assert "exclusive_caps" in readiness(_fail, str(paths[1]), "linux").found


@pytest.mark.parametrize(
    ("system", "remedy"), [("win32", "winget install OBSProject.OBSStudio"), ("darwin", "brew install --cask obs")]
)
def test_other_systems_are_tried(system, remedy):
    state = readiness(_fail, None, system)
    assert not state.ok
    assert "'obs' backend: OBS Virtual Camera is not installed)" in state.found
    assert remedy in state.remedy
    assert readiness(lambda: None, None, system).ok
    assert ("Unity" in state.remedy) == (system == "win32")


def test_doctor_names_the_extra_and_what_else_is_missing(linux, monkeypatch):
    monkeypatch.setattr(virtual_device.sys, "platform", "linux")
    without_pyvirtualcam(monkeypatch)
    state = virtual_device.doctor_finding()
    assert state.found == "pyvirtualcam is missing, and the kernel module v4l2loopback is not installed"
    assert state.remedy.startswith("pip install 'stylecam[vcam]', then sudo apt install v4l2loopback-dkms")
    linux.device(9)
    assert virtual_device.doctor_finding().remedy == "pip install 'stylecam[vcam]'"


def test_doctor_opens_no_virtual_camera_that_may_be_in_use(linux, monkeypatch):
    monkeypatch.setattr(virtual_device.sys, "platform", "linux")
    opened = fake_pyvirtualcam(monkeypatch)
    linux.device(9)
    assert virtual_device.doctor_finding().ok
    assert opened == []
