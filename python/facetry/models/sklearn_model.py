"""Loads scikit-learn's multilayer perceptrons, alone or behind scalers in a pipeline.

Only their fitted attributes are read; scikit-learn itself is never imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._core import PiecewiseFunction
from ..errors import ModelLoadError, UnsupportedOperatorError
from .graph_builder import GraphBuilder, IdArray
from .model import Model, assemble, default_output_names
from .tail import Tail, TailStep

__all__ = ["load_sklearn"]

_NETWORKS = ("MLPClassifier", "MLPRegressor")
_SCALERS = ("StandardScaler", "MinMaxScaler")


def load_sklearn(
    estimator: Any,
    *,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
) -> Model:
    """A model from a fitted MLPClassifier or MLPRegressor, or a Pipeline that ends in one.

    Features are named by ``feature_names_in_`` and outputs by ``classes_`` where the estimator has
    them. A binary classifier has one logit, whose sigmoid is the probability of its second class.

    Raises
    ------
    UnsupportedOperatorError
        If a step of the pipeline, or the hidden activation, is not one facetry reads.
    ModelLoadError
        If the estimator is not fitted.
    """
    steps = _steps(estimator)
    network = steps[-1]
    build = GraphBuilder(_input_size(steps[0]))
    values = build.inputs
    for scaler in steps[:-1]:
        build.layer = type(scaler).__name__
        values = _scaled(build, scaler, values)
    values = _layers(build, network, values)
    tail = _tail(network, values.size)
    return assemble(
        build,
        values,
        tail=tail,
        decision=_decision(network, decision),
        feature_names=feature_names,
        output_names=output_names,
        default_features=lambda: _feature_names(steps[0], build.graph.input_size),
        default_outputs=lambda: default_output_names(values.size, tail),
        source=f"scikit-learn {type(network).__name__}",
    )


def _steps(estimator: Any) -> list[Any]:
    """The fitted steps in order: scalers, then the network."""
    steps = _unpacked(estimator)
    network = steps[-1] if steps else estimator
    if type(network).__name__ not in _NETWORKS:
        raise UnsupportedOperatorError(
            f"the last step is a {type(network).__name__}; facetry reads MLPClassifier and "
            "MLPRegressor"
        )
    for step in steps[:-1]:
        if type(step).__name__ not in _SCALERS:
            raise UnsupportedOperatorError(
                f"the pipeline has a {type(step).__name__}; facetry reads StandardScaler and "
                "MinMaxScaler before the network. You can convert the pipeline with skl2onnx, or "
                "load the network alone and transform the data first"
            )
    for step in steps:
        if not hasattr(step, "n_features_in_"):
            raise ModelLoadError(f"the {type(step).__name__} is not fitted; call fit first")
    return steps


def _unpacked(estimator: Any) -> list[Any]:
    """The steps of a pipeline and of pipelines within it, without those that pass through."""
    if type(estimator).__name__ != "Pipeline":
        return [] if estimator is None or isinstance(estimator, str) else [estimator]
    return [inner for _, step in estimator.steps for inner in _unpacked(step)]


def _input_size(step: Any) -> int:
    return int(step.n_features_in_)


def _feature_names(step: Any, size: int) -> list[str]:
    names = getattr(step, "feature_names_in_", None)
    return [f"x{i}" for i in range(size)] if names is None else [str(name) for name in names]


def _scaled(build: GraphBuilder, scaler: Any, values: IdArray) -> IdArray:
    if type(scaler).__name__ == "StandardScaler":
        scale = np.ones(values.size) if scaler.scale_ is None else 1.0 / scaler.scale_
        mean = np.zeros(values.size) if scaler.mean_ is None else scaler.mean_
        # with_mean and with_std say what is applied; the statistics may be there all the same
        scale = scale if scaler.with_std else np.ones(values.size)
        mean = mean if scaler.with_mean else np.zeros(values.size)
        return build.combine([(values, scale)], -mean * scale)
    values = build.combine([(values, scaler.scale_)], scaler.min_)
    if getattr(scaler, "clip", False):
        low, high = scaler.feature_range
        values = build.piecewise(values, PiecewiseFunction.clip(float(low), float(high)))
    return values


def _layers(build: GraphBuilder, network: Any, values: IdArray) -> IdArray:
    if not hasattr(network, "coefs_"):
        raise ModelLoadError(f"the {type(network).__name__} is not fitted; call fit first")
    for number, (weights, bias) in enumerate(
        zip(network.coefs_, network.intercepts_, strict=True), start=1
    ):
        build.layer = f"layer{number}"
        values = build.linear(values, weights.T.astype(np.float64), bias.astype(np.float64))
        if number < len(network.coefs_):
            build.layer = f"hidden{number}"
            values = _activated(build, network.activation, values)
    return values


def _activated(build: GraphBuilder, activation: str, values: IdArray) -> IdArray:
    if activation == "relu":
        return build.piecewise(values, PiecewiseFunction.relu())
    if activation == "identity":
        return values
    raise UnsupportedOperatorError(
        f"the network's hidden activation is {activation!r}: smooth activations are not piecewise "
        "linear. Train it with activation='relu'"
    )


def _tail(network: Any, size: int) -> Tail:
    labels = tuple(str(label) for label in getattr(network, "classes_", ()))
    if network.out_activation_ == "softmax":
        return Tail.of(size, TailStep("softmax", groups=(1, size, 1)), labels=labels)
    if network.out_activation_ != "logistic":
        return _regression_tail(network, size)
    steps = [TailStep("sigmoid")] + [TailStep("complement")] * (size == 1)
    return Tail.of(size, *steps, labels=labels)


def _regression_tail(network: Any, size: int) -> Tail:
    if network.out_activation_ == "exp":
        return Tail.of(size, TailStep("exp"))
    if network.out_activation_ == "identity":
        return Tail.of(size)
    raise UnsupportedOperatorError(
        f"the network ends in {network.out_activation_!r}, which facetry does not know"
    )


def _decision(network: Any, decision: str | float | None) -> str | float | None:
    """The decision asked for; by default none where several outputs are no alternatives.

    That is so for several labels at once, and for the values of a regression.
    """
    several = network.out_activation_ != "softmax" and network.n_outputs_ > 1
    return "none" if decision is None and several else decision
