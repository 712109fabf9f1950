"""Keras layers models, as TensorFlow.js stores them, to ONNX."""

from collections.abc import Callable, Mapping
from typing import Any

from openrek_pack_build import layers
from openrek_pack_build.graph import Array, Graph, Tensor, Value

Config = dict[str, Any]
Weights = Mapping[str, Array]


def convert(topology: Config, weights: Weights, input_name: str, output_name: str) -> Graph:
    """A functional model of one input and one output.

    Args:
        topology: The model's `modelTopology`.
        weights: By layer and weight, as "Conv1/kernel".
        input_name: The ONNX input.
        output_name: The ONNX output.
    """
    described = topology["model_config"]["config"]
    graph = Graph("model")
    known: dict[str, Tensor] = {}
    for layer in described["layers"]:
        name, kind, config = layer["name"], layer["class_name"], layer["config"]
        if kind == "InputLayer":
            known[name] = graph.add_input(input_name, (1, *config["batch_input_shape"][1:]))
            continue
        if kind not in _LAYERS:
            raise NotImplementedError(f"{name} is a {kind}, which the converter does not know")
        inputs = [known[reference[0]] for reference in layer["inbound_nodes"][0]]
        own = {key.partition("/")[2]: value for key, value in weights.items() if key.partition("/")[0] == name}
        known[name] = _activated(graph, config.get("activation", "linear"), _LAYERS[kind](graph, config, own, inputs))
    graph.add_output(output_name, known[described["output_layers"][0][0]])
    return graph


def _activated(graph: Graph, activation: str, value: Tensor) -> Tensor:
    if activation == "linear":
        return value
    if activation == "softmax":
        return layers.softmax(graph, value)
    operators = {"relu": "Relu", "sigmoid": "Sigmoid"}
    laid = Tensor(graph.laid(value), value.shape, tuple(range(len(value.shape))))
    return layers.unary(graph, operators[activation], laid)


def _pads(config: Config, value: Tensor, window: layers.Pair) -> layers.Pads:
    if set(config.get("dilation_rate", [1])) != {1} or config["data_format"] != "channels_last":
        raise NotImplementedError(f"{config['name']} is laid out or dilated unlike any that was tested")
    if config["padding"] == "valid":
        return layers.NO_PADS
    return layers.same_pads((value.shape[1], value.shape[2]), window, _pair(config["strides"]))


def _pair(values: list[int]) -> layers.Pair:
    return values[0], values[1]


def _convolution(run: Callable[..., Tensor], kernel_name: str) -> "Layer":
    def convolve(graph: Graph, config: Config, weights: Weights, inputs: list[Tensor]) -> Tensor:
        kernel = weights[kernel_name]
        pads = _pads(config, inputs[0], (kernel.shape[0], kernel.shape[1]))
        return run(graph, inputs[0], kernel, _pair(config["strides"]), pads, weights.get("bias"))

    return convolve


def _batch_norm(graph: Graph, config: Config, weights: Weights, inputs: list[Tensor]) -> Tensor:
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    gamma, beta, mean, variance = (weights[name] for name in names)
    return layers.normalise(graph, inputs[0], layers.norm_of(gamma, beta, mean, variance, config["epsilon"]))


def _relu(graph: Graph, config: Config, _weights: Weights, inputs: list[Tensor]) -> Tensor:
    if config["max_value"] != 6:
        raise NotImplementedError("only ReLU6 was tested")
    return layers.relu6(graph, inputs[0])


def _add(graph: Graph, _config: Config, _weights: Weights, inputs: list[Tensor]) -> Tensor:
    left, right = inputs
    return layers.binary(graph, "Add", left, right)


def _zero_padding(graph: Graph, config: Config, _weights: Weights, inputs: list[Tensor]) -> Tensor:
    (top, bottom), (left, right) = config["padding"]
    return layers.pad(graph, inputs[0], [(0, 0), (top, bottom), (left, right), (0, 0)])


def _average_pool(graph: Graph, config: Config, _weights: Weights, inputs: list[Tensor]) -> Tensor:
    window = _pair(config["pool_size"])
    pads = _pads(config, inputs[0], window)
    return layers.pool(graph, "AveragePool", inputs[0], window, _pair(config["strides"]), pads)


def _dense(graph: Graph, _config: Config, weights: Weights, inputs: list[Tensor]) -> Tensor:
    return layers.dense(graph, inputs[0], weights["kernel"], weights["bias"])


def _flatten(graph: Graph, _config: Config, _weights: Weights, inputs: list[Tensor]) -> Tensor:
    flat: Value = layers.reshape(graph, inputs[0], (inputs[0].shape[0], -1))
    assert isinstance(flat, Tensor)
    return flat


Layer = Callable[[Graph, Config, Weights, list[Tensor]], Tensor]

_LAYERS: dict[str, Layer] = {
    "Add": _add,
    "AveragePooling2D": _average_pool,
    "BatchNormalization": _batch_norm,
    "Conv2D": _convolution(layers.convolve, "kernel"),
    "Dense": _dense,
    "DepthwiseConv2D": _convolution(layers.convolve_depthwise, "depthwise_kernel"),
    "Dropout": lambda _graph, _config, _weights, inputs: inputs[0],
    "Flatten": _flatten,
    "ReLU": _relu,
    "ZeroPadding2D": _zero_padding,
}
