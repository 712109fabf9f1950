"""ONNX Runtime sessions and the inference pool."""
