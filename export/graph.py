"""The style file's graph: a network with its pre- and post-processing.

What a user would have to know about the network (layout, value range, colour order, stride, margin) is
inside the graph. Both ends work on uint8 as long as they can: moving a byte is a quarter of moving a float.
"""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections.abc import Iterator

import onnxscript  # noqa: F401 (torch's exporter needs it: missed here, not halfway)
import torch
from onnx import ModelProto, compose, parser
from torch import nn

from stylecam.models.errors import ExportError
from stylecam.models.folding import HALF_LEVEL, fold_colours, head_order
from stylecam.models.networks import StyleNetwork
from stylecam.models.transform_net import TransformNet

__all__ = ["OPSET", "style_graph"]

OPSET = 20
_HEADER = f'<ir_version: 10, opset_import: ["": {OPSET}]>'

# frame -> padded: margins and stride as in models.transform_net.padding_for, on uint8, then to float NCHW.
_BEFORE = """
before (uint8[1, height, width, 3] frame)
  => (float[1, 3, padded_height, padded_width] padded, int64[4] padded_shape)
<int64[2] stride = {{{stride}, {stride}}}, int64[2] margin = {{{margin}, {margin}}},
 int64[2] twice_margin = {{{twice}, {twice}}}, int64[1] none = {{0}}, int64[1] one = {{1}}, int64[1] three = {{3}}>
{{
  frame_shape = Shape (frame)
  size = Slice (frame_shape, one, three)
  with_margin = Add (size, twice_margin)
  negative = Neg (with_margin)
  to_stride = Mod (negative, stride)
  after = Add (margin, to_stride)
  pads = Concat <axis = 0> (none, margin, none, none, after, none)
  reflected = Pad <mode = "reflect"> (frame, pads)
  padded_shape = Shape (reflected)
  planes = Transpose <perm = [0, 3, 1, 2]> (reflected)
  padded = Cast <to = 1> (planes)
}}
"""

# head -> stylized: to NHWC, cut off to bytes, shuffle groups of channels to pixels, and crop to the frame.
# The head's channels come in the order (row phase, column phase, colour), and half a level too high, so that the
# cast, which truncates, rounds. The transposition to NHWC stands right after the network's last convolution: there
# ONNX Runtime does it while it leaves its own layout. What is left to shuffle are runs of bytes.
_AFTER = """
after (float[1, channels, head_height, head_width] head, uint8[1, height, width, 3] frame, int64[4] padded_shape)
  => (uint8[1, height, width, 3] stylized)
<float black = {{0.0}}, float white = {{255.5}}, int64[1] one = {{1}}, int64[1] three = {{3}},
 int64[5] squares_shape = {{0, 0, 0, {scale}, {group}}}, int64[2] margin = {{{margin}, {margin}}},
 int64[2] spatial = {{1, 2}}>
{{
  positions = Transpose <perm = [0, 2, 3, 1]> (head)
  clipped = Clip (positions, black, white)
  bytes = Cast <to = 2> (clipped)
  squares = Reshape (bytes, squares_shape)
  rows = Transpose <perm = [0, 1, 3, 2, 4]> (squares)
  picture = Reshape (rows, padded_shape)
  frame_shape = Shape (frame)
  size = Slice (frame_shape, one, three)
  end = Add (size, margin)
  stylized = Slice (picture, margin, end, spatial)
}}
"""


def style_graph(network: StyleNetwork) -> ModelProto:
    """The graph ``frame -> stylized`` (uint8 `[1, H, W, 3]`, BGR, H and W from 32) of a trained network.

    Raises `ExportError` when torch cannot express the network in ONNX.
    """
    config = network.config
    numbers = {
        "stride": config.stride,
        "margin": config.margin,
        "twice": 2 * config.margin,
        "scale": config.head_scale,
        "group": 3 * config.head_scale,
    }
    before = parser.parse_model(_HEADER + _BEFORE.format(**numbers))
    after = parser.parse_model(_HEADER + _AFTER.format(**numbers))
    body = _body_graph(network)
    joined = compose.merge_models(
        compose.add_prefix(before, "before/", rename_inputs=False, rename_outputs=False),
        compose.add_prefix(body, "network/"),
        io_map=[("padded", "network/padded")],
        outputs=["network/head", "padded_shape"],
    )
    # Both ends read `frame`; merge_models wants distinct inputs, so the second one is joined by name after.
    after = compose.add_prefix(after, "after/", rename_outputs=False)
    ends = [("network/head", "after/head"), ("padded_shape", "after/padded_shape")]
    joined = compose.merge_models(joined, after, io_map=ends, outputs=["stylized"])
    _join_inputs(joined, "after/frame", "frame")
    joined.graph.name = "stylecam"
    joined.producer_name = "stylecam"
    return joined


def _join_inputs(model: ModelProto, duplicate: str, original: str) -> None:
    for node in model.graph.node:
        node.input[:] = [original if name == duplicate else name for name in node.input]
    kept = [value for value in model.graph.input if value.name != duplicate]
    del model.graph.input[:]
    model.graph.input.extend(kept)


class _Body(nn.Module):
    """The network between planes and the head's channels, in its own colours."""

    def __init__(self, network: StyleNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, padded: torch.Tensor) -> torch.Tensor:
        return self.network.body(padded)


class _Colours(nn.Module):
    """RGB <-> BGR and 0..1 <-> 0..255 around a network, for one whose own layers cannot take them in."""

    def __init__(self, network: StyleNetwork) -> None:
        super().__init__()
        self.body = _Body(network)
        self.register_buffer("order", head_order(network.config.head_scale))

    def forward(self, padded: torch.Tensor) -> torch.Tensor:
        head: torch.Tensor = self.body(padded.flip(1) / 255)
        return head.index_select(1, self.get_buffer("order")) * 255 + HALF_LEVEL


def _bgr_body(network: StyleNetwork) -> nn.Module:
    """A copy of the network between BGR 0..255 planes and the head's channels as `_AFTER` wants them."""
    network = copy.deepcopy(network).eval().cpu().float()
    if not isinstance(network, TransformNet):
        return _Colours(network)
    fold_colours(network)
    return _Body(network) if network.config.output == "linear" else nn.Sequential(_Body(network), _Scale())


class _Scale(nn.Module):
    def forward(self, y: torch.Tensor) -> torch.Tensor:
        return y * 255 + HALF_LEVEL


def _body_graph(network: StyleNetwork) -> ModelProto:
    module = _bgr_body(network).eval()
    stride = network.config.stride
    height, width = (torch.export.Dim(name, min=4) * stride for name in ("h", "w"))
    example = torch.zeros(1, 3, 8 * stride, 9 * stride)
    try:
        with _silence():
            program = torch.onnx.export(
                module,
                (example,),
                input_names=["padded"],
                output_names=["head"],
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
                dynamic_shapes=({2: height, 3: width},),
            )
    except torch.onnx.OnnxExporterError as error:
        raise ExportError(f"torch cannot export this network: {str(error).strip().splitlines()[0]}") from error
    if program is None:
        raise ExportError("torch exported nothing")
    model: ModelProto = program.model_proto
    del model.graph.value_info[:]
    del model.functions[:]
    for holder in (model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output):
        del holder.metadata_props[:]  # the exporter's stack traces, with the builder's paths
    for node in model.graph.node:
        node.doc_string = ""
    return model


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """The exporter warns of its own internals, and some versions print: neither is for the user."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
