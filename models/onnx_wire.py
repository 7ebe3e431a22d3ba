"""Reads what must be known of an ONNX file before it is trusted, straight from its protobuf wire format.

ONNX Runtime would follow external data out of the file, and the `onnx` package is not needed to run
styles; the few fields read here are those of onnx.proto3 (ModelProto, GraphProto, NodeProto,
AttributeProto, SparseTensorProto, TensorProto, StringStringEntryProto).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["OnnxFile", "WireError", "parse_onnx", "with_metadata"]

# Field numbers that lead from a message to nested messages which may hold tensors.
_NESTED = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
_MAX_DEPTH = 32
_EXTERNAL_DATA, _DATA_LOCATION, _NAME, _DATA_TYPE, _RAW_DATA = 13, 14, 8, 2, 9
_METADATA_PROPS, _IR_VERSION, _GRAPH, _DIMS = 14, 1, 7, 1
_FLOATS: dict[object, str] = {1: "<f4", 10: "<f2"}  # TensorProto.DataType


class WireError(ValueError):
    """The bytes are no ONNX model."""


@dataclass(frozen=True)
class OnnxFile:
    """Metadata properties, the names of tensors with external data, and the weights.

    A weight is a name, the type of its numbers as numpy spells it ("<f4" or "<f2"), its shape, and its bytes.
    """

    metadata: dict[str, str]
    external: list[str]
    weights: list[tuple[str, str, tuple[int, ...], memoryview]]


def parse_onnx(data: bytes | bytearray) -> OnnxFile:
    """Reads a model file's bytes; of a bytearray the weights can be written to in their place.

    Raises `WireError` for bytes that are no ONNX model.
    """
    result = OnnxFile({}, [], [])
    seen = set()
    for number, value in _fields(memoryview(data)):
        seen.add(number)
        if number == _METADATA_PROPS and isinstance(value, memoryview):
            key, text = _entry(value)
            result.metadata[key] = text
    if not {_IR_VERSION, _GRAPH} <= seen:
        raise WireError("it has no graph")
    _walk(memoryview(data), "model", result, 0)
    return result


def with_metadata(data: bytes, values: Mapping[str, str | None]) -> bytes:
    """A model file's bytes with other metadata properties; None takes one out."""
    kept, start = [], 0
    for number, value, end in _spans(memoryview(data)):
        if not (number == _METADATA_PROPS and isinstance(value, memoryview) and _entry(value)[0] in values):
            kept.append(data[start:end])
        start = end
    for key, text in values.items():
        if text is not None:
            pair = ((1, key.encode("utf-8")), (2, text.encode("utf-8")))
            kept.append(_message(_METADATA_PROPS, b"".join(_message(number, part) for number, part in pair)))
    return b"".join(kept)


def _entry(data: memoryview) -> tuple[str, str]:
    """Key and text of a property."""
    texts = {k: bytes(v).decode("utf-8", "replace") for k, v in _fields(data) if isinstance(v, memoryview)}
    return texts.get(1, ""), texts.get(2, "")


def _message(number: int, content: bytes) -> bytes:
    length, size = bytearray(), len(content)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes((number << 3 | 2, *length, size)) + content


def _walk(data: memoryview, kind: str, result: OnnxFile, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise WireError("its graphs are nested too deep")
    if kind == "tensor":
        _tensor(data, result)
        return
    for number, value in _fields(data):
        nested = _NESTED[kind].get(number)
        if nested and isinstance(value, memoryview):
            _walk(value, nested, result, depth + 1)


def _tensor(data: memoryview, result: OnnxFile) -> None:
    fields = list(_fields(data))
    last = dict(fields)
    called = last.get(_NAME, b"")
    name = bytes(called).decode("utf-8", "replace") if not isinstance(called, int) else "?"
    if last.get(_DATA_LOCATION) == 1 or _EXTERNAL_DATA in last:
        result.external.append(name)
    raw, kind = last.get(_RAW_DATA), _FLOATS.get(last.get(_DATA_TYPE))
    if kind and isinstance(raw, memoryview) and len(raw) % int(kind[-1]) == 0:
        result.weights.append((name, kind, _shape(fields), raw))


def _shape(tensor: list[tuple[int, int | memoryview]]) -> tuple[int, ...]:
    """The dimensions of a tensor, which are one number each or packed."""
    shape: list[int] = []
    for number, value in tensor:
        if number == _DIMS and isinstance(value, int):
            shape.append(value)
        elif number == _DIMS and isinstance(value, memoryview):
            position = 0
            while position < len(value):
                size, position = _varint(value, position)
                shape.append(size)
    return tuple(shape)


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """(field number, integer or bytes) of one message."""
    return ((number, value) for number, value, _ in _spans(data))


def _spans(data: memoryview) -> Iterator[tuple[int, int | memoryview, int]]:
    """The same with the place at which the field ends; it begins where the one before it ends."""
    position, end = 0, len(data)
    while position < end:
        tag, position = _varint(data, position)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise WireError("it is not in the ONNX format")
        if kind == 0:
            value, position = _varint(data, position)
            yield number, value, position
            continue
        if kind == 2:
            length, position = _varint(data, position)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise WireError("it is not in the ONNX format")
        if position + length > end:
            raise WireError("it is incomplete or damaged")
        position += length
        yield number, data[position - length : position], position


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(data) and shift < 70:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise WireError("it is incomplete or damaged")
