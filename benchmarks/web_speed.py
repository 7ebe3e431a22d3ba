"""The page's painters in headless Chromium beside ONNX Runtime here: milliseconds a frame, the start, the bytes sent.

    python benchmarks/web_speed.py [--style hokusai] [--rounds 8]

Needs `make web`, Chromium and the development extras. The page and ONNX Runtime take turns, a few frames each, so that
what else the machine does meets both. Ratios compare the fastest frames, which others disturb least.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import threading
import time

import numpy as np
import onnxruntime
from playwright.sync_api import Page, sync_playwright

from stylecam.models.catalog import StyleCatalog
from stylecam.realtime.live.web_page import PAGE, WebPageServer

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
SIZES = ((640, 480), (320, 240))
THREADS = (1, 2)
FRAMES = 4  # a turn
PREPARE = """async ([file, threads, size]) => {
  const { Painter } = await import("/js/painter.js");
  globalThis.test = { painter: new Painter("wasm", threads), file, size };
  test.style = { id: file, bytes: async () => (await fetch(`/styles/${file}`)).arrayBuffer() };
  const canvas = new OffscreenCanvas(...size);
  const context = canvas.getContext("2d");
  const blend = context.createLinearGradient(0, 0, ...size);
  ["red", "gold", "green", "blue"].forEach((colour, place) => blend.addColorStop(place / 3, colour));
  context.fillStyle = blend;
  context.fillRect(0, 0, ...size);
  test.picture = canvas;
  await test.painter.started;
  const start = performance.now();
  await test.painter.load(test.style);
  return performance.now() - start;
}"""
PAINT = """async (frames) => {
  const found = [];
  for (let frame = 0; frame < frames; frame += 1) {
    const { ms, painted } = await test.painter.paint(test.style, await createImageBitmap(test.picture));
    painted.close();
    found.push(ms);
  }
  return found;
}"""
FIRST = "performance.getEntriesByName('first-painting')[0].startTime"


def main() -> None:
    """Prints a line for each size and number of threads, for the start, and for what is sent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--style", default="hokusai")
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    style = StyleCatalog().find(options.style)
    with WebPageServer(0) as server, sync_playwright() as playwright:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            context = browser.new_context()
            _start(context.new_page(), server.url, options.style)
            page = context.new_page()
            page.goto(f"{server.url}licences.txt")  # of the same origin, and it does nothing itself
            for size in SIZES:
                for threads in THREADS:
                    _speed(page, style.data, style.path.name, size, threads, options.rounds)
            browser.close()
        finally:
            server.shutdown()
            serving.join()
    _bytes(style.path.name)


def _speed(page: Page, data: bytes, file: str, size: tuple[int, int], threads: int, rounds: int) -> None:
    load = page.evaluate(PREPARE, [file, threads, size])
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")  # else it slows the page's turn
    session = onnxruntime.InferenceSession(data, settings, providers=["CPUExecutionProvider"])
    frame = np.random.default_rng(1).integers(0, 256, (1, size[1], size[0], 3), np.uint8)
    here: list[float] = []
    web: list[float] = []
    for turn in range(rounds + 1):
        painted = page.evaluate(PAINT, FRAMES)
        times = [_timed(session, frame) for _ in range(FRAMES)]
        if turn:  # the first lays out memory
            web += painted
            here += times
    page.evaluate("test.painter.close()")
    print(
        f"{size[0]}x{size[1]}, {threads} thread(s): page {statistics.median(web):.1f} ms (fastest {min(web):.1f}), "
        f"ONNX Runtime {statistics.median(here):.1f} (fastest {min(here):.1f}), "
        f"ratio {min(web) / min(here):.1f}, style loaded in {load:.0f} ms",
        flush=True,
    )


def _timed(session: onnxruntime.InferenceSession, frame: np.ndarray) -> float:
    start = time.perf_counter()
    session.run(None, {"frame": frame})
    return 1000 * (time.perf_counter() - start)


def _start(page: Page, url: str, style: str) -> None:
    """The time to the first painted frame, from the network and then from the browser's cache."""
    for which in ("without", "with"):
        page.goto(f"{url}#style={style}")
        page.wait_for_selector("body:not(.starting)")
        print(f"first painted frame, {which} the browser's cache: {page.evaluate(FIRST):.0f} ms", flush=True)
        page.goto("about:blank")


def _bytes(style: str) -> None:
    files = [path for path in PAGE.rglob("*") if path.is_file() and "jspi" not in path.name]
    sent = [path for path in files if path.suffix != ".onnx" and path.name != "licences.txt"] + [
        PAGE / "styles" / style
    ]
    size = sum(len(gzip.compress(path.read_bytes(), 9)) for path in sent)
    print(f"the page and one style, gzip: {size / 1e6:.2f} MB in {len(sent)} files")


if __name__ == "__main__":
    main()
