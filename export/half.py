"""A style file's weights in 16 bits: half the size, and the same arithmetic, since the graph widens them first."""

from __future__ import annotations

import copy

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

__all__ = ["in_16_bits"]

_LARGEST = float(np.finfo(np.float16).max)
SMALLEST = 64  # numbers: below, a node of its own costs more than it saves


def in_16_bits(model: ModelProto) -> ModelProto:
    """A copy whose large float32 initialisers are float16, each under its own name, with a Cast to float32 behind it.

    A runtime does the Cast once, when it loads the model. What does not fit in 16 bits stays in 32.
    """
    model = copy.deepcopy(model)
    wide: dict[str, str] = {}
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or tensor.data_location == TensorProto.EXTERNAL:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size >= SMALLEST and np.abs(values).max() <= _LARGEST:
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), tensor.name))
            wide[tensor.name] = f"{tensor.name}/wide"
    for node in model.graph.node:
        node.input[:] = [wide.get(used, used) for used in node.input]
    casts = [
        helper.make_node("Cast", [name], [to], name=f"{to}/cast", to=TensorProto.FLOAT) for name, to in wide.items()
    ]
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model
