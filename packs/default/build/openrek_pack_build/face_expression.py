"""face-api's expression network from its weights: densely connected blocks of separable convolutions.

The layers: src/faceFeatureExtractor and src/faceExpressionNet of justadudewhohacks/face-api.js.
"""

from collections.abc import Mapping

from openrek_pack_build import layers
from openrek_pack_build.graph import NCHW, Array, Graph, Tensor, Value

SIDE = 112
MEAN = (122.782, 117.001, 104.298)
DIVISOR = 255
BLOCKS = ("dense0", "dense1", "dense2", "dense3")
_STEPS = ("conv1", "conv2", "conv3")


class FaceExpression:
    """Builds the graph."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        """
        Args:
            weights: face-api's names to arrays; kernels are (height, width, in, out).
        """
        self._weights = weights
        self._graph = Graph("face_expression")

    def build(self) -> Graph:
        """(1, 3, 112, 112) `image`, RGB from 0 to 255, to (1, 7) `probabilities`."""
        image = self._graph.add_input("image", (1, SIDE, SIDE, 3), NCHW)
        value = layers.standardise(self._graph, image, MEAN, DIVISOR)
        for name in BLOCKS:
            value = self._block(value, name)
        pooled = layers.pool(self._graph, "AveragePool", value, (7, 7), (2, 2), layers.NO_PADS)
        features: Value = layers.reshape(self._graph, pooled, (1, -1))
        assert isinstance(features, Tensor)
        logits = layers.dense(self._graph, features, self._weights["fc/weights"], self._weights["fc/bias"])
        self._graph.add_output("probabilities", layers.softmax(self._graph, logits))
        return self._graph

    def _block(self, value: Tensor, name: str) -> Tensor:
        """A convolution that halves the picture, and three more, each of which sees the sum of all before it."""
        total = seen = self._relu(self._halved(value, f"{name}/conv0"))
        for step in _STEPS:
            total = layers.binary(self._graph, "Add", total, self._separable(seen, f"{name}/{step}", 1))
            seen = self._relu(total)
        return seen

    def _halved(self, value: Tensor, name: str) -> Tensor:
        """The first of all mixes the colours; the others are separable."""
        if f"{name}/filters" not in self._weights:
            return self._separable(value, name, 2)
        kernel = self._weights[f"{name}/filters"]
        pads = layers.same_pads((value.shape[1], value.shape[2]), (kernel.shape[0], kernel.shape[1]), (2, 2))
        return layers.convolve(self._graph, value, kernel, (2, 2), pads, self._weights[f"{name}/bias"])

    def _separable(self, value: Tensor, name: str, stride: int) -> Tensor:
        """Each channel by itself, then each pixel by itself."""
        kernel = self._weights[f"{name}/depthwise_filter"]
        strides = (stride, stride)
        pads = layers.same_pads((value.shape[1], value.shape[2]), (kernel.shape[0], kernel.shape[1]), strides)
        swept = layers.convolve_depthwise(self._graph, value, kernel, strides, pads)
        mixing, bias = self._weights[f"{name}/pointwise_filter"], self._weights[f"{name}/bias"]
        return layers.convolve(self._graph, swept, mixing, (1, 1), layers.NO_PADS, bias)

    def _relu(self, value: Tensor) -> Tensor:
        return layers.unary(self._graph, "Relu", value)
