"""Models that are published as ONNX: cleaned and renamed, computing what they did."""

from collections.abc import Mapping, Sequence

import onnx

from openrek_pack_build.graph import PRODUCER

Shape = Sequence[int | str]
"""Sizes, and names of sizes that are free."""


def rewrite(
    data: bytes, inputs: Mapping[str, tuple[str, Shape]], outputs: Mapping[str, tuple[str, Shape]]
) -> onnx.ModelProto:
    """The model with clean inputs and outputs, without what an exporter left behind.

    Args:
        data: A serialised model.
        inputs: Its inputs' names to new names and shapes.
        outputs: Its outputs' names to new names and shapes, in their new order.

    Raises:
        ValueError: the model has other inputs or outputs.
    """
    model = onnx.load_model_from_string(data)
    graph = model.graph
    constants = {constant.name for constant in graph.initializer}
    # Exporters before IR version 4 declared each constant an input, which keeps runtimes from folding any of them.
    own = [value for value in graph.input if value.name not in constants]
    if {value.name for value in own} != set(inputs) or {value.name for value in graph.output} != set(outputs):
        raise ValueError("the model has not the inputs and outputs that it is known to have")
    names = {old: new for old, (new, _) in {**inputs, **outputs}.items()}
    used = set()
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        used.update(node.input)
    kept = [constant for constant in graph.initializer if constant.name in used]
    del graph.initializer[:], graph.input[:], graph.output[:], graph.value_info[:], model.metadata_props[:]
    graph.initializer.extend(kept)
    graph.input.extend(_info(*described) for described in inputs.values())
    graph.output.extend(_info(*described) for described in outputs.values())
    model.producer_name, model.producer_version = PRODUCER, ""
    onnx.checker.check_model(model, full_check=True)
    return model


def metadata(data: bytes, key: str) -> str:
    """An entry of a model's metadata."""
    for entry in onnx.load_model_from_string(data).metadata_props:
        if entry.key == key:
            return str(entry.value)
    raise KeyError(key)


def _info(name: str, shape: Shape) -> onnx.ValueInfoProto:
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(shape))
