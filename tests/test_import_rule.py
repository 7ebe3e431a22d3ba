"""realtime runs without torch, and the folders do not import each other."""

import ast
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import stylecam.realtime

ROOT = Path(stylecam.realtime.__file__).parents[1]
REALTIME = sorted(m.name for m in pkgutil.walk_packages(stylecam.realtime.__path__, "stylecam.realtime."))

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


def test_every_realtime_module_imports_without_torch():
    names = [*REALTIME, "stylecam.models.catalog", "stylecam.models.errors"]
    done = subprocess.run([sys.executable, "-c", WITHOUT, *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_training_commands_say_what_to_install_without_torch(tmp_path):
    program = WITHOUT + "\nfrom stylecam.realtime.cli import main\nsys.exit(main(['export', 'x', '-o', 'y.onnx']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'stylecam[export]'" in done.stderr


@pytest.mark.parametrize("folder", ["models", "realtime", "training", "export"])
def test_folders_import_only_what_they_may(folder):
    allowed = {
        "models": {"models"},
        "realtime": {"realtime", "models"},
        "training": {"training", "models"},
        "export": {"export", "models"},
    }[folder]
    for path in (ROOT / folder).rglob("*.py"):
        if folder == "realtime" and path.parent.name == "commands":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                parts = name.split(".")
                if parts[0] == "stylecam":
                    assert parts[1] in allowed, f"{path.name} imports {name}"
                    if folder == "realtime" and parts[1] == "models":
                        assert parts[2] in {"catalog", "errors"}, f"{path.name} imports {name}"


def test_video_libraries_are_imported_in_the_order_that_lets_windows_open():
    program = "import stylecam.realtime.cli, stylecam.realtime.live.loop, sys; m = list(sys.modules); "
    program += "print(m.index('cv2') < m.index('av'))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
