"""EfficientNet-lite0's two outputs: of the same run, and of the same image."""

import numpy as np
import onnx
from onnx import numpy_helper
from skimage import data

from openrek.vision import load_packs
from openrek.vision.architectures.efficientnet_lite import EfficientNetLite
from openrek.vision.runtime.session_cache import SessionCache


def test_the_logits_are_a_weighted_mean_of_the_features() -> None:
    sessions = SessionCache(load_packs())
    observed = EfficientNetLite(sessions["efficientnet_lite0"]).observe(data.astronaut())  # type: ignore[no-untyped-call]
    assert observed.features is not None
    assert observed.features.shape == (7, 7, 1280)
    graph = onnx.load(sessions.models["efficientnet_lite0"].file).graph
    (last,) = [node for node in graph.node if node.op_type == "Gemm"]
    casts = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Cast"}
    arrays = {each.name: numpy_helper.to_array(each).astype(np.float32) for each in graph.initializer}
    weights, bias = (arrays[casts.get(name, name)] for name in last.input[1:])
    expected = observed.features.mean(axis=(0, 1)) @ weights + bias
    np.testing.assert_allclose(observed.logits, expected, atol=2e-3)


def test_the_whole_image_is_seen_stretched_and_its_centre_cropped() -> None:
    model = EfficientNetLite(SessionCache(load_packs())["efficientnet_lite0"])
    pixels = data.astronaut()  # type: ignore[no-untyped-call]
    pixels[:, -30:] = 255  # outside the centre
    changed = pixels.copy()
    changed[:, -30:] = 0
    np.testing.assert_array_equal(model.observe(pixels).logits, model.observe(changed).logits)
    assert not np.array_equal(model.observe_whole(pixels).logits, model.observe_whole(changed).logits)
