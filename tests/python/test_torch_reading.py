"""How torch modules are read, where torch is not needed: arguments, memory, kinds of layers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from facetry.errors import ModelLoadError, UnsupportedOperatorError
from facetry.models.torch_functions import bind
from facetry.models.torch_layers import layer_operators
from facetry.models.torch_memory import Memory

STEP = SimpleNamespace(op="call_module", name="h")


def operators(name: str, *arguments: Any, **options: Any) -> list[tuple[str, Any]]:
    made = bind(name, (STEP, *arguments), options).operators
    return [(one.op, dict(one.attributes)) for one in made]


def test_arguments_are_bound_to_their_parameters() -> None:
    assert operators("elu", 0.3) == operators("elu", alpha=0.3) == [("Elu", {"alpha": 0.3})]
    assert operators("leaky_relu") == [("LeakyRelu", {"alpha": 0.01})]
    assert [op for op, _ in operators("softplus", beta=5)] == ["Mul", "Softplus", "Div"]
    assert [op for op, _ in operators("softplus", 1, 20)] == ["Softplus"]
    assert bind("relu", (), {"input": STEP}).tensor is STEP
    limits = bind("clamp", (STEP, None, 1.0), {}).operators[0].constants
    np.testing.assert_array_equal(limits, [-np.inf, 1.0])


def test_what_works_in_place_says_so() -> None:
    assert bind("relu_", (STEP,), {}).in_place
    assert bind("relu", (STEP,), {"inplace": True}).in_place
    assert not bind("relu", (STEP,), {"inplace": False}).in_place
    assert bind("dropout", (STEP,), {"training": False}).same


@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("frobnicate", (), {}),
        ("relu", (), {"upside_down": True}),
        ("relu", (False, 3), {}),
        ("elu", (0.3,), {"alpha": 0.3}),
        ("clamp", (STEP,), {}),
        ("leaky_relu", (), {"negative_slope": [0.1]}),
        ("threshold", (0.1,), {}),
        ("threshold", (0.1, 0.0), {}),
        ("softplus", (), {"threshold": 0.1}),
        ("softplus", (), {"beta": -1}),
        ("softmax", (0,), {}),
        ("softmax", (), {"dim": 1, "dtype": "float64"}),
        ("flatten", (), {}),
    ],
)
def test_other_arguments_are_refused(name: str, arguments: Any, options: Any) -> None:
    with pytest.raises(UnsupportedOperatorError):
        bind(name, (STEP, *arguments), options)


def test_dropout_in_training_is_refused() -> None:
    with pytest.raises(ModelLoadError, match=r"module\.eval\(\)"):
        bind("dropout", (STEP,), {})


def layer(kind: str, module: str = "torch.nn.modules.made", **options: Any) -> Any:
    made = type(kind, (), {"__module__": module, "__constants__": list(options)})()
    for name, value in options.items():
        setattr(made, name, value)
    return made


def test_layers_pass_their_options_on_or_are_refused() -> None:
    (one,) = layer_operators(layer("ELU", alpha=0.3, inplace=False), "act")
    assert (one.op, one.attributes) == ("Elu", {"alpha": 0.3})
    chain = layer_operators(layer("Softplus", beta=2.0, threshold=20), "act")
    assert [one.op for one in chain] == ["Mul", "Softplus", "Div"]
    for other in (
        layer("ReLU", inplace=False, shifted=0.5),
        layer("Softplus", beta=1, threshold=0.1),
        layer("Threshold", threshold=0.5, value=0.0),
        layer("ReLU", "torch.ao.nn.quantized.modules"),
        layer("ReLU", "somebody.torch.nn.modules"),
        layer("Softmax", dim=0),
        layer("Frobnicate"),
    ):
        with pytest.raises(UnsupportedOperatorError, match="'act'"):
            layer_operators(other, "act")


def test_memory_follows_what_is_written_over() -> None:
    memory = Memory()
    memory.made("h")
    memory.seen("same", "h", whole=True)
    memory.seen("flat", "h", whole=False)
    memory.made("other")
    memory.overwritten("same", "relu")
    assert [memory.current(name) for name in ("h", "same", "relu")] == ["relu"] * 3
    assert memory.current("other") == "other"
    with pytest.raises(UnsupportedOperatorError, match="'flat'"):
        memory.current("flat")
    memory.overwritten("relu", "again")
    assert memory.current("h") == "again"


def test_what_a_module_keeps_is_not_written_over() -> None:
    memory = Memory()
    memory.kept("weights")
    memory.seen("view", "weights", whole=False)
    with pytest.raises(UnsupportedOperatorError, match="keeps"):
        memory.overwritten("view", "added")
