"""Painters and cameras that fail: the page goes on with another one where it can, and else says what helps."""

import pytest

from .conftest import shows, told

# Sentences that are shown for a time alone are gone at once.
NO_TIME = """{
  const usual = setTimeout;
  globalThis.setTimeout = (act, ms, ...rest) => usual(act, ms >= 5000 ? 0 : ms, ...rest);
}"""
FETCH = """{
  const usual = fetch;
  globalThis.fetch = async (what) => (String(what).endsWith("ENDING") ? Response.error() : usual(what));
}"""
NO_WORKER = """{
  const Usual = Worker;
  globalThis.Worker = class extends Usual {
    constructor(_, options) {
      super("/js/none.js", options);
    }
  };
}"""
# The painter of the start stays, whatever this machine is.
NO_OTHER = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 3 });"


def _paints(page):
    """Waits for another painting."""
    page.evaluate("() => { globalThis.painted = false; stylecam.loop.onFirst = () => (painted = true); }")
    page.wait_for_function("() => painted")


def test_a_painter_that_stops_is_replaced_once(visit):
    page = visit(script=NO_OTHER)
    page.evaluate("() => { globalThis.before = stylecam.painter; before.close(); }")
    page.wait_for_function("() => stylecam.painter !== before")
    _paints(page)
    page.evaluate("stylecam.painter.close()")
    assert told(page, "stopped") == "The painters have stopped: reload this page."
    assert page.inner_text("#figures") == ""
    # The picture goes on, without a painting.
    page.evaluate("globalThis.first = document.querySelector('#picture').toDataURL()")
    page.wait_for_function("() => document.querySelector('#picture').toDataURL() !== first")
    page.keyboard.press("2")  # no painter helps
    page.wait_for_selector("#painters[aria-busy=false]")
    assert told(page, "stopped")
    assert page.locator("#painters [aria-pressed=true]").count() == 0


def test_webassembly_that_stops_in_a_painting_is_started_anew(page):
    page.evaluate("""async () => {
      const { Painter } = await import("/js/painter.js");
      const Usual = Worker;
      globalThis.Worker = class extends Usual {
        postMessage(data, transfer) {
          const error = { name: "RuntimeError", message: "memory access out of bounds" };
          if (data.method === "paint") this.onmessage({ data: { call: data.call, error } });
          else super.postMessage(data, transfer);
        }
      };
      const broken = new Painter("wasm", 1);
      globalThis.Worker = Usual;
      await broken.load(stylecam.style);
      await stylecam.change(broken);
      globalThis.broken = broken;
    }""")
    page.wait_for_function("() => stylecam.painter !== broken")
    _paints(page)
    assert page.evaluate("broken.failed && !stylecam.painter.failed")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "WebAssembly.validate = () => false;" + NO_TIME,
            "This browser lacks WebAssembly SIMD, which the painters need",
        ),
        (NO_WORKER + NO_TIME, "The painters cannot start: reload this page, or update the browser"),
        (
            FETCH.replace("ENDING", "index.json") + NO_TIME,
            "The painters cannot be loaded: check the connection, then reload",
        ),
        (FETCH.replace("ENDING", ".onnx"), "Kanagawa cannot be loaded: check the connection, then choose it again."),
    ],
    ids=["simd", "worker", "list", "style"],
)
def test_a_page_without_painters_says_so_and_waits_no_longer(visit, script, sentence):
    page = visit(script=script, paints=False)
    page.wait_for_selector("body:not(.starting)")
    assert told(page, sentence)
    assert page.is_hidden("#loading")


@pytest.fixture(scope="module")
def added(page):
    """The page, with a function `add(bytes)` for a painter that is called Nobody."""
    page.evaluate("""() => {
      let count = 0;
      globalThis.add = (bytes) => {
        count += 1;
        stylecam.add({ ...stylecam.styles[0], id: `nobody ${count}`, name: "nobody", title: "Nobody", bytes });
        return stylecam.styles.length - 1;
      };
    }""")
    return page


def test_a_style_that_cannot_be_had_leaves_the_painter(added):
    page = added
    page.keyboard.press("2")
    page.wait_for_selector("#title:text-is('The Starry Night')")
    kept = page.evaluate("""async () => {
      const { painter } = stylecam;
      const { runtime } = painter;
      painter.runtime = "webgpu"; // which is not lost for that
      await stylecam.choose(add(async () => Promise.reject(new TypeError("offline"))));
      painter.runtime = runtime;
      return painter === stylecam.painter;
    }""")
    assert kept
    assert told(page, "Nobody") == "Nobody cannot be loaded: check the connection, then choose it again."
    assert page.get_attribute("#painters", "aria-busy") == "false"
    assert page.get_attribute("#painters li:nth-child(2) button", "aria-pressed") == "true"
    assert page.inner_text("#title") == "The Starry Night"


def test_a_painter_that_cannot_take_over_is_closed(page):
    closed = page.evaluate("""async () => {
      let closed = false;
      const other = { load: async () => Promise.reject(new Error("no memory")), close: () => (closed = true) };
      await stylecam.change(other).catch(() => {});
      return closed && other !== stylecam.painter;
    }""")
    assert closed


def test_a_style_file_waits_for_the_painter_that_takes_over(page, tiny_style):
    page.evaluate("""async () => {
      const { Painter } = await import("/js/painter.js");
      const other = new Painter("wasm", 1);
      await other.load(stylecam.style);
      stylecam.painter.load = async () => {
        stylecam.painter = other;
        throw new Error("it was closed");
      };
    }""")
    page.set_input_files("#file", str(tiny_style))
    assert told(page, "newest painter").startswith("The negative")


def test_a_still_picture_is_painted_by_the_painter_that_takes_over(page):
    page.evaluate("""async () => {
      const { Painter } = await import("/js/painter.js");
      const { openPicture } = await import("/js/sources.js");
      const picture = new OffscreenCanvas(64, 48);
      picture.getContext("2d").fillRect(0, 0, 64, 48);
      const file = new File([await picture.convertToBlob()], "black.png");
      const before = stylecam.painter;
      const asked = new Promise((resolve) => {
        before.paint = () => new Promise((_, reject) => {
          const close = before.close.bind(before);
          before.close = () => {
            close();
            reject(new Error("it was closed"));
          };
          resolve();
        });
      });
      stylecam.use(await openPicture(file));
      await asked;
      globalThis.painted = false;
      stylecam.loop.onFirst = () => (painted = true);
      await stylecam.change(new Painter("wasm", 1));
    }""")
    page.wait_for_function("() => painted")


CAMERAS = """() => {
  const streams = [];
  const on = () => streams.filter((stream) => stream.getTracks()[0].readyState === "live").length;
  globalThis.cameras = { streams, on, most: 0 };
  const film = () => {
    const picture = document.createElement("canvas");
    picture.width = 64;
    picture.height = 48;
    const context = picture.getContext("2d");
    setInterval(() => context.fillRect(0, 0, 64, 48), 30);
    return picture.captureStream();
  };
  // Three cameras: one of them is used by another program, one gives no pictures.
  navigator.mediaDevices.getUserMedia = async ({ video: { deviceId } }) => {
    cameras.most = Math.max(cameras.most, cameras.on() + 1);
    if (deviceId?.exact === "busy") throw new DOMException("", "NotReadableError");
    const dark = deviceId?.exact === "dark";
    streams.push(dark ? new MediaStream([new MediaStreamTrackGenerator({ kind: "video" })]) : film());
    return streams.at(-1);
  };
}"""


@pytest.fixture(scope="module")
def cameras(page):
    """The page with cameras that are made up."""
    page.evaluate(CAMERAS)
    return page


def _choose(page, camera):
    """Chooses a camera of the list, where its name is put first."""
    page.evaluate(
        """(camera) => {
          const list = document.querySelector("#source");
          list.add(new Option(camera, `camera:${camera}`));
          list.value = `camera:${camera}`;
          list.dispatchEvent(new Event("change"));
        }""",
        camera,
    )


@pytest.mark.parametrize("how", ["unplugged", "late", "unwanted"])
def test_a_camera_without_pictures_does_not_stay_on(cameras, how):
    page = cameras
    page.select_option("#source", "demo")
    page.click("#message button", force=True)
    if how == "late":
        page.evaluate("""() => {
          globalThis.usual = setTimeout;
          globalThis.setTimeout = (act, ms) => usual(act, ms === 10000 ? 0 : ms);
        }""")
    known = page.evaluate("cameras.streams.length")
    _choose(page, "dark")
    page.wait_for_function("(known) => cameras.streams.length > known", arg=known)
    if how == "unplugged":
        page.evaluate("cameras.streams.at(-1).getTracks()[0].dispatchEvent(new Event('ended'))")
    if how == "unwanted":
        page.select_option("#source", "demo")
    else:
        assert told(page, "no pictures").startswith("The camera gives no pictures: close other programs that use it")
    if how == "late":
        page.evaluate("globalThis.setTimeout = usual")
    page.wait_for_function("() => cameras.on() === 0")
    shows(page, "demo")
    assert page.evaluate("stylecam.loop.source.name") == "demo"


def test_one_camera_is_on_at_a_time_and_comes_back_where_the_next_one_fails(cameras):
    page = cameras
    page.evaluate("cameras.most = 0")
    _choose(page, "first")
    shows(page, "camera:")
    _choose(page, "second")
    page.wait_for_function("() => cameras.on() === 1 && stylecam.loop.source.stream === cameras.streams.at(-1)")
    before = page.evaluate("cameras.streams.length")
    _choose(page, "busy")
    assert told(page, "another program").startswith("The camera is used by another program")
    page.wait_for_function(
        "(before) => cameras.streams.length > before && stylecam.loop.source.stream === cameras.streams.at(-1)",
        arg=before,
    )
    assert page.evaluate("[cameras.on(), cameras.most]") == [1, 1]
    shows(page, "camera:")
    page.select_option("#source", "demo")
