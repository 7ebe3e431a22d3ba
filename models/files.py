"""Reading a whole file that somebody names, which need not be a file on a disk."""

from __future__ import annotations

import os
import select
import stat
from pathlib import Path

__all__ = ["read_whole"]

PATIENCE = 100  # ms between two looks at whether Ctrl-C was pressed
CHUNK = 1 << 20


def read_whole(path: Path) -> bytes:
    """The bytes of a file or a pipe. Raises `OSError`.

    A pipe may be silent for ever. Waiting for it inside one system call, Python notices only a Ctrl-C that comes
    later than the call: so it is asked again and again.
    """
    if not stat.S_ISFIFO(path.stat().st_mode):
        return path.read_bytes()
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ready = select.poll()
        ready.register(descriptor, select.POLLIN)
        parts: list[bytes] = []
        while True:
            if not ready.poll(PATIENCE):
                continue
            part = os.read(descriptor, CHUNK)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        os.close(descriptor)
