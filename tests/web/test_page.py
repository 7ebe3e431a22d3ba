"""How the page behaves: its sentences, keys, labels, sizes, and that it asks no other host."""

import gzip
import subprocess
import sys
import urllib.parse
import urllib.request

import onnx
import pytest

from stylecam.models.catalog import BUNDLED, StyleCatalog
from stylecam.realtime.live.control_table import CONTROLS

from .conftest import FAKE_CAMERA, WEB, painting, shows, told

SCREENS = {"desk": (1440, 900), "laptop": (1024, 640), "phone": (390, 844), "small": (360, 640), "sideways": (844, 390)}


def _pressed(page, name):
    return page.get_attribute(f"[data-act={name}]", "aria-pressed") == "true"


def test_a_refused_camera_is_told_and_the_demo_goes_on(visit):
    page = visit(paints=False)
    page.click("#welcome [data-act=camera]")
    assert told(page, "refused").startswith("The camera was refused: allow it in the browser's settings for this page")
    shows(page, "demo")
    assert page.is_visible("#welcome")
    painting(page)


def test_a_machine_without_a_camera_is_told_what_to_do(visit, chromium):
    page = visit(paints=False, using=chromium(f"{FAKE_CAMERA}=device-count=0"), allowed=["camera"])
    page.select_option("#source", "camera:")
    assert "plug one in and choose it" in told(page, "no camera")
    shows(page, "demo")


def test_an_unplugged_camera_is_told_and_taken_again_when_it_is_back(visit):
    page = visit(allowed=["camera"])
    shows(page, "camera:")
    # Nothing unplugs Chromium's camera: its track ends as that of an unplugged one does.
    page.evaluate("""() => {
      const [track] = stylecam.loop.source.stream.getVideoTracks();
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }""")
    assert told(page, "gone").startswith("The camera is gone: plug it in again")
    assert page.inner_text("#figures") == ""
    shows(page, "gone", "(gone)")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    page.wait_for_selector("#message[data-shown=false]", state="attached")
    assert page.evaluate("stylecam.loop.source.stream.active")
    shows(page, "camera:")
    # Or chosen again.
    page.evaluate("stylecam.loop.source.track.dispatchEvent(new Event('ended'))")
    shows(page, "gone")
    page.select_option("#source", page.get_attribute("#source [value^='camera:']", "value"))
    shows(page, "camera:")
    page.wait_for_selector("#message[data-shown=false]", state="attached")


def test_an_address_that_is_not_safe_has_no_camera(visit):
    page = visit(paints=False, script="Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    page.click("#welcome [data-act=camera]")
    assert "https" in told(page, "safe addresses")


def test_without_threads_one_paints_and_the_page_says_so(visit, plain_site):
    page = visit(base=plain_site, service_workers="block", paints=False)
    assert told(page, "threads are missing").count(".") == 1
    painting(page)
    assert page.evaluate("stylecam.painter.threads") == 1


def test_without_https_the_sentence_is_another_one_and_style_files_are_taken(visit, plain_site, tiny_style):
    http = "Object.defineProperty(globalThis, 'isSecureContext', { value: false }); delete Crypto.prototype.randomUUID;"
    page = visit(base=plain_site, service_workers="block", paints=False, script=http)
    assert told(page, "https").startswith("Browsers give threads to safe addresses only, so one thread paints")
    page.set_input_files("#file", str(tiny_style))
    page.wait_for_selector("#title:text-is('The negative')")


def test_a_gpu_that_fails_leaves_the_painting_to_the_processor(page):
    found = page.evaluate("""async () => {
      const broken = { requestAdapter: async () => ({ info: { isFallbackAdapter: false } }) };
      Object.defineProperty(navigator, "gpu", { value: broken });
      Object.defineProperty(navigator, "hardwareConcurrency", { value: 16 }); // so that nothing else is tried
      const { fasterPainter } = await import("/js/fastest.js");
      // The page itself looks for a faster one too, and may close this one meanwhile.
      const found = await fasterPainter(stylecam.painter, stylecam.style).catch(() => null);
      return found?.runtime ?? "wasm";
    }""")
    assert found == "wasm"
    # And one that was taken and is lost later:
    made = page.evaluate("""async () => {
      const Usual = Worker;
      let made = 0;
      globalThis.Worker = class extends Usual {
        constructor(...of) {
          super(...of);
          made += 1;
        }
      };
      await new Promise((resolve) => {
        stylecam.loop.onFirst = resolve; // called with the next painting
        stylecam.painter.runtime = "webgpu";
        stylecam.painter.close();
      });
      globalThis.Worker = Usual;
      return made;
    }""")
    assert made == 1  # and not one for each frame that fails until it is there
    assert page.evaluate("stylecam.painter.runtime") == "wasm"


def test_a_browser_without_simd_is_told(visit):
    page = visit(paints=False, script="WebAssembly.validate = () => false")
    assert "update it" in told(page, "SIMD")


def test_a_file_that_is_no_style_leaves_the_painter(page, tmp_path, tiny_style):
    painters, title = page.locator("#painters li").count(), page.inner_text("#title")
    other = onnx.load(tiny_style)
    onnx.compose.add_prefix_graph(other.graph, "other/", inplace=True)
    files = {"text": b"no model at all", "empty": b"", "model": other.SerializeToString(), "outside": _data_outside()}
    for name, data in files.items():
        (tmp_path / f"{name}.onnx").write_bytes(data)
        page.set_input_files("#file", str(tmp_path / f"{name}.onnx"))
        assert told(page, name) == f"{name}.onnx is no style file: drop an .onnx file that stylecam made."
    assert (page.locator("#painters li").count(), page.inner_text("#title")) == (painters, title)


def _data_outside():
    """A style file whose largest tensor lies in a file of the machine."""
    model = onnx.load(BUNDLED / "hokusai-fast.onnx")
    tensor = max(model.graph.initializer, key=lambda one: len(one.raw_data))
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return model.SerializeToString()


def test_a_file_that_is_no_picture_is_told(page, tmp_path):
    for name in ("photo.png", "film.mp4"):
        (tmp_path / name).write_bytes(b"nothing")
        page.set_input_files("#file", str(tmp_path / name))
        assert told(page, name).startswith(f"{name} cannot be shown by this browser: drop a JPEG")
    shows(page, "demo")


def test_every_key_does_what_the_window_does_with_it(page):
    own = page.evaluate("async () => (await import('/js/controls.js')).CONTROLS")
    for control in own:
        there = CONTROLS[control["name"]]
        assert control["keys"] == list(there.keys[: len(control["keys"])])
        assert there.help.startswith(control["help"])
    for key, name in (("v", "split"), ("c", "preserve-color"), ("m", "mirror"), (" ", "original")):
        before = _pressed(page, name)
        page.keyboard.press(key)
        assert _pressed(page, name) is not before
        page.keyboard.press(key)
        assert _pressed(page, name) is before
    for key, title in (("3", "The Scream"), ("n", "Udnie"), ("p", "The Scream"), ("Shift+1", "Water Lilies")):
        page.keyboard.press(key)
        page.wait_for_selector(f"#title:text-is('{title}')")
    page.keyboard.press("[")
    assert page.input_value("#strength") == "90"
    page.keyboard.press("]")
    assert page.input_value("#strength") == "100"
    # AltGr and 8 make "[" on a German keyboard, where Windows reports Ctrl and Alt.
    german = {"key": "[", "code": "Digit8", "modifierAltGraph": True, "ctrlKey": True, "altKey": True}
    page.evaluate("(german) => dispatchEvent(new KeyboardEvent('keydown', german))", german)
    assert page.input_value("#strength") == "90"
    page.keyboard.press("]")
    page.keyboard.press("h")
    assert page.is_hidden("#figures")
    page.keyboard.press("h")
    page.keyboard.press("?")
    assert page.is_visible("#help")
    page.keyboard.press("n")  # nothing happens behind the help
    page.keyboard.press("Escape")
    assert page.is_hidden("#help")
    assert page.inner_text("#title") == "Water Lilies"
    page.keyboard.press("f")
    page.wait_for_selector("body.full")
    assert page.is_visible("[data-act=help]")
    page.keyboard.press("f")
    page.wait_for_selector("body:not(.full)")
    page.evaluate("() => { document.documentElement.requestFullscreen = async () => Promise.reject(new TypeError()); }")
    page.keyboard.press("f")  # an error of the page would fail the test
    page.evaluate("delete document.documentElement.requestFullscreen")
    page.click("[data-act=share]")
    assert told(page, "copied")


def test_the_original_shows_while_its_key_is_held(page):
    page.keyboard.down(" ")
    assert _pressed(page, "original")
    # Held so long that it is no tap: the time is the event's own.
    page.evaluate("""() => {
      const up = new KeyboardEvent("keyup", { code: "Space", key: " " });
      Object.defineProperty(up, "timeStamp", { value: performance.now() + 1000 });
      dispatchEvent(up);
    }""")
    assert not _pressed(page, "original")
    page.keyboard.up(" ")


def test_the_painters_are_those_of_the_catalog_in_its_order(page):
    catalog = StyleCatalog([BUNDLED])
    titles = [catalog.find(name).title for name in catalog.names]
    assert page.eval_on_selector_all("#painters .name", "all => all.map((one) => one.textContent)") == titles
    page.click("#painters li:nth-child(2) button")
    page.wait_for_selector("#title:text-is('The Starry Night')")
    assert page.locator("#painters [aria-pressed=true]").count() == 1


def test_a_screen_reader_finds_a_name_for_all(page):
    page.keyboard.press("1")
    page.wait_for_selector("#title:text-is('The Great Wave off Kanagawa')")
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, select, input:not([type=file]), canvas")]
      .filter((one) => !(one.getAttribute("aria-label") || (one.closest("label") ?? one).textContent.trim()))
      .map((one) => one.outerHTML)""")  # fmt: skip
    assert nameless == []
    label = page.get_attribute("#picture", "aria-label")
    assert label == "The demo scene, painted as The Great Wave off Kanagawa, Katsushika Hokusai, c. 1831"
    assert page.get_attribute("#message p", "role") in ("status", "alert")


@pytest.mark.parametrize("mixing", [False, True])
@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_is_cut_off_and_targets_are_large(page, screen, mixing):
    width, height = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("(on) => document.body.classList.toggle('mixing', on)", mixing)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert all(page.is_visible(f"[data-act={name}]") for name in ("share", "fullscreen", "help"))
    small, outside = page.evaluate("""() => {
      const boxes = [...document.querySelectorAll("#tools button, header button, #welcome button, #painters button")]
        .filter((one) => one.checkVisibility())
        .map((one) => [one.dataset.act ?? one.title, one.getBoundingClientRect()]);
      const tools = boxes.filter(([name]) => !name.includes(","));
      const names = (some, wrong) => some.filter(([, box]) => wrong(box)).map(([name]) => name);
      return [
        names(boxes, (box) => box.width < 44 || box.height < 44),
        names(tools, (box) => box.left < 0 || box.right > innerWidth || box.bottom > innerHeight),
      ];
    }""")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.evaluate("document.body.classList.remove('mixing')")
    assert (small, outside) == ([], [])


def test_the_page_asks_its_own_host_alone(visit, site):
    asked = set()
    # On one core there is nothing to try that may be faster, so the painter stays.
    one_core = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 1 })"
    page = visit(asked=lambda request: asked.add(urllib.parse.urlsplit(request.url)), script=one_core)
    own = urllib.parse.urlsplit(site).netloc
    assert {url.netloc for url in asked if url.scheme not in ("blob", "data")} == {own}
    assert not any("jspi" in url.path for url in asked)
    refused = page.evaluate("""() => new Promise((resolve) => {
      addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
      fetch("https://192.0.2.1/").catch(() => {});
    })""")
    assert refused == "connect-src"
    # Nor does the worker, which the page's own policy does not reach.
    refused = _painting_worker(page).evaluate("""() => new Promise((resolve) => {
      addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
      setTimeout(resolve, 5000, "sent");
      fetch("https://192.0.2.1/").catch(() => {});
    })""")
    assert refused == "connect-src"


def _painting_worker(page):
    return next(worker for worker in page.workers if "paint-worker" in worker.url)


def test_the_policy_is_the_same_in_the_page_the_server_and_the_service_worker(site):
    with urllib.request.urlopen(site) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.removesuffix("; frame-ancestors 'none'") in answer.read().decode()
    assert policy in "".join((WEB / "sw.js").read_text("utf-8").split('" +\n    "'))
    assert policy in (WEB.parent / "docs" / "web.md").read_text("utf-8")


def test_the_page_and_one_style_are_small(page_folder):
    needless = ("jspi", "licences", ".onnx")
    files = [
        path for path in page_folder.rglob("*") if path.is_file() and not any(part in path.name for part in needless)
    ]
    files.append(page_folder / "styles" / "hokusai-fast.onnx")
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in files) < 6e6


def test_the_size_follows_the_machine(page):
    found = page.evaluate("""async () => {
      const { Pace, RATE } = await import("/js/pace.js");
      const settle = (msOf, most) => {
        const pace = new Pace();
        const lines = [];
        for (let frame = 0; frame < 400; frame += 1) {
          pace.took(msOf(Math.min(pace.lines, most)), most);
          lines.push(pace.lines);
        }
        return { last: pace.lines, changes: new Set(lines.slice(200)).size, ms: msOf(Math.min(pace.lines, most)) };
      };
      return {
        rate: RATE,
        fast: settle((lines) => 2 + lines ** 2 / 1e5, 720),
        slow: settle((lines) => 2 + lines ** 2 / 1500, 720),
        small: settle(() => 1, 240),
        hopeless: settle(() => 900, 720),
      };
    }""")
    budget = 1000 / found["rate"]
    assert found["fast"]["last"] == 720
    assert 160 < found["slow"]["last"] < 300
    assert 0.7 * budget < found["slow"]["ms"] <= budget
    assert found["slow"]["changes"] == 1  # the strokes do not change their size again and again
    assert found["small"]["last"] == 240
    assert found["hopeless"]["last"] == 160


def test_a_build_touches_no_other_folder(tmp_path):
    (tmp_path / "letters").write_text("mine")
    done = subprocess.run([sys.executable, WEB / "build.py", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert (tmp_path / "letters").read_text() == "mine"


def test_files_are_dropped_on_the_page(page, tiny_style):
    page.evaluate("""async (bytes) => {
      const given = new DataTransfer();
      given.items.add(new File([new Uint8Array(bytes)], "mine.onnx"));
      const canvas = new OffscreenCanvas(64, 48);
      canvas.getContext("2d").fillRect(0, 0, 64, 48);
      given.items.add(new File([await canvas.convertToBlob()], "black.png", { type: "image/png" }));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
    }""", [*tiny_style.read_bytes()])  # fmt: skip
    shows(page, "file", "black.png")
    page.wait_for_selector("#title:text-is('The negative')")
