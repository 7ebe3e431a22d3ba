"""The real window keeps the contract of all sinks."""

import subprocess
import sys
from pathlib import Path

from ..sink_contract import CHECKS

CONTRACT = Path(__file__).parents[1] / "sink_contract.py"


def test_the_window_keeps_the_contract(desktop):
    command = [sys.executable, "-W", "error", str(CONTRACT)]
    done = subprocess.run(command, env=desktop.env(), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [check.__name__ for check in CHECKS]
