"""Matroska's elements, as far as a track's header needs them: an identifier, a size, and a content."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["children", "element", "inner", "number", "replaced"]


def children(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(identifier, content) of each element in `data`; one of unknown size goes on to the end."""
    at = 0
    while at < len(data):
        length = _length(data, at)
        name, at = data[at : at + length], at + length
        length = _length(data, at)
        size = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
        at += length
        end = len(data) if size == (1 << 7 * length) - 1 else at + size
        yield name, data[at:end]
        at = end


def _length(data: bytes, at: int) -> int:
    """How many bytes a number has that begins at `at`: its first bit that is set says so."""
    first = data[at] if at < len(data) else 0
    if not first:
        raise ValueError("no Matroska element")
    return 9 - first.bit_length()


def element(name: bytes, content: bytes) -> bytes:
    """An element, its size in eight bytes."""
    return name + (len(content) | 1 << 56).to_bytes(8, "big") + content


def inner(data: bytes, *path: bytes) -> bytes:
    """The content of the first element that lies at the end of a path of identifiers; empty where there is none."""
    for name in path:
        data = next((content for found, content in children(data) if found == name), b"")
    return data


def replaced(data: bytes, path: tuple[bytes, ...], more: bytes) -> bytes:
    """`data` with further elements at the end of the element that lies at the end of `path`."""
    if not path:
        return data + more
    return b"".join(
        element(name, replaced(content, path[1:], more) if name == path[0] else content)
        for name, content in children(data)
    )


def number(content: bytes) -> int:
    """An unsigned whole number; 0 where nothing is said."""
    return int.from_bytes(content, "big")
