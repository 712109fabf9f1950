"""EfficientNet-lite0 from its weights: EfficientNet-B0 without squeeze-and-excitation, and with ReLU6.

Tan and Le 2019, https://arxiv.org/abs/1905.11946; the lite blocks: models/official/efficientnet/lite of tensorflow/tpu.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from openrek_pack_build import layers
from openrek_pack_build.graph import NCHW, Array, Graph, Tensor, Value

SIDE = 224
_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class Stage:
    """Blocks of one kind; only the first of them strides."""

    blocks: int
    stride: int


STAGES = (Stage(1, 1), Stage(2, 2), Stage(2, 2), Stage(3, 2), Stage(3, 1), Stage(4, 2), Stage(1, 1))


class EfficientNetLite0:
    """Builds the graph."""

    def __init__(self, state: Mapping[str, Array]) -> None:
        """
        Args:
            state: PyTorch's names to arrays; kernels are (out, in / groups, height, width).
        """
        self._state = state
        self._graph = Graph("efficientnet_lite0")

    def build(self) -> Graph:
        """(1, 3, 224, 224) `image`, RGB as (x - 127) / 128, to (1, 1000) `logits` and (1, 7, 7, 1280) `features`.

        The features are the map before the global average pool: heads of our own are trained on it.
        """
        value = self._graph.add_input("image", (1, SIDE, SIDE, 3), NCHW)
        value = layers.relu6(self._graph, self._convolution(value, "_conv_stem", "_bn0", 2))
        strides = [stage.stride if place == 0 else 1 for stage in STAGES for place in range(stage.blocks)]
        for place, stride in enumerate(strides):
            value = self._block(value, f"_blocks.{place}.", stride)
        value = layers.relu6(self._graph, self._convolution(value, "_conv_head", "_bn1", 1))
        pooled: Value = layers.reshape(self._graph, layers.global_average(self._graph, value), (1, -1))
        assert isinstance(pooled, Tensor)
        logits = layers.dense(self._graph, pooled, self._state["_fc.weight"].T, self._state["_fc.bias"])
        self._graph.add_output("logits", logits)
        self._graph.add_output("features", value)
        return self._graph

    def _block(self, value: Tensor, name: str, stride: int) -> Tensor:
        """An inverted residual: widen, convolve each channel, narrow, and add what came in if the shape allows."""
        inner = value
        if f"{name}_expand_conv.weight" in self._state:
            expanded = self._convolution(inner, f"{name}_expand_conv", f"{name}_bn0", 1)
            inner = layers.relu6(self._graph, expanded)
        swept = self._convolution(inner, f"{name}_depthwise_conv", f"{name}_bn1", stride)
        inner = layers.relu6(self._graph, swept)
        inner = self._convolution(inner, f"{name}_project_conv", f"{name}_bn2", 1)
        return layers.binary(self._graph, "Add", value, inner) if inner.shape == value.shape else inner

    def _convolution(self, value: Tensor, name: str, norm: str, stride: int) -> Tensor:
        """With its batch normalisation folded in."""
        # PyTorch's (out, in, height, width) to (height, width, in, out).
        kernel = self._state[f"{name}.weight"].transpose(2, 3, 1, 0)
        parts = ("weight", "bias", "running_mean", "running_var")
        gamma, beta, mean, variance = (self._state[f"{norm}.{part}"] for part in parts)
        folded, bias = layers.folded(kernel, layers.norm_of(gamma, beta, mean, variance, _EPSILON))
        strides = (stride, stride)
        pads = layers.same_pads((value.shape[1], value.shape[2]), (kernel.shape[0], kernel.shape[1]), strides)
        return layers.convolve(self._graph, value, folded, strides, pads, bias)
