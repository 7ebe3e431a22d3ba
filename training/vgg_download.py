"""A download that goes on where it broke off, and that is checked by the hash in the file's name."""

from __future__ import annotations

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stylecam.models.errors import VGGWeightsError

__all__ = ["REMEDY", "Progress", "download", "has_hash"]

Progress = Callable[[int, int], None]
"""Takes the bytes that are there, and of how many; 0 where nobody knows."""

CHUNK = 1 << 16  # bytes
PATIENCE = 60.0  # seconds for which a server may be silent
REMEDY = "give a file with --vgg-weights FILE"


def download(url: str, partial: Path, what: str, on_progress: Progress) -> None:
    """Brings the file at `url` to `partial`, which may hold the beginning of it already.

    Whether the beginning is that of the file which the server has now, nothing but the hash tells: where that is wrong,
    all is fetched anew, once. `what` names it in sentences. Raises `OSError` where `partial` cannot be written, and
    `VGGWeightsError` for all that may happen to a download. Whatever is raised, `partial` keeps what came, unless its
    hash is wrong.
    """
    for _ in range(2):
        went_on = _fetch(url, partial, what, on_progress)
        if has_hash(partial, url):
            return
        partial.unlink()
        if not went_on:
            break
    raise VGGWeightsError(
        f"what came from {url} has another hash than its name says, and was removed: try again later, or {REMEDY}"
    )


def has_hash(path: Path, name: str) -> bool:
    """Whether its SHA-256 begins as `name` says, in torch's way: ``vgg16-397923af.pth``. Raises `OSError`."""
    said = re.search(r"-([a-f0-9]+)\.[^/]*$", name)
    with path.open("rb") as file:
        return said is not None and hashlib.file_digest(file, "sha256").hexdigest().startswith(said[1])


def _fetch(url: str, partial: Path, what: str, on_progress: Progress) -> bool:
    """Fetches what is missing; returns whether what was there before is a part of the file now."""
    there = partial.stat().st_size if partial.exists() else 0
    answer = _answer(url, there, what)
    if answer is None:
        return True
    with answer:
        if answer.status != 206:  # all of it: the server cannot begin in the middle
            there = 0
        length = int(answer.headers.get("Content-Length") or 0)
        done, total = there, there + length if length else 0
        with partial.open("ab" if there else "wb") as file:
            for chunk in _chunks(answer, what):
                file.write(chunk)
                done += len(chunk)
                on_progress(done, total)
    if done < total:
        raise _failed(what, f"the connection broke off at {done / 1e6:.0f} of {total / 1e6:.0f} MB", goes_on=True)
    return there > 0


def _answer(url: str, there: int, what: str) -> Any:
    """The server's answer, from byte `there` on; None where nothing comes after it."""
    headers = {"User-Agent": "stylecam"} | ({"Range": f"bytes={there}-"} if there else {})
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        if error.code == 416 and there:
            return None
        raise _failed(what, str(error), goes_on=there > 0) from error
    except (OSError, http.client.HTTPException) as error:
        raise _failed(what, str(getattr(error, "reason", error)), goes_on=there > 0) from error


def _chunks(answer: Any, what: str) -> Iterator[bytes]:
    """The bytes, as they come: so that none is lost where it breaks off."""
    try:
        while chunk := answer.read1(CHUNK):
            yield chunk
    except http.client.IncompleteRead:  # some versions of Python say so, others just end: the caller counts
        return
    except (OSError, http.client.HTTPException) as error:
        raise _failed(what, str(error), goes_on=True) from error


def _failed(what: str, why: str, goes_on: bool) -> VGGWeightsError:
    again = "the same command goes on from there" if goes_on else "try again later"
    why = (why.strip().splitlines() or ["no answer"])[0]
    return VGGWeightsError(f"{what} could not be downloaded ({why}): {again}, or {REMEDY}")
