"""The reference network that `realtime bench` compares against, as a small file without weights.

It is the network of Johnson et al. 2016 with instance norm, of which tier ``full`` is made. Its time does not depend on
its weights. So that a machine without torch can measure it, the file holds formulas for pseudo-random weights in place
of them; ONNX Runtime evaluates those once, when it loads the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from onnx import ModelProto, helper, numpy_helper

from stylecam.export.graph import style_graph
from stylecam.models.transform_net import NetworkConfig, TransformNet

__all__ = ["reference_graph", "write_reference"]

_SMALLEST = 512  # weights with fewer numbers stay as they are


def write_reference(path: Path) -> None:
    """Writes the reference network's file."""
    path.write_bytes(reference_graph().SerializeToString())


def reference_graph() -> ModelProto:
    """The network as a style graph, its large weights replaced by sin(k n) scaled to their spread."""
    torch.manual_seed(0)
    config = NetworkConfig.for_tier("full", light=False, output="tanh", blur=False, detail=False)
    model = style_graph(TransformNet(config).eval())
    graph = model.graph
    nodes, kept = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _SMALLEST:
            kept.append(tensor)
            continue
        nodes += _formula(tensor.name, values, kept)
    first = list(graph.node)
    del graph.node[:], graph.initializer[:]
    graph.node.extend([*nodes, *first])
    graph.initializer.extend(kept)
    for key, value in {"schema": "1", "name": "reference", "tier": "full"}.items():
        helper.set_model_props(model, {**{p.key: p.value for p in model.metadata_props}, f"stylecam.{key}": value})
    return model


def _formula(name: str, values: np.ndarray, constants: list) -> list:
    def constant(suffix: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, f"{name}/{suffix}"))
        return f"{name}/{suffix}"

    scale = np.float32(values.std() * np.sqrt(2))
    range_inputs = [
        constant("start", np.array(1.0, np.float32)),
        constant("limit", np.array(1.0 + values.size, np.float32)),
        constant("step", np.array(1.0, np.float32)),
    ]
    return [
        helper.make_node("Range", range_inputs, [f"{name}/numbers"]),
        helper.make_node("Mul", [f"{name}/numbers", constant("k", np.array(12.9898, np.float32))], [f"{name}/angles"]),
        helper.make_node("Sin", [f"{name}/angles"], [f"{name}/waves"]),
        helper.make_node("Mul", [f"{name}/waves", constant("scale", np.array(scale))], [f"{name}/flat"]),
        helper.make_node("Reshape", [f"{name}/flat", constant("shape", np.array(values.shape, np.int64))], [name]),
    ]


if __name__ == "__main__":
    write_reference(Path(__file__).parents[1] / "models" / "reference" / "full.onnx")
