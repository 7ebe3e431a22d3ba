"""Snapshots and recordings that end otherwise than by a key: nothing is lost, and the page says what happened."""

import av
import pytest

from .conftest import shows, told

FIRST_PART = """() => new Promise((resolve, reject) => {
  stylecam.recording.recorder.addEventListener("dataavailable", ({ data }) => data.size > 0 && resolve());
  const { style, loop, painter } = stylecam;
  const seen = JSON.stringify([style?.name, loop.source?.name, painter.failed, document.visibilityState]);
  setTimeout(() => reject(new Error(`nothing was recorded: ${seen}`)), 60_000);
})"""


@pytest.fixture
def demo(page):
    """The page with the demo."""
    page.bring_to_front()
    page.select_option("#source", "demo")
    shows(page, "demo")
    page.wait_for_function("() => document.querySelector('#picture').width === 720")
    return page


def _record(page):
    """Records until something of it is there."""
    page.keyboard.press("r")
    page.wait_for_selector("[data-act=record][aria-pressed=true]")
    page.evaluate(FIRST_PART)


def _sizes(download):
    with av.open(str(download.path())) as saved:
        return {(frame.width, frame.height) for frame in saved.decode(video=0)}


def test_a_recording_ends_where_the_picture_changes_its_size_or_the_film_is_over(demo, film):
    page = demo
    page.evaluate("""() => {
      const Usual = AudioContext;
      globalThis.AudioContext = class extends Usual {
        constructor() {
          super();
          globalThis.sound = this;
        }
      };
    }""")
    _record(page)
    with page.expect_download() as download:
        page.set_input_files("#file", str(film))
    name = download.value.suggested_filename
    assert told(page, "its size") == (
        f"The picture changed its size, so the recording ended as {name}: record again to go on."
    )
    assert _sizes(download.value) == {(720, 480)}
    shows(page, "file", "film.webm")
    page.wait_for_function("() => document.querySelector('#picture').width === 160")
    _record(page)
    page.evaluate("globalThis.video = stylecam.loop.source.image")
    with page.expect_download() as download:
        page.select_option("#source", "demo")
    assert download.value.suggested_filename in told(page, "The film is over")
    assert _sizes(download.value) == {(160, 120)}
    page.wait_for_function("() => sound.state === 'closed'")
    assert page.evaluate("!video.hasAttribute('src') && video.networkState === video.NETWORK_EMPTY")


def test_a_recording_that_the_browser_ends_is_saved(demo):
    page = demo
    _record(page)
    with page.expect_download() as download:
        page.evaluate("stylecam.recording.recorder.stop()")
    assert download.value.suggested_filename in told(page, "The browser ended the recording")
    assert _sizes(download.value) == {(720, 480)}
    assert page.get_attribute("[data-act=record]", "aria-pressed") == "false"


def test_what_holds_nothing_is_not_saved(demo):
    page = demo
    saved = []
    page.on("download", lambda download: saved.append(download))
    page.evaluate("""() => {
      globalThis.usual = Object.getOwnPropertyDescriptor(BlobEvent.prototype, "data");
      Object.defineProperty(BlobEvent.prototype, "data", { configurable: true, get: () => new Blob([]) });
      document.querySelector("#picture").toBlob = (done) => done(null);
    }""")
    page.keyboard.press("r")
    page.wait_for_selector("[data-act=record][aria-pressed=true]")
    page.keyboard.press("r")
    assert told(page, "Nothing") == "Nothing was recorded: record again, for a second or longer."
    page.keyboard.press("s")
    assert told(page, "snapshot") == "The snapshot cannot be made: press s again, or reload this page."
    page.evaluate("""() => {
      Object.defineProperty(BlobEvent.prototype, "data", usual);
      delete document.querySelector("#picture").toBlob;
    }""")
    assert saved == []


def test_a_film_gets_its_sound_with_the_next_key(demo, film):
    page = demo
    # As in a browser that nobody has touched yet: a film with its sound is stopped.
    page.evaluate("""() => {
      globalThis.usual = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "muted");
      Object.defineProperty(HTMLMediaElement.prototype, "muted", {
        configurable: true,
        get: usual.get,
        set(muted) {
          usual.set.call(this, muted);
          if (!muted) this.pause();
        },
      });
    }""")
    page.set_input_files("#file", str(film))
    shows(page, "file", "film.webm")
    state = "[stylecam.loop.source.image.muted, stylecam.loop.source.image.paused]"
    assert page.evaluate(state) == [True, False]
    page.keyboard.press("F9")
    assert page.evaluate(state) == [True, False]  # not yet
    page.evaluate("Object.defineProperty(HTMLMediaElement.prototype, 'muted', usual)")
    page.keyboard.press("F9")
    assert page.evaluate(state) == [False, False]
