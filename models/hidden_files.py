"""Files that nobody chose: what a system puts beside people's own, and what they hid themselves."""

from __future__ import annotations

from pathlib import PurePath

__all__ = ["is_hidden"]

# Folders of Macs' archives, of network storage and of Windows: copies, previews and rubbish of the photos beside them.
_SYSTEM = frozenset({"__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information"})


def is_hidden(path: PurePath) -> bool:
    """Whether a file is no one's photo or film, going by where it lies below the folder that was given.

    A Mac leaves a twin `._photo.jpg` beside each `photo.jpg` on a stick, which is no picture at all.
    """
    return any(part.startswith(".") or part in _SYSTEM for part in path.parts)
