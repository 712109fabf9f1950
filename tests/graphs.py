"""Tiny ONNX graphs with the interfaces of real models and answers that can be told from the picture.

Most look at the mean colour of each cell of a grid, as a real detector's last layer does, and nothing else.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from openrek.vision import ModelDescriptor

STRIDES = (8, 16, 32)
STEEP = 40.0
"""How much brighter than its threshold a channel must be to count: sigmoid(STEEP * 0.2) is 0.9997."""


def described(
    file: Path, architecture: str, task: str = "objects", labels: tuple[str, ...] = (), **content: Any
) -> ModelDescriptor:
    """A descriptor of a file as it is; the other arguments are its input."""
    data = file.read_bytes()
    return ModelDescriptor(
        name=file.stem,
        task=task,
        architecture=architecture,
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        license_code="MIT",
        license_weights="MIT",
        license_source="made here",
        source="made here",
        trained_on="nothing",
        labels=labels,
        input=MappingProxyType(content),
        metrics=(),
    )


def write(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[str],
    constants: dict[str, NDArray[np.generic]],
) -> Path:
    """The graph as a file."""
    graph = helper.make_graph(
        list(nodes),
        "tiny",
        list(inputs),
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    # OpenCV reads only graphs whose outputs have shapes.
    model = onnx.shape_inference.infer_shapes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), data_prop=True
    )
    onnx.save(model, str(path))
    return path


def image(name: str, height: int, width: int) -> onnx.ValueInfoProto:
    """An input of one picture."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, height, width])


class Cells:
    """Collects nodes that turn the mean colour of each cell into (1, cells, columns)."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, NDArray[np.generic]] = {}

    def linear(self, name: str, stride: int, weights: Sequence[Sequence[float]], bias: Sequence[float]) -> str:
        """Each column: weights, one for each channel as fed, times the cell's mean, plus the bias."""
        columns = len(bias)
        kernel = np.repeat(np.array(weights, np.float32).reshape(columns, 3, 1), stride * stride, 2) / stride**2
        self.constants |= {
            f"{name}_w": kernel.reshape(columns, 3, stride, stride),
            f"{name}_b": np.array(bias, np.float32),
            f"{name}_s": np.array([1, -1, columns], np.int64),
        }
        self.nodes += [
            helper.make_node(
                "Conv",
                [self.source, f"{name}_w", f"{name}_b"],
                [f"{name}_c"],
                kernel_shape=[stride] * 2,
                strides=[stride] * 2,
            ),
            helper.make_node("Transpose", [f"{name}_c"], [f"{name}_t"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [f"{name}_t", f"{name}_s"], [name]),
        ]
        return name

    def bright(self, name: str, stride: int, channels: Sequence[int], threshold: float = 0.7) -> str:
        """One column for each channel: 1 where the cell is brighter in it than the threshold, 0 where darker."""
        weights = [[STEEP / 255 * (channel == each) for each in range(3)] for channel in channels]
        logits = self.linear(f"{name}_l", stride, weights, [-STEEP * threshold] * len(channels))
        self.nodes.append(helper.make_node("Sigmoid", [logits], [name]))
        return name

    def fixed(self, name: str, stride: int, values: Sequence[float]) -> str:
        """The same values in every cell."""
        return self.linear(name, stride, [[0.0] * 3] * len(values), values)


def yolox(path: Path, height: int, width: int, wide: float = 2, ballast: bytes = b"") -> Path:
    """YOLOX of two classes: where green is bright something is, class 0 if red is, class 1 if blue is.

    Each box is `wide` strides wide and one high, its middle in the cell's. The ballast only makes the file larger.
    """
    cells = Cells("images")
    rows = []
    for stride in STRIDES:
        parts = [
            cells.fixed(f"place_{stride}", stride, [0.5, 0.5, float(np.log(wide)), 0.0]),
            cells.bright(f"scores_{stride}", stride, [1, 2, 0]),
        ]
        cells.nodes.append(helper.make_node("Concat", parts, [f"row_{stride}"], axis=2))
        rows.append(f"row_{stride}")
    cells.nodes.append(helper.make_node("Concat", rows, ["output"], axis=1))
    if ballast:
        cells.constants["ballast"] = np.frombuffer(ballast, np.uint8)
    return write(path, cells.nodes, [image("images", height, width)], ["output"], cells.constants)


def yunet(path: Path, side: int) -> Path:
    """YuNet: a face two strides wide and high in each of the grid's cells that is bright in red (the last channel)."""
    cells = Cells("input")
    outputs = []
    for stride in STRIDES:
        # Eyes at a quarter of the height, nose in the middle, mouth corners at three quarters.
        marks = [0.0, 0.0, 1.0, 0.0, 0.5, 0.5, 0.1, 1.0, 0.9, 1.0]
        outputs += [
            cells.bright(f"cls_{stride}", stride, [2], 0.7 if stride == 16 else 9.0),
            cells.bright(f"obj_{stride}", stride, [2], 0.7),
            cells.fixed(f"bbox_{stride}", stride, [0.5, 0.5, float(np.log(2)), float(np.log(2))]),
            cells.fixed(f"kps_{stride}", stride, marks),
        ]
    return write(path, cells.nodes, [image("input", side, side)], outputs, cells.constants)


def sface(path: Path) -> Path:
    """SFace: 64 cells of a face's red and of its green make its vector."""
    cells = Cells("data")
    flat = cells.linear("cells", 14, [[1, 0, 0], [0, 1, 0]], [0, 0])
    cells.constants["length"] = np.array([1, 128], np.int64)
    cells.nodes.append(helper.make_node("Reshape", [flat, "length"], ["fc1"]))
    return write(path, cells.nodes, [image("data", 112, 112)], ["fc1"], cells.constants)


def detr(path: Path, side: int, classes: int) -> Path:
    """As Transformers export: three boxes that are seen in bright pictures, of classes 0, 1 and, unsurely, both."""
    logits = np.full((1, 3, classes), -9, np.float32)
    logits[0, 0, 0], logits[0, 1, 1], logits[0, 2, :2] = 4, 2, (-1, -2)
    boxes = np.array([[[0.5, 0.5, 0.2, 0.4], [0.25, 0.25, 0.5, 0.5], [0.9, 0.9, 0.4, 0.4]]], np.float32)
    dark = np.array([-STEEP * 0.5], np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["pixel_values"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "steep"], ["lit"]),
        helper.make_node("Add", ["lit", "dark"], ["shift"]),
        helper.make_node("Min", ["shift", "none"], ["dimming"]),
        helper.make_node("Add", ["seen", "dimming"], ["logits"]),
        helper.make_node("Identity", ["boxes"], ["pred_boxes"]),
    ]
    constants = {"steep": np.array([STEEP], np.float32), "dark": dark, "none": np.zeros(1, np.float32)}
    constants |= {"seen": logits, "boxes": boxes}
    return write(path, nodes, [image("pixel_values", side, side)], ["logits", "pred_boxes"], dict(constants))


def rtdetr(path: Path, side: int) -> Path:
    """As its authors export: the middle of the picture as class 1, in pixels of the size that was given."""
    nodes = [
        helper.make_node("Cast", ["orig_target_sizes"], ["size"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["size", "size"], ["twice"], axis=1),
        helper.make_node("Reshape", ["twice", "shape"], ["wide"]),
        helper.make_node("Mul", ["wide", "parts"], ["boxes"]),
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["sure", "mean"], ["scores"]),
        helper.make_node("Identity", ["classes"], ["labels"]),
    ]
    constants: dict[str, NDArray[np.generic]] = {
        "shape": np.array([1, 1, 4], np.int64),
        "parts": np.array([[[0.25, 0.25, 0.75, 0.75], [0.0, 0.0, 2.0, 0.5]]], np.float32),
        "sure": np.array([[0.6, 0.9]], np.float32),
        "classes": np.array([[1, 0]], np.int64),
    }
    sizes = helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2])
    path = write(path, nodes, [image("images", side, side), sizes], ["boxes", "scores"], constants)
    model = onnx.load(str(path))
    model.graph.output.append(helper.make_tensor_value_info("labels", TensorProto.INT64, None))
    onnx.save(model, str(path))
    return path


def clip_image(path: Path, side: int) -> Path:
    """CLIP's picture half: the mean colour is the vector."""
    nodes = [helper.make_node("ReduceMean", ["pixel_values"], ["image_embeds"], axes=[2, 3], keepdims=0)]
    return write(path, nodes, [image("pixel_values", side, side)], ["image_embeds"], {})


def clip_text(path: Path, vectors: Sequence[Sequence[float]]) -> Path:
    """CLIP's text half: the sum of the tokens' vectors."""
    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["each"], axis=0),
        helper.make_node("ReduceSum", ["each", "along"], ["text_embeds"], keepdims=0),
    ]
    tokens = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])
    constants: dict[str, NDArray[np.generic]] = {
        "vectors": np.array(vectors, np.float32),
        "along": np.array([1], np.int64),
    }
    return write(path, nodes, [tokens], ["text_embeds"], constants)


def siglip_image(path: Path, side: int) -> Path:
    """SigLIP's picture half: the mean colour is the vector."""
    nodes = [helper.make_node("ReduceMean", ["pixel_values"], ["pooler_output"], axes=[2, 3], keepdims=0)]
    return write(path, nodes, [image("pixel_values", side, side)], ["pooler_output"], {})


def siglip_text(path: Path, vectors: Sequence[Sequence[float]]) -> Path:
    """SigLIP's text half: the sum of the vectors of its 64 tokens."""
    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["each"], axis=0),
        helper.make_node("ReduceSum", ["each", "along"], ["pooler_output"], keepdims=0),
    ]
    tokens = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, 64])
    constants: dict[str, NDArray[np.generic]] = {
        "vectors": np.array(vectors, np.float32),
        "along": np.array([1], np.int64),
    }
    return write(path, nodes, [tokens], ["pooler_output"], constants)


def ctc(path: Path, characters: str) -> Path:
    """A recogniser that reads "ok" in every line, its characters in the file: blank, o, blank, k, blank."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[0, 1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "none"], ["nothing"]),
        helper.make_node("Add", ["said", "nothing"], ["scores"]),
    ]
    message = np.zeros((1, 5, 4), np.float32)
    message[0, range(5), [0, 1, 0, 2, 0]] = 0.99
    constants: dict[str, NDArray[np.generic]] = {
        "none": np.zeros(1, np.float32),
        "said": message,
    }
    line = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 48, "width"])
    path = write(path, nodes, [line], ["scores"], constants)
    model = onnx.load(str(path))
    if characters:
        helper.set_model_props(model, {"character": "\n".join(characters)})
    onnx.save(model, str(path))
    return path


def classifier(path: Path, side: int) -> Path:
    """The means of red, green and blue as fed are the logits."""
    nodes = [helper.make_node("ReduceMean", ["data"], ["logits"], axes=[2, 3], keepdims=0)]
    return write(path, nodes, [image("data", side, side)], ["logits"], {})
