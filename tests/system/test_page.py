"""The page in a real browser, of a real session, at the sizes of a desk and of a phone."""

import os
import re
import subprocess
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylecam.realtime.live.control_table import CONTROLS

from .conftest import COMMAND, wait_for

DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def browser(chromium):
    """Chromium without a window."""
    return chromium()


@pytest.fixture(scope="module")
def serve(tmp_path_factory, make_style):
    """serve(*args, **env) -> (the address that `realtime ARGS --serve 0` says, its process)."""
    begun, tmp_path = [], tmp_path_factory.mktemp("served")
    make_style(tmp_path / "negative-fast.onnx")

    def start(*args, env=None):
        environment = {**os.environ, "STYLECAM_STYLES": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
        source = ("--camera", "demo", "--size", "320x240", "--style", "negative", "--no-mirror", "--steady", "0")
        place = ("--serve", "0", "--folder", str(tmp_path))
        process = subprocess.Popen(
            [*COMMAND, *source, *place, *args], env=environment | (env or {}), cwd=tmp_path,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        said = []
        reader = threading.Thread(target=lambda: said.extend(iter(process.stderr.readline, "")), daemon=True)
        reader.start()
        begun.append((process, reader))
        address = wait_for(lambda: re.search(r"the page: (\S+)", "".join(said)), "the address", 20)[1]
        return address, process

    yield start
    for process, reader in begun:
        process.kill()
        process.wait()
        reader.join()
        process.stderr.close()


@pytest.fixture(scope="module")
def address(serve):
    """Of one session without a window for many tests."""
    return serve("--no-window")[0]


@pytest.fixture
def open_page(browser):
    """open_page(address, **how) -> a page that is connected, without errors and without anything from elsewhere."""
    opened, problems = [], []

    def start(address, how=DESK):
        context = browser.new_context(**how)
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: _complains(message) and problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        home = re.match(r"http://[^/]+/", address)[0]
        page.on("request", lambda request: request.url.startswith(home) or problems.append(f"asked {request.url}"))
        page.goto(address)
        page.wait_for_selector("body.live")
        _shows(page, "document.getElementById('picture').naturalWidth > 0")
        page.home = home
        for name, value in {"style": "negative", "strength": 1, "steady": 0, "split": False, "original": False}.items():
            page.request.put(f"{home}api/{name}", data={"value": value})
        return page

    yield start
    for context in opened:
        context.close()
    assert problems == []


def _shows(page, expression):
    """Waits until an expression is true in the page. Playwright's own way evaluates text there, which it forbids."""
    wait_for(lambda: page.evaluate(expression), expression, 20)


def _complains(message):
    """Not of a program that has ended, which is told in the page."""
    return message.type in ("error", "warning") and "net::ERR" not in message.text


def _picture(page):
    raw = page.request.get(f"{page.home}picture.jpg").body()
    return cv2.resize(cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR), (32, 24)).astype(int)


def _value(page, name):
    return page.request.get(f"{page.home}api/{name}").json().get("value")


def _control(page, name):
    return page.locator(f"[data-control={name}]")


def _until(page, name, value):
    wait_for(lambda: _value(page, name) == value, f"{name} {value}", 20)


@pytest.mark.parametrize("how", [DESK, PHONE], ids=["desk", "phone"])
def test_each_control_of_the_page_changes_the_picture(address, open_page, how):
    page = open_page(address, how)
    tap = "tap" if how is PHONE else "click"

    def changes(name, act, more_than=10):
        before = _picture(page)
        act()
        wait_for(lambda: np.abs(_picture(page) - before).mean() > more_than, f"a change by {name}", 20)

    negative, scream = (page.locator(f"input[value={name}]") for name in ("negative", "scream"))
    _shows(page, "document.querySelectorAll('.choice img[src]').length >= 13")
    changes("style", lambda: scream.check())
    changes("style", lambda: negative.check())
    for name in ("split", "mirror", "original", "preserve-color"):
        for value in (True, False):
            changes(name, lambda name=name: getattr(_control(page, name), tap)(), 3)
            _until(page, name, value)
    changes("strength", lambda: page.get_by_label("How much is painted").fill("0.3"))
    _until(page, "strength", 0.3)
    page.get_by_label("How steady").fill("0.5")
    _until(page, "steady", 0.5)
    getattr(_control(page, "next-style"), tap)()
    wait_for(lambda: _value(page, "style") != "negative", "the next style", 20)
    shown = set(page.locator("[data-control]").evaluate_all("all => all.map(one => one.dataset.control)"))
    assert shown == {name for name, control in CONTROLS.items() if not (control.offered or control.window)}


@pytest.mark.parametrize("how", [DESK, PHONE], ids=["desk", "phone"])
def test_everything_is_large_enough_and_nothing_overflows(address, open_page, how):
    page = open_page(address, how)
    _shows(page, "document.querySelectorAll('.choice img[src]').length === 13")  # all are loaded, and stay
    width = how["viewport"]["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for box in [one.bounding_box() for one in page.locator("button[data-control], .number input, .choice label").all()]:
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_by_keyboard_and_by_name(address, open_page):
    page = open_page(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    _shows(page, "document.querySelectorAll('.choice img[src]').length >= 13")
    page.get_by_role("radio", name="The negative").focus()
    page.keyboard.press("ArrowLeft")
    wait_for(lambda: _value(page, "style") != "negative", "another style", 20)
    page.get_by_role("slider", name="How much is painted").focus()
    page.keyboard.press("Home")
    _until(page, "strength", 0)
    page.get_by_role("switch", name="Before / after").focus()
    page.keyboard.press("Space")
    _until(page, "split", True)
    page.get_by_role("switch", name="Before / after", checked=True).wait_for()
    page.get_by_role("switch", name="Original").focus()
    page.keyboard.press("Enter")
    _until(page, "original", True)
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, input, img:not([alt=\"\"])')].filter(one => one.checkVisibility() && "
        "!(one.textContent || one.labels?.[0]?.textContent || one.alt || one.ariaLabel)).length"
    )
    assert unnamed == 0


def test_two_pages_and_the_keys_of_the_window_agree(serve, open_page, desktop):
    address, process = serve(env=desktop.env())
    first, second = open_page(address), open_page(address, PHONE)
    first.get_by_label("How much is painted").fill("0.4")
    _control(second, "split").tap()
    for page in (first, second):
        _shows(page, "document.querySelector('[data-control=strength] input').value === '0.4'")
        page.get_by_role("switch", name="Before / after", checked=True).wait_for()
    desktop.key("v", "bracketright")
    for page in (first, second):
        _shows(page, "document.querySelector('[data-control=strength] input').value === '0.5'")
        page.get_by_role("switch", name="Before / after", checked=False).wait_for()
    first.get_by_role("switch", name="Full screen").click()
    second.get_by_role("switch", name="Full screen", checked=True).wait_for()
    _control(second, "quit").tap()
    assert process.poll() is None
    _control(second, "quit").tap()
    assert process.wait(60) == 0
    first.get_by_text("The program cannot be reached").wait_for()


def test_what_was_saved_is_linked(address, open_page):
    page = open_page(address)
    _control(page, "snapshot").click()
    link = page.locator("#saved a")
    link.wait_for()
    name = link.text_content()
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == name
    assert (
        Path(download.value.path()).read_bytes() == page.request.get(page.home + link.get_attribute("href")[1:]).body()
    )
    page.get_by_text(re.compile("^saved ")).wait_for()


def test_the_token_leaves_the_address_and_a_wrong_one_is_asked_for(serve, open_page, browser):
    token = "token-of-this-test"
    address = serve("--no-window", env={"STYLECAM_TOKEN": token})[0]
    assert address.endswith(f"/#token={token}")
    page = open_page(address)
    assert page.url == page.home
    page.reload()  # the cookie
    page.wait_for_selector("body.live")
    assert page.evaluate("document.cookie") == ""
    context = browser.new_context(**PHONE)
    stranger = context.new_page()
    stranger.goto(page.home)
    stranger.get_by_label("Token").fill("wrong")
    stranger.get_by_role("button", name="Enter").click()
    stranger.get_by_text("the token is wrong").wait_for()
    stranger.get_by_label("Token").fill(token)
    stranger.get_by_role("button", name="Enter").click()
    stranger.wait_for_selector("body.live")
    context.close()
    stage = open_stage(browser, f"{page.home}stage#token={token}")
    assert stage == (320, 240)


def open_stage(browser, address):
    """The size of the picture on the page that has nothing else."""
    context = browser.new_context(**DESK)
    page = context.new_page()
    page.goto(address)
    _shows(page, "document.getElementById('picture').naturalWidth > 0")
    size = page.evaluate("[picture.naturalWidth, picture.naturalHeight]")
    context.close()
    return tuple(size)


def test_what_is_open_comes_back_when_the_program_does(serve, open_page, browser):
    address, first = serve("--no-window")
    home = re.match(r"http://[^/]+/", address)[0]
    page, context = open_page(address), browser.new_context(**DESK)
    stage = context.new_page()
    stage.goto(f"{home}stage")
    _shows(stage, "document.getElementById('picture').naturalWidth > 0")
    first.terminate()
    first.wait(30)
    page.get_by_text("The program cannot be reached. Trying again").wait_for()
    asked = []
    stage.on("request", lambda request: asked.append(request.url))
    serve("--no-window", "--serve", re.search(r":(\d+)/", home)[1])
    page.wait_for_selector("body.live")
    wait_for(lambda: stage.evaluate("1") and any("video.mjpg" in url for url in asked), "the video on the stage", 30)
    assert page.locator("#notice").is_hidden()
    context.close()


def test_an_address_with_another_token_opens_a_page_anew(serve, browser):
    token = "token-of-this-test"
    home = re.match(r"http://[^/]+/", serve("--no-window", env={"STYLECAM_TOKEN": token})[0])[0]
    context = browser.new_context(**DESK)
    page = context.new_page()
    page.goto(home)
    page.get_by_label("Token").wait_for()
    page.evaluate(f"location.hash = 'token={token}'")
    page.wait_for_selector("body.live")
    assert page.url == home
    context.close()
