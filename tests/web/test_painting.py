"""What the page paints: the pictures that ONNX Runtime paints, of the camera, pictures and films."""

import base64
import io

import av
import cv2
import numpy as np
import onnxruntime
import pytest
from PIL import Image

from stylecam.models.catalog import BUNDLED

from .conftest import CAMERA_FRAMES, camera_frame, shows, told

# The next painted frame as the network got it and gave it, and what the canvas then shows.
INSPECT = """async () => {
  const look = () => stylecam.painter.inspect().catch(() => null); // the page may go on with another painter
  let last = await look();
  while (!last) {
    await new Promise((resolve) => setTimeout(resolve, 20)); // for the page to do so
    last = await look();
  }
  const text = (bytes) => {
    let binary = "";
    for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(binary);
  };
  return { ...last, input: text(last.input), output: text(last.output) };
}"""
CANVAS = "() => document.querySelector('#picture').toDataURL('image/png')"


def inspect(page):
    """The next painted frame as the network got it, and what it gave."""
    last = page.evaluate(INSPECT)
    shape = (last["height"], last["width"], 3)
    return tuple(np.frombuffer(base64.b64decode(last[key]), np.uint8).reshape(shape) for key in ("input", "output"))


def _shown(page):
    picture = Image.open(io.BytesIO(base64.b64decode(page.evaluate(CANVAS).partition(",")[2])))
    return np.asarray(picture.convert("RGB"))[..., ::-1]


def _apart(first, second):
    return int(np.abs(first.astype(int) - second.astype(int)).max())


@pytest.mark.parametrize("lines", [160, 240])
def test_the_camera_is_painted_as_onnx_runtime_paints(visit, lines):
    page = visit(allowed=["camera"])
    shows(page, "camera:")
    page.evaluate("(lines) => Object.assign(stylecam.loop.pace, { lines, took() {} })", lines)  # whatever the machine
    session = onnxruntime.InferenceSession((BUNDLED / "hokusai-fast.onnx").read_bytes())
    seen = []
    while len(seen) < 3:
        given, painted = inspect(page)
        if given.shape[:2] != (lines, round(lines * 4 / 3)) or any(np.array_equal(given, other) for other in seen):
            continue  # one from before, of the demo, or the same again
        seen.append(given)
        assert _apart(session.run(None, {"frame": given[None]})[0][0], painted) <= 2
        # And it is a frame of the camera, in the right colours and the right way round.
        film = (
            cv2.resize(camera_frame(n), given.shape[1::-1], interpolation=cv2.INTER_AREA) for n in range(CAMERA_FRAMES)
        )
        assert min(np.abs(frame.astype(int) - given).mean() for frame in film) < 6


@pytest.fixture(scope="module")
def picture(page, tiny_style, tmp_path_factory):
    """The page with a picture that the exact style `negative` paints."""
    path = tmp_path_factory.mktemp("picture") / "gradient.png"
    Image.fromarray(np.ascontiguousarray(camera_frame(3)[..., ::-1])).save(path)
    page.set_input_files("#file", [str(tiny_style), str(path)])
    assert told(page, "newest painter") == "The negative is the newest painter, until this page is closed."
    shows(page, "file")
    page.wait_for_selector("#figures:text-is('240 lines')")
    return page


def test_a_picture_and_a_style_file_are_painted_exactly(picture):
    assert picture.inner_text("#title") == "The negative"
    assert _apart(_shown(picture), 255 - camera_frame(3)) <= 1


def test_strength_split_colours_and_mirror_change_what_is_shown(picture):
    page = picture
    frame = camera_frame(3)
    page.keyboard.press("v")
    shown = _shown(page)
    assert _apart(shown[:, :155], frame[:, :155]) <= 1
    assert _apart(shown[:, 165:], 255 - frame[:, 165:]) <= 1
    page.keyboard.press("v")
    page.keyboard.press("m")
    assert _apart(_shown(page), 255 - frame[:, ::-1]) <= 1
    page.keyboard.press("m")
    page.keyboard.press(" ")
    assert _apart(_shown(page), frame) <= 1
    page.keyboard.press(" ")
    for _ in range(5):
        page.keyboard.press("[")
    assert _apart(_shown(page), np.full_like(frame, 127)) <= 2
    for _ in range(5):
        page.keyboard.press("]")
    page.keyboard.press("c")
    shown = _shown(page).astype(float)
    weights = np.array([0.11, 0.59, 0.3])  # of luma
    wanted = frame + ((255.0 - frame - frame) @ weights)[..., None]
    inside = (wanted.min(axis=2) > 4) & (wanted.max(axis=2) < 251)  # where no colour had to be cut off
    assert inside.mean() > 0.2
    assert np.abs(shown - wanted)[inside].max() <= 3
    page.keyboard.press("c")


def test_a_snapshot_is_what_is_shown(picture):
    page = picture
    with page.expect_download() as download:
        page.keyboard.press("s")
    name = download.value.suggested_filename
    assert name.startswith("stylecam-negative-")
    assert name.endswith(".png")
    saved = np.asarray(Image.open(download.value.path()).convert("RGB"))[..., ::-1]
    assert _apart(saved, 255 - camera_frame(3)) <= 1
    assert name in told(page, "Saved as")


def test_a_film_is_recorded_with_its_sound(page, film):
    page.set_input_files("#file", str(film))
    shows(page, "file", "film.webm")
    page.click("#picture")
    page.keyboard.press("r")
    page.wait_for_selector("[data-act=record][aria-pressed=true]")
    page.wait_for_selector("#figures:text-matches('fps')")
    # Something of it is there: the recorder gives a part each second.
    page.evaluate("""new Promise((resolve) => {
      stylecam.recording.recorder.addEventListener("dataavailable", ({ data }) => data.size > 0 && resolve());
    })""")
    with page.expect_download() as download:
        page.keyboard.press("r")
    with av.open(str(download.value.path())) as saved:
        assert {stream.type for stream in saved.streams} == {"video", "audio"}
        frames = [frame.to_ndarray(format="bgr24") for frame in saved.decode(video=0)]
    assert frames
    assert frames[0].shape == (120, 160, 3)


def test_an_old_painting_does_not_come_back_after_the_original(page):
    shown = page.evaluate("""async () => {
      const { Stage } = await import("/js/stage.js");
      const flat = (red) => createImageBitmap(new ImageData(new Uint8ClampedArray([red, 0, 0, 255]), 1, 1));
      const state = { original: false, strength: 1 };
      const stage = new Stage(document.createElement("canvas"), state, () => {});
      const red = () => stage.context.getImageData(0, 0, 1, 1).data[0];
      stage.show(await flat(10), await flat(20));
      const shown = [red()];
      state.original = true;
      stage.show(await flat(30), null);
      shown.push(red());
      state.original = false;
      stage.redraw();
      shown.push(red());
      stage.show(await flat(40), await flat(50));
      return [...shown, red()];
    }""")
    assert shown == [20, 30, 30, 50]


def test_a_large_photograph_is_held_as_large_as_it_is_shown(page):
    size = page.evaluate("""async () => {
      const { openPicture } = await import("/js/sources.js");
      const picture = new OffscreenCanvas(3000, 1500);
      picture.getContext("2d").fillRect(0, 0, 3000, 1500);
      const source = await openPicture(new File([await picture.convertToBlob()], "large.png"));
      return [source.width, source.height, source.image.width];
    }""")
    assert size == [1920, 960, 1920]


def test_a_painter_that_had_to_go_comes_back_and_leaves_the_others_whole(page):
    # Three others are asked for while a picture waits: there is room for three.
    painted = page.evaluate("""async () => {
      const { Painter } = await import("/js/painter.js");
      const painter = new Painter("wasm", 1);
      const held = async ({ id, bytes }) => bytes().then((file) => ({ id, bytes: async () => file }));
      const [first, ...others] = await Promise.all(stylecam.styles.slice(0, 4).map(held));
      await painter.load(first);
      const coming = others.map((style) => painter.load(style));
      const sizes = [];
      for (const style of [first, ...others, first]) {
        const picture = await createImageBitmap(new ImageData(64, 48));
        sizes.push((await painter.paint(style, picture)).painted.width);
      }
      await Promise.all(coming);
      painter.close();
      return sizes;
    }""")
    assert set(painted) == {64}


def test_a_link_names_the_painter(page):
    page.evaluate("location.hash = '#style=scream'")
    page.wait_for_selector("#title:text-is('The Scream')")
    page.keyboard.press("n")
    page.wait_for_selector("#title:text-is('Udnie')")
    assert page.url.endswith("#style=udnie")
    page.evaluate("location.hash = '#style=nobody'")
    assert told(page, "nobody") == 'There is no painter "nobody" here: choose one of these.'


def test_a_link_opens_with_threads_on_a_host_that_sends_no_headers(visit, plain_site):
    page = visit("#style=scream", base=plain_site)
    assert page.inner_text("#title") == "The Scream"
    assert page.evaluate("crossOriginIsolated")
    threads = page.evaluate("async () => (await import('/js/painter.js')).threadsHere()")
    assert threads > 1 or page.evaluate("navigator.hardwareConcurrency") == 1
    # Workers have the policy too, and nothing old is taken.
    first, second = page.evaluate("""async () => {
      const headers = async () => Object.fromEntries((await fetch("js/paint-worker.js")).headers);
      return [await headers(), await headers()];
    }""")
    assert "default-src 'self'" in first["content-security-policy"]
    assert first["x-answer"] != second["x-answer"]
