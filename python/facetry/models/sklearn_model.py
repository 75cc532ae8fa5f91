"""Loads scikit-learn's multilayer perceptrons, alone or behind scalers in a pipeline.

Only their fitted attributes are read; scikit-learn itself is never imported.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._core import PiecewiseFunction
from ..errors import ModelLoadError, UnsupportedOperatorError
from .graph_builder import GraphBuilder, IdArray
from .model import Model, assemble, default_output_names
from .tail import Tail, TailStep

__all__ = ["load_sklearn"]

_NETWORKS = ("MLPClassifier", "MLPRegressor")
_SCALERS = ("StandardScaler", "MinMaxScaler")
_CONVERTED = (
    *_SCALERS,
    "MaxAbsScaler",
    "RobustScaler",
    "PCA",
    "IncrementalPCA",
    "TruncatedSVD",
    "GaussianRandomProjection",
)
"""Steps that skl2onnx writes with operators that are read; a test converts each."""


def load_sklearn(
    estimator: Any,
    *,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
) -> Model:
    """A model from a fitted MLPClassifier or MLPRegressor, or a Pipeline that ends in one.

    Of a search for parameters, such as a GridSearchCV, the best estimator is taken.
    Features are named by ``feature_names_in_`` and outputs by ``classes_`` where the estimator has
    them. A binary classifier has one logit, whose sigmoid is the probability of its second class.

    Raises
    ------
    UnsupportedOperatorError
        If a step of the pipeline, or the hidden activation, is not one facetry reads.
    ModelLoadError
        If the estimator is not fitted.
    """
    estimator = _best(estimator)
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
        reference=partial(_predicted, estimator),
    )


def _best(estimator: Any) -> Any:
    """What a search for parameters (such as GridSearchCV) found; anything else as it is."""
    name = type(estimator).__name__
    if not any(kind.__name__ == "BaseSearchCV" for kind in type(estimator).__mro__):
        return estimator
    if hasattr(estimator, "best_estimator_"):
        return _best(estimator.best_estimator_)
    if hasattr(estimator, "cv_results_"):
        raise ModelLoadError(
            f"the {name} keeps no best_estimator_, because of refit=False: fit an estimator with "
            "its best_params_, and load that"
        )
    raise ModelLoadError(f"the {name} is not fitted; call fit first")


def _steps(estimator: Any) -> list[Any]:
    """The fitted steps in order: scalers, then the network."""
    steps = _unpacked(estimator)
    network = steps[-1] if steps else estimator
    name = type(network).__name__
    if name == "TransformedTargetRegressor":
        raise UnsupportedOperatorError(_transformed_target(network))
    if name not in _NETWORKS:
        raise UnsupportedOperatorError(
            f"the last step is a {name}; facetry reads MLPClassifier and MLPRegressor"
        )
    for step in steps[:-1]:
        if type(step).__name__ not in _SCALERS:
            raise UnsupportedOperatorError(
                f"the pipeline has a {type(step).__name__}; facetry reads StandardScaler and "
                f"MinMaxScaler before the network. {_way_round(steps, estimator)}"
            )
    for step in steps:
        if not hasattr(step, "n_features_in_"):
            raise ModelLoadError(f"the {type(step).__name__} is not fitted; call fit first")
    return steps


def _way_round(steps: list[Any], pipeline: Any) -> str:
    """What can be done about a step that is not read: only what works."""
    alone = "Load the network alone and ask about transformed data"
    if type(pipeline.steps[-1][1]).__name__ in _NETWORKS:
        alone += ": facetry.load(pipeline[-1]), with pipeline[:-1].transform(X)"
    if any(type(step).__name__ not in _CONVERTED for step in steps[:-1]):
        return alone
    convert = "skl2onnx.to_onnx(pipeline, X[:1].astype('float32'))"
    return f"Convert the pipeline and load the result: {convert}. Or: {alone[0].lower()}{alone[1:]}"


def _transformed_target(regressor: Any) -> str:
    text = "a TransformedTargetRegressor computes with the network's outputs, which is not read. "
    if not hasattr(regressor, "regressor_"):
        return text + "Fit it, and load its network alone, estimator.regressor_"
    return text + (
        "Load its network alone, facetry.load(estimator.regressor_): its outputs are targets as "
        "they were transformed; estimator.transformer_.inverse_transform turns them back"
    )


def _unpacked(estimator: Any) -> list[Any]:
    """The steps of a pipeline and of pipelines within it, without those that pass through."""
    estimator = _best(estimator)
    if type(estimator).__name__ != "Pipeline":
        return [] if estimator is None or isinstance(estimator, str) else [estimator]
    return [inner for _, step in estimator.steps for inner in _unpacked(step)]


def _predicted(estimator: Any, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """What scikit-learn says: probabilities of the classes, or values, of shape (N, n')."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that points have no names, where the data had some
        if hasattr(estimator, "predict_proba"):
            found = estimator.predict_proba(points)
        else:
            found = estimator.predict(points)
    return np.asarray(found, dtype=np.float64).reshape(len(points), -1)


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
