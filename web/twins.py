"""Twins of style files for browsers: the same pictures with fewer multiplications.

The networks enlarge by repeating each pixel (nearest neighbour, twice) and convolve the result, 3x3. Of the nine
pixels under such a kernel only four differ, so a 2x2 convolution of the small picture gives the same: once for each of
the four positions of a large pixel in a small one, with the weights that fall on the same pixel added up. That is 4/9
of the multiplications, and WebAssembly, which has no wide vectors, is slow for each of them.

The detail path convolves the frame 6x6, in steps of two pixels, with kernels that are the same everywhere but for the
four pixels in the middle: a mean of the 36 pixels and a 2x2 convolution give the same, with a ninth of the
multiplications.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

APART = 1  # levels, by which a rounding may differ
# They end the names of folded weights and biases, and of both parts of one that is split. The page knows them, which
# puts all together again to mix painters.
FOLDED, MEAN, MIDDLE = "/2x2", "/mean", "/middle"


def twin(data: bytes) -> bytes:
    """The twin of a style file's bytes, or the bytes themselves where there is nothing to fold.

    Raises `ValueError` where the twin would paint something else.
    """
    model = onnx.load_from_string(data)
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    split = [node for node in graph.node if _is_mean_and_middle(node, tensors)]
    pairs = {
        resize.output[0]: convolution
        for resize in graph.node
        if resize.op_type == "Resize"
        for convolution in readers[resize.output[0]]
        if _fits(resize, convolution, readers[resize.output[0]], tensors)
    }
    if not pairs and not split:
        return data
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.output[0] in pairs:  # the enlarging goes; what it enlarged is the convolution's own input now
            pairs[node.output[0]].input[0] = node.input[0]
        elif any(node is convolution for convolution in pairs.values()):
            nodes += _folded(node, tensors, graph)
        elif any(node is convolution for convolution in split):
            nodes += _split(node, tensors, graph)
        else:
            nodes.append(node)
    needed = {name for node in nodes for name in node.input} | {graph.output[0].name}
    nodes = [node for node in nodes if needed & set(node.output)]  # without those that widened the old weights
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    folded: bytes = model.SerializeToString()
    _verify(data, folded)
    return folded


def _weight_name(convolution: onnx.NodeProto) -> str:
    return convolution.input[1].removesuffix("/wide")  # stored in 16 bits and widened in the graph


def _fits(resize: onnx.NodeProto, node: onnx.NodeProto, readers: list, tensors: dict[str, onnx.TensorProto]) -> bool:
    """Whether this is twice nearest neighbour, read by nothing but a plain 3x3 convolution with a border of zeros."""
    mode = {a.name: helper.get_attribute_value(a) for a in resize.attribute}
    plain = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    scales = tensors.get(resize.input[2]) if len(resize.input) > 2 else None
    return (
        scales is not None
        and numpy_helper.to_array(scales).tolist() == [1, 1, 2, 2]
        and (mode.get("mode"), mode.get("coordinate_transformation_mode")) == (b"nearest", b"asymmetric")
        and mode.get("nearest_mode") == b"floor"
        and len(readers) == 1
        and node.op_type == "Conv"
        and len(node.input) == 3
        and (plain.get("kernel_shape"), plain.get("pads")) == ([3, 3], [1, 1, 1, 1])
        and (plain.get("strides", [1, 1]), plain.get("dilations", [1, 1])) == ([1, 1], [1, 1])
        and plain.get("group", 1) == 1
        and _weight_name(node) in tensors
    )


def _folded(node: onnx.NodeProto, tensors: dict[str, onnx.TensorProto], graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The same on the small picture: each place between its pixels gives the four large pixels around it."""
    kernel = numpy_helper.to_array(tensors[_weight_name(node)]).astype(np.float64)
    bias = numpy_helper.to_array(tensors[node.input[2]]).astype(np.float32)
    outputs, inputs = kernel.shape[:2]
    # Of the two large pixels around a place, the first is the second one of its small pixel, and the other way round.
    onto = np.array([[[1, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1]]])  # position, small pixel, weight
    small = np.einsum("pyk,qxl,oikl->opqiyx", onto, onto, kernel).reshape(4 * outputs, inputs, 2, 2)
    name = node.output[0]
    weight_name, bias_name = (f"{each}{FOLDED}" for each in (_weight_name(node), node.input[2]))
    graph.initializer.extend(
        numpy_helper.from_array(array, key)
        for key, array in {
            weight_name: small.astype(np.float32),
            bias_name: np.repeat(bias, 4),
            f"{name}/first": np.array([1, 1]),
            f"{name}/end": np.array([-1, -1]),
            f"{name}/axes": np.array([2, 3]),
        }.items()
    )
    around = [node.input[0], weight_name, bias_name]
    return [
        helper.make_node("Conv", around, [f"{name}/places"], kernel_shape=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("DepthToSpace", [f"{name}/places"], [f"{name}/large"], blocksize=2, mode="CRD"),
        helper.make_node("Slice", [f"{name}/large", *(f"{name}/{key}" for key in ("first", "end", "axes"))], [name]),
    ]


def _is_mean_and_middle(node: onnx.NodeProto, tensors: dict[str, onnx.TensorProto]) -> bool:
    """Whether this convolves in steps of two pixels, with kernels that are constant but for the four in the middle."""
    if node.op_type != "Conv" or len(node.input) != 2 or _weight_name(node) not in tensors:
        return False
    plain = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    kernel = numpy_helper.to_array(tensors[_weight_name(node)])
    if kernel.ndim != 4 or kernel.shape[2:] != (6, 6):
        return False
    outside = kernel.copy()
    outside[..., 2:4, 2:4] = kernel[..., :1, :1]
    settings = [plain.get("strides"), plain.get("pads"), plain.get("dilations", [1, 1]), plain.get("group", 1)]
    return settings == [[2, 2], [2, 2, 2, 2], [1, 1], 1] and bool((outside == kernel[..., :1, :1]).all())


def _split(node: onnx.NodeProto, tensors: dict[str, onnx.TensorProto], graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The same as the mean of the 36 pixels, in two steps, and what the four in the middle have beyond it."""
    kernel = numpy_helper.to_array(tensors[_weight_name(node)]).astype(np.float64)
    outside = kernel[..., :1, :1]
    name = node.output[0]
    mean, middle = (f"{_weight_name(node)}{part}" for part in (MEAN, MIDDLE))
    graph.initializer.extend(
        [
            numpy_helper.from_array((36 * outside).astype(np.float32), mean),
            numpy_helper.from_array((kernel[..., 2:4, 2:4] - outside).astype(np.float32), middle),
        ]
    )
    three = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1}
    return [
        helper.make_node("AveragePool", [node.input[0]], [f"{name}/of_4"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("AveragePool", [f"{name}/of_4"], [f"{name}/of_36"], **three),
        helper.make_node("Conv", [f"{name}/of_36", mean], [f"{name}/mean"], kernel_shape=[1, 1]),
        helper.make_node("Conv", [node.input[0], middle], [f"{name}/middle"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Add", [f"{name}/mean", f"{name}/middle"], [name]),
    ]


def _verify(data: bytes, folded: bytes) -> None:
    frame = np.random.default_rng(4).integers(0, 256, (1, 90, 122, 3), np.uint8)
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 3
    painted = [
        onnxruntime.InferenceSession(each, settings, providers=["CPUExecutionProvider"]).run(None, {"frame": frame})[0]
        for each in (data, folded)
    ]
    if np.abs(painted[0].astype(int) - painted[1]).max() > APART:
        raise ValueError("the twin paints something else")
