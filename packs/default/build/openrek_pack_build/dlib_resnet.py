"""dlib's face recognition network from face-api's weights: a ResNet of 29 convolutions, with half of the filters.

He et al. 2015, https://arxiv.org/abs/1512.03385; the layers: examples/dnn_face_recognition_ex.cpp of davisking/dlib.
"""

from collections.abc import Mapping

from openrek_pack_build import layers
from openrek_pack_build.graph import NCHW, Array, Graph, Tensor, Value

SIDE = 150
MEAN = (122.782, 117.001, 104.298)
# dlib divides by 256 (its input_rgb_image_sized) and these are its weights, though face-api divides by 255.
DIVISOR = 256

BLOCKS = (
    *("conv32_1", "conv32_2", "conv32_3"),
    *("conv64_down", "conv64_1", "conv64_2", "conv64_3"),
    *("conv128_down", "conv128_1", "conv128_2"),
    *("conv256_down", "conv256_1", "conv256_2", "conv256_down_out"),
)
"""Residual blocks in order; those that are "down" halve the picture."""


class DlibResNet:
    """Builds the graph."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        """
        Args:
            weights: face-api's names to arrays; kernels are (height, width, in, out).
        """
        self._weights = weights
        self._graph = Graph("dlib_resnet")

    def build(self) -> Graph:
        """(1, 3, 150, 150) `image`, RGB from 0 to 255, to (1, 128) `embedding`."""
        image = self._graph.add_input("image", (1, SIDE, SIDE, 3), NCHW)
        value = layers.standardise(self._graph, image, MEAN, DIVISOR)
        value = self._relu(self._convolution(value, "conv32_down", 2))
        value = layers.pool(self._graph, "MaxPool", value, (3, 3), (2, 2), layers.NO_PADS)
        for name in BLOCKS:
            value = self._block(value, name)
        features: Value = layers.reshape(self._graph, layers.global_average(self._graph, value), (1, -1))
        assert isinstance(features, Tensor)
        self._graph.add_output("embedding", layers.dense(self._graph, features, self._weights["fc"]))
        return self._graph

    def _block(self, value: Tensor, name: str) -> Tensor:
        """Two convolutions, and what came in added: averaged if the block halves the picture."""
        stride = 2 if "down" in name else 1
        inner = self._relu(self._convolution(value, f"{name}/conv1", stride))
        inner = self._convolution(inner, f"{name}/conv2", 1)
        if stride == 2:
            value = layers.pool(self._graph, "AveragePool", value, (2, 2), (2, 2), layers.NO_PADS)
        # The two may differ by a row, a column and in channels: dlib adds them as if both went on in zeros.
        shape = tuple(max(sides) for sides in zip(value.shape, inner.shape, strict=True))
        return self._relu(layers.binary(self._graph, "Add", self._filled(value, shape), self._filled(inner, shape)))

    def _convolution(self, value: Tensor, name: str, stride: int) -> Tensor:
        """With the scale and shift after it folded in. Those that stride are not padded."""
        scale = self._weights[f"{name}/scale/weights"]
        shift = self._weights[f"{name}/conv/bias"] * scale + self._weights[f"{name}/scale/biases"]
        kernel, bias = layers.folded(self._weights[f"{name}/conv/filters"], (scale, shift))
        size = (value.shape[1], value.shape[2])
        pads = layers.same_pads(size, (kernel.shape[0], kernel.shape[1]), (1, 1)) if stride == 1 else layers.NO_PADS
        return layers.convolve(self._graph, value, kernel, (stride, stride), pads, bias)

    def _filled(self, value: Tensor, shape: tuple[int, ...]) -> Tensor:
        if value.shape == shape:
            return value
        amounts = [(0, wanted - side) for side, wanted in zip(value.shape, shape, strict=True)]
        return layers.pad(self._graph, value, amounts)

    def _relu(self, value: Tensor) -> Tensor:
        return layers.unary(self._graph, "Relu", value)
