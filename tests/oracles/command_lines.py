"""What the tests of the command line share: a small example and the program itself."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

import onnx

from oracles.networks import table_network

EXAMPLES = Path(__file__).parents[2] / "python" / "examples"
WINE = str(EXAMPLES / "wine.onnx")
PIECEWISE = str(EXAMPLES / "piecewise.onnx")
CUT = ["--cut", "x1=0:1", "--cut", "x2=0.2:0.4"]
MODEL = [PIECEWISE, "--feature-names", "x1,x2,x3,x4,x5"]
QUESTION = [*MODEL, *CUT]
ZEROS = "facetry: note: without --base, the features that --cut does not name (3) are 0\n"
"""Said beside the results of QUESTION."""


def command(*arguments: str) -> list[str]:
    """The program in a process of its own."""
    return [sys.executable, "-m", "facetry", *arguments]


def endless_search(inputs: int = 6) -> list[str]:
    """Arguments of a search with millions of regions, the faster the fewer inputs there are.

    The network is written as an ONNX file that is removed when the tests end.
    """
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    layers = table_network([inputs, 64, 64, 1])
    nodes, weights, name = [], [], "x"
    for number, (kind, *parts) in enumerate(layers):
        made = f"value{number}"
        if kind == "affine":
            for what, array in zip("Wb", parts, strict=True):
                weights.append(onnx.numpy_helper.from_array(array, f"{what}{number}"))
            read = [name, f"W{number}", f"b{number}"]
            nodes.append(onnx.helper.make_node("Gemm", read, [made], transB=1))
        else:
            nodes.append(onnx.helper.make_node("Relu", [name], [made]))
        name = made
    double = onnx.TensorProto.DOUBLE
    graph = onnx.helper.make_graph(
        nodes,
        "endless",
        [onnx.helper.make_tensor_value_info("x", double, [None, inputs])],
        [onnx.helper.make_tensor_value_info(name, double, [None, 1])],
        weights,
    )
    path = Path(folder) / "endless.onnx"
    opsets = [onnx.helper.make_opsetid("", 13)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return [str(path), "--box=-1:1"]
