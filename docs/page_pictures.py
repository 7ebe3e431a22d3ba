"""Takes the pictures of the page in docs/remote.md, from the address of one that is served: see make_pictures.sh."""

import shutil
import sys
import time
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

SIZES = {"page": (1280, 800, False), "page-phone": (390, 800, True)}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


def main() -> None:
    """Both sizes, once all styles are loaded."""
    address, until = sys.argv[1], time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urlopen(address).close()
            break
        except OSError:
            time.sleep(0.2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, (width, height, phone) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, is_mobile=phone, has_touch=phone)
            page.goto(address)
            page.wait_for_selector("body.live")
            page.locator(".choice label.loading").first.wait_for(state="detached")
            time.sleep(2)  # until all thumbnails and figures are there
            page.screenshot(path=f"docs/{name}.jpg", type="jpeg", quality=85)
        browser.close()


if __name__ == "__main__":
    main()
