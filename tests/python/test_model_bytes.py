"""The core's model file: what Python writes comes back bit for bit, and damage is told."""

from __future__ import annotations

import numpy as np
import pytest

import facetry
from facetry import _core


def graph():
    graph = _core.NeuralGraph(2)
    first = graph.dense([0, 1], np.array([[0.1, -0.2], [1.0, 1e-300]]), np.array([0.3, -0.0]))
    units = graph.piecewise([first, first + 1], [_core.PiecewiseFunction.clip(-1.0, 2.0)], [0, 0])
    return graph, graph.maximum([0, 2], [units, units + 1])


def described(graph):
    parts = [graph.operation(i) for i in range(graph.operation_count)]
    return [
        [
            p if isinstance(p, str) else np.asarray(p).tolist()
            for p in part
            if not isinstance(p, list)
        ]
        for part in parts
    ]


def written(**changes):
    core, output = graph()
    fields = {
        "graph": core,
        "outputs": [output],
        "feature_names": ["größe", ""],
        "output_names": ["y"],
        "operation_names": ["a", "b", "c"],
        "input_shape": [1, 2],
        "decision": "threshold",
        "threshold": 0.1,
        "source": "a test",
        "notes": '{"tail": "sigmoid"}',
    } | changes
    return _core.model_bytes(**fields)


def test_a_model_comes_back():
    data = written()
    again = _core.parse_model(data, "name")
    core, output = graph()
    assert described(again.graph) == described(core)
    assert again.outputs.tolist() == [output]
    assert again.feature_names == ["größe", ""]
    assert again.output_names == ["y"]
    assert again.operation_names == ["a", "b", "c"]
    assert again.input_shape == [1, 2]
    assert (again.decision, again.threshold) == ("threshold", 0.1)
    assert (again.source, again.notes) == ("a test", '{"tail": "sigmoid"}')
    X = np.array([[0.3, -0.7], [5.0, 1.0]])
    assert again.graph.evaluate(X, [output]).tolist() == core.evaluate(X, [output]).tolist()


@pytest.mark.parametrize("decision", ["none", "highest", "lowest", "threshold"])
def test_decisions_keep_their_names(decision):
    assert _core.parse_model(written(decision=decision), "name").decision == decision


def test_damage_is_told_with_the_name():
    data = written()
    for bad in (b"", data[:-1], data + b"\0", data[:100] + b"x" + data[101:]):
        with pytest.raises(facetry.FileFormatError, match=r"^dir/name: "):
            _core.parse_model(bad, "dir/name")


@pytest.mark.parametrize(
    "changes",
    [{"outputs": [99]}, {"decision": "best"}, {"feature_names": ["x"]}, {"input_shape": [3]}],
    ids=str,
)
def test_what_does_not_fit_is_not_written(changes):
    with pytest.raises(facetry.InvalidInputError):
        written(**changes)
