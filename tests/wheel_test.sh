#!/bin/sh
# Builds the wheel, installs it in a fresh environment and runs it in an empty folder: what users will get.
set -eu
python=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m build --wheel --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "$work"/dist/*.whl
mkdir "$work/empty"
cd "$work/empty"
realtime="$work/venv/bin/realtime"
"$realtime" --version
"$realtime" styles
"$realtime" --camera demo --style hokusai --no-window --frames 20 --snapshot last.png --json >report.json
"$work/venv/bin/python" - <<'CHECK'
import importlib.util
import json
import pathlib

report = json.loads(pathlib.Path("report.json").read_text())
wanted = {"style": "hokusai", "frames_shown": 20, "frames_dropped": 0}
wrong = {key: report[key] for key, value in wanted.items() if report[key] != value}
if wrong or pathlib.Path("last.png").stat().st_size < 10_000:
    raise SystemExit(f"the installed wheel does not paint: {wrong or 'no picture'}")
if importlib.util.find_spec("torch"):
    raise SystemExit("the wheel's own dependencies pull torch in")
if importlib.util.find_spec("realtime") or importlib.util.find_spec("models"):
    raise SystemExit("the wheel installs a bare top-level package")
CHECK
echo "wheel: ok"
