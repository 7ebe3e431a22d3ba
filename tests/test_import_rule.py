"""Who may import whom: the folders, the rooms in them, and the libraries that enter in one place."""

import ast
import pkgutil
import subprocess
import sys

import pytest

import stylecam.realtime

from .conftest import REPOSITORY

REALTIME = sorted(m.name for m in pkgutil.walk_packages(stylecam.realtime.__path__, "stylecam.realtime."))

FOLDERS = {"models": set(), "training": {"models"}, "export": {"models"}, "realtime": {"models"}}
# From the ground up: a room imports what stands before it in its list, and itself.
ROOMS = {
    "realtime": ["common", "video", "painting", "pictures", "sources", "live", "convert", "commands", "cli"],
    "training": ["losses", "optimize", "evaluate"],
}
RUNTIME_MODELS = {"catalog", "errors"}  # what `realtime` may know of models: all else there needs torch
# Libraries whose first import must do more than import them, or of which only one room is to know.
ENTRANCES = {
    "cv2": "video/libraries.py",
    "av": "video/libraries.py",
    "onnxruntime": "painting/engines/onnx_runtime.py",
    "openvino": "painting/engines/openvino_library.py",
    "pillow_heif": "pictures/heif.py",
    "pyvirtualcam": "live/virtual_device.py",
    "sounddevice": "live/microphone.py",
}

WITHOUT = """
import importlib, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchvision", "lightning_fabric", "onnx", "safetensors"}:
            raise ImportError(f"{name} is not here")
sys.meta_path.insert(0, Refuse())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def broken_rules(file, source):
    """What of its imports, those inside functions too, a file may not have; `file` is its path in the repository."""
    folder, *rest = file.split("/")
    room = rest[0].removesuffix(".py")
    commands = (folder, room) == ("realtime", "commands")
    return [
        f"{file} imports {name}: {rule}"
        for name in _imports(ast.parse(source))
        if (rule := _rule(folder, room, rest, name, commands)) is not None
    ]


def _imports(tree):
    """Every module, or name in a module, that is imported, in full: ``stylecam.models.catalog.Style``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def _rule(folder, room, rest, name, commands):
    if name.startswith("."):
        return "imports are written in full, so that this test can read them"
    library, *parts = name.split(".")
    entrance = ENTRANCES.get(library)
    if folder == "realtime" and entrance and not commands and not "/".join(rest).startswith(entrance):
        return f"in realtime {library} enters in {entrance}, and nowhere else"
    if library != "stylecam":
        return None
    if not parts or parts[0] not in FOLDERS:
        return "the package's own names are for its users"
    if parts[0] != folder:
        if commands:
            return None
        if parts[0] not in FOLDERS[folder]:
            return f"{folder} may import {' and '.join(sorted(FOLDERS[folder])) or 'nothing'} of ours"
        if folder == "realtime" and parts[1] not in RUNTIME_MODELS:
            return f"realtime may import {' and '.join(sorted(RUNTIME_MODELS))} of models"
        return None
    order = ROOMS.get(folder, [])
    if room in order and parts[1] in order and order.index(parts[1]) > order.index(room):
        return f"{parts[1]} stands above {room} ({' < '.join(order)})"
    return None


def _files():
    return sorted(path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*.py"))


def test_no_import_breaks_a_rule():
    files = _files()
    assert len(files) > 100
    named = ((path.relative_to(REPOSITORY).as_posix(), path.read_text("utf-8")) for path in files)
    assert [sentence for file, source in named for sentence in broken_rules(file, source)] == []


def test_every_folder_of_realtime_is_a_room():
    folders = {path.name for path in (REPOSITORY / "realtime").iterdir() if any(path.glob("*.py"))}
    assert folders == {*ROOMS["realtime"]} - {"cli"}


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        ("realtime/painting/a.py", "def f():\n    import stylecam.realtime.live.loop", "live stands above painting"),
        ("realtime/pictures/a.py", "from stylecam.realtime.sources import camera", "sources stands above pictures"),
        ("realtime/live/a.py", "from stylecam.realtime import convert", "convert stands above live"),
        ("realtime/commands/a.py", "from stylecam.realtime.cli import main", "cli stands above commands"),
        ("training/losses/a.py", "from stylecam.training.evaluate import likeness", "evaluate stands above losses"),
        ("realtime/live/a.py", "import stylecam.training.data", "realtime may import models of ours"),
        ("realtime/live/a.py", "from stylecam.models import networks", "catalog and errors of models"),
        ("models/a.py", "from stylecam.export import graph", "models may import nothing of ours"),
        ("realtime/live/a.py", "from stylecam import Stylizer", "for its users"),
        ("realtime/live/a.py", "import stylecam", "for its users"),
        ("realtime/live/a.py", "from . import loop", "written in full"),
        ("realtime/live/a.py", "import cv2", "cv2 enters in video/libraries.py"),
        ("realtime/video/a.py", "from av import open", "av enters in video/libraries.py"),
        ("realtime/live/a.py", "import onnxruntime as ort", "onnxruntime enters in painting/engines/onnx_runtime.py"),
    ],
)
def test_what_breaks_a_rule_is_named(file, source, said):
    (sentence,) = broken_rules(file, source)
    assert sentence.startswith(f"{file} imports ")
    assert said in sentence


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("realtime/commands/a.py", "from stylecam.training.train import train\nimport stylecam.export.graph"),
        ("realtime/live/a.py", "from stylecam.realtime.common import targets\nfrom stylecam.realtime.live import hud"),
        ("realtime/live/a.py", "from stylecam.models.catalog import Style\nfrom stylecam.models import errors"),
        ("training/train.py", "from stylecam.training.evaluate.likeness import Target\nimport cv2"),
        ("training/losses/a.py", "from stylecam.training.options import TrainOptions"),
    ],
)
def test_what_is_allowed(file, source):
    assert broken_rules(file, source) == []


def test_every_realtime_module_imports_without_torch():
    names = [*REALTIME, "stylecam.models.catalog", "stylecam.models.errors"]
    done = subprocess.run([sys.executable, "-c", WITHOUT, *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(names) > 80


def test_training_commands_say_what_to_install_without_torch(tmp_path):
    program = WITHOUT + "\nfrom stylecam.realtime.cli import main\nsys.exit(main(['export', 'x', '-o', 'y.onnx']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'stylecam[export]'" in done.stderr


def test_video_libraries_are_imported_in_the_order_that_lets_windows_open():
    program = "import stylecam.realtime.cli, stylecam.realtime.live.loop, sys; m = list(sys.modules); "
    program += "print(m.index('cv2') < m.index('av'))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
