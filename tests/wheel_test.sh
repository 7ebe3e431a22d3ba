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
"$work/venv/bin/python" - <<'CHECK'
import os
import pathlib
import threading
import urllib.request

from stylecam.realtime.live.web_page import PAGE, WebPageServer

# The page is in the wheel where it was built before; `make web` does.
if (pathlib.Path(PAGE) / "index.html").is_file():
    with WebPageServer(0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, least in {"": 1000, "js/main.js": 1000, "ort/ort-wasm-simd-threaded.wasm": 10_000_000}.items():
            with urllib.request.urlopen(server.url + name) as answer:
                if len(answer.read()) < least:
                    raise SystemExit(f"the page in the wheel lacks {name or 'index.html'}")
        server.shutdown()
    print("page: ok")
elif os.environ.get("STYLECAM_CI"):
    raise SystemExit("the wheel lacks the page: run `make web` before")
CHECK
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
