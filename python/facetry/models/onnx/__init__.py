"""ONNX files: reading a graph and lowering its operators to the core's."""
