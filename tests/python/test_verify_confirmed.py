"""A counterexample is looked at with onnxruntime too, in the file's own precision."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import facetry
from facetry import _core
from facetry.cli.main import main

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def saved(path, tail=None, scale=1.0):
    """y = (scale x0, scale x1) in float32, with a softmax behind it if asked for."""
    helper, kinds = onnx.helper, onnx.TensorProto
    weights = onnx.numpy_helper.from_array(scale * np.eye(2, dtype=np.float32), "W")
    nodes = [helper.make_node("MatMul", ["x", "W"], ["h"])]
    if tail:
        nodes.append(helper.make_node(tail, ["h"], ["y"]))
    values = [
        helper.make_tensor_value_info(name, kinds.FLOAT, [1, 2])
        for name in ("x", "y" if tail else "h")
    ]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], [weights])
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return facetry.load(path)


def asking(condition, high=1.0):
    text = "".join(
        f"(declare-const X_{i} Real)(declare-const Y_{i} Real)"
        f"(assert (>= X_{i} 0))(assert (<= X_{i} {high!r}))"
        for i in range(2)
    )
    return facetry.Property.parse(f"{text}(assert {condition})")


@pytest.mark.parametrize("tail", [None, "Softmax", "Sigmoid"])
def test_it_agrees(tmp_path, tail):
    model = saved(tmp_path / "m.onnx", tail)
    found = facetry.verify(model, asking("(>= Y_0 0.5)"))
    assert found.answer == "sat" and found.confirmed is True
    assert np.array_equal(found.runtime_outputs, found.outputs.astype(np.float32))
    assert not found.runtime_outputs.flags.writeable


def test_it_differs_where_the_precision_of_the_file_does_not_do(tmp_path):
    model = saved(tmp_path / "m.onnx")
    # between two numbers of float32: there the witness is rounded to one outside
    low, high = 0.5 + 2.0**-26, 0.5 + 2.0**-26 + 2.0**-40
    found = facetry.verify(model, asking(f"(and (>= Y_0 {low!r}) (<= Y_0 {high!r}))"))
    assert found.answer == "sat" and low <= found.outputs[0] <= high
    assert found.confirmed is False
    assert found.runtime_outputs[0] == np.float32(0.5)


def test_not_asked(tmp_path, monkeypatch):
    model = saved(tmp_path / "m.onnx")
    assert facetry.verify(model, asking("(>= Y_0 2)")).confirmed is None
    layers = facetry.load([(np.eye(2), np.zeros(2))])
    assert facetry.verify(layers, asking("(>= Y_0 0.5)")).confirmed is None
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    found = facetry.verify(model, asking("(>= Y_0 0.5)"))
    assert (found.answer, found.confirmed, found.runtime_outputs) == ("sat", None, None)


def test_the_command_says_so(tmp_path, capsys, monkeypatch):
    saved(tmp_path / "m.onnx")
    text = "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"
    text += "(declare-const Y_1 Real)(assert (>= X_0 0))(assert (<= X_0 1))"
    text += "(assert (>= X_1 0))(assert (<= X_1 1))(assert (>= Y_0 0.5))"
    (tmp_path / "p.vnnlib").write_text(text)
    command = ["verify", str(tmp_path / "m.onnx"), str(tmp_path / "p.vnnlib")]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("sat\n((X_0 ") and shown.out.endswith("))\n")
    assert shown.err.startswith("facetry: note: onnxruntime agrees") and "float32" in shown.err
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert main(command) == 0
    assert "was not checked with onnxruntime" in capsys.readouterr().err


def test_what_precision_cannot_decide_is_unknown(monkeypatch, tmp_path):
    def fails(*_):
        raise facetry.NumericalError("too thin")

    monkeypatch.setattr(_core, "verify", fails)
    model = saved(tmp_path / "m.onnx")
    found = facetry.verify(model, asking("(>= Y_0 0.5)"))
    assert (found.answer, found.status, found.bound) == ("unknown", "numerical", None)
