"""Chromium for tests: one Playwright for the whole run, since a second one beside it cannot start."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

__all__ = ["chromium", "missing"]

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def missing(what: str) -> None:
    """Skips a test for want of something; in CI that is a failure."""
    if os.environ.get("STYLECAM_CI"):
        pytest.fail(f"{what}, and nothing may be skipped in CI")
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Callable[..., Any]]:
    """chromium(*flags) -> a browser without a window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing("Chromium is not installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("the package playwright is not installed")
    started: list[Any] = []
    with sync_playwright() as playwright:

        def start(*flags: str) -> Any:
            started.append(playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags]))
            return started[-1]

        yield start
        for browser in started:
            browser.close()
