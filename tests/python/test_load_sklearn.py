"""scikit-learn's perceptrons: read directly, and through their ONNX conversion."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facetry.errors import (
    FacetryError,
    InvalidInputError,
    ModelLoadError,
    UnsupportedOperatorError,
)
from facetry.files.open_file import open_file
from facetry.models.load import load

pytest.importorskip("sklearn", reason="scikit-learn is optional")

from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD
from sklearn.experimental import enable_halving_search_cv
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.random_projection import GaussianRandomProjection

assert enable_halving_search_cv  # importing it is what makes HalvingGridSearchCV importable

RNG = np.random.default_rng(5)
X = RNG.normal(size=(80, 4)) * [1.0, 10.0, 0.1, 2.0] + [0.0, 5.0, 0.0, -3.0]
FRESH = RNG.normal(size=(40, 4)) * [2.0, 20.0, 0.2, 4.0] + [0.0, 5.0, 0.0, -3.0]
BINARY = np.array(["no", "yes"])[(X[:, 0] + X[:, 2] > 0).astype(int)]
# numbers, because older scikit-learn cannot stop early on texts
BINARY_NUMBERS = (X[:, 0] + X[:, 2] > 0).astype(int)
THREE = np.array(["red", "green", "blue"])[np.digitize(X[:, 0], [-0.5, 0.5])]
SEVERAL = np.stack([X[:, 0] > 0, X[:, 1] > 5, X[:, 3] > -3], axis=1).astype(int)
VALUE = X[:, 0] ** 2 + X[:, 1]


def network(kind: Any, y: Any, *before: Any, **options: Any) -> Any:
    net = kind(hidden_layer_sizes=(8, 6), max_iter=30, random_state=0, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (make_pipeline(*before, net) if before else net).fit(X, y)


FITTED = {
    "binary": network(MLPClassifier, BINARY),
    "three": network(MLPClassifier, THREE, StandardScaler()),
    "several": network(MLPClassifier, SEVERAL, MinMaxScaler()),
    "one value": network(MLPRegressor, VALUE, MinMaxScaler(clip=True)),
    "two values": network(MLPRegressor, np.stack([VALUE, -VALUE], axis=1)),
    "not centred": network(MLPRegressor, VALUE, StandardScaler(with_mean=False)),
    "not scaled": network(MLPRegressor, VALUE, StandardScaler(with_std=False)),
    "neither": network(MLPRegressor, VALUE, StandardScaler(with_mean=False, with_std=False)),
    "two scalers": network(MLPClassifier, BINARY, MinMaxScaler((-1, 1)), StandardScaler()),
    "passthrough": network(MLPClassifier, BINARY, "passthrough", StandardScaler()),
    "linear": network(MLPClassifier, THREE, activation="identity"),
    "early stop": network(MLPClassifier, BINARY_NUMBERS, early_stopping=True),
}


def expected(estimator: Any, points: np.ndarray) -> np.ndarray:
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(points))
    return np.asarray(estimator.predict(points)).reshape(len(points), -1)


@pytest.mark.parametrize("name", FITTED)
def test_agrees_with_scikit_learn(name: str) -> None:
    model = load(FITTED[name])
    np.testing.assert_allclose(model.predict(FRESH), expected(FITTED[name], FRESH), atol=1e-12)


def test_binary_classifier() -> None:
    model = load(FITTED["binary"])
    assert (model.output_size, model.tail.kinds) == (1, ("sigmoid", "complement"))
    assert (model.tail.labels, model.output_names) == (("no", "yes"), ("yes",))
    assert (model.decision.kind, model.decision.threshold) == ("threshold", 0.0)
    chosen = np.array(model.tail.labels)[model.decide(FRESH)]
    np.testing.assert_array_equal(chosen, FITTED["binary"].predict(FRESH))


def test_three_classes() -> None:
    model = load(FITTED["three"])
    assert model.output_names == model.tail.labels == ("blue", "green", "red")
    assert (model.tail.kind, model.decision.kind) == ("softmax", "highest")
    chosen = np.array(model.output_names)[model.decide(FRESH)]
    np.testing.assert_array_equal(chosen, FITTED["three"].predict(FRESH))


def test_several_labels_at_once_are_no_decision() -> None:
    assert load(FITTED["several"]).decision.kind == "none"
    assert load(FITTED["several"], decision="highest").decision.kind == "highest"


def test_clip_of_the_scaler_is_kept() -> None:
    model = load(FITTED["one value"])
    assert any(name.startswith("MinMaxScaler[") for name in model.unit_names)
    assert any(name.startswith("hidden1[") for name in model.unit_names)


def test_feature_names() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["age", "income", "debt", "years"])
    for steps in ((), (StandardScaler(),)):
        net = MLPRegressor(hidden_layer_sizes=(3,), max_iter=5, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = make_pipeline(*steps, net).fit(frame, VALUE)
        assert load(fitted).feature_names == ("age", "income", "debt", "years")
        assert load(fitted, feature_names=list("abcd")).feature_names == tuple("abcd")
    assert load(FITTED["binary"]).feature_names == ("x0", "x1", "x2", "x3")


@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_smooth_hidden_activation(activation: str) -> None:
    with pytest.raises(UnsupportedOperatorError, match=f"{activation}.*not piecewise linear"):
        load(network(MLPClassifier, BINARY, activation=activation))


@pytest.mark.parametrize(
    ("estimator", "error", "part"),
    [
        (MLPClassifier(), ModelLoadError, "not fitted"),
        (make_pipeline(StandardScaler(), MLPRegressor()), ModelLoadError, "not fitted"),
        (LogisticRegression(), UnsupportedOperatorError, "LogisticRegression"),
        (
            make_pipeline(PolynomialFeatures(), MLPRegressor()),
            UnsupportedOperatorError,
            "Polynomial",
        ),
        (make_pipeline(MLPClassifier(), "passthrough"), ModelLoadError, "not fitted"),
    ],
)
def test_refused(estimator: Any, error: type[FacetryError], part: str) -> None:
    with pytest.raises(error, match=part):
        load(estimator)


# Searches, transformed targets, and steps that are not read -------------------------------------


def quietly(estimator: Any, y: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimator.fit(X, y)


GRID = {"alpha": [1e-4, 1.0]}


def small(kind: Any) -> Any:
    return kind(hidden_layer_sizes=(4,), max_iter=5, random_state=0)


@pytest.mark.parametrize(
    "search",
    [
        GridSearchCV(small(MLPClassifier), GRID, cv=2),
        RandomizedSearchCV(small(MLPClassifier), GRID, n_iter=1, cv=2, random_state=0),
        HalvingGridSearchCV(small(MLPClassifier), GRID, cv=2, random_state=0),
        GridSearchCV(
            make_pipeline(StandardScaler(), small(MLPClassifier)),
            {"mlpclassifier__alpha": [1e-4, 1.0]},
            cv=2,
        ),
        make_pipeline(StandardScaler(), GridSearchCV(small(MLPClassifier), GRID, cv=2)),
    ],
    ids=["grid", "random", "halving", "pipeline", "in a pipeline"],
)
def test_the_best_estimator_of_a_search_is_loaded(search: Any) -> None:
    with pytest.raises(ModelLoadError, match="is not fitted; call fit first"):
        load(clone(search))
    fitted = quietly(search, BINARY)
    model = load(fitted)
    np.testing.assert_allclose(model.predict(FRESH), fitted.predict_proba(FRESH), atol=1e-12)
    assert model.check(FRESH).ok


def test_a_search_that_keeps_no_estimator() -> None:
    search = quietly(GridSearchCV(small(MLPClassifier), GRID, cv=2, refit=False), BINARY)
    with pytest.raises(ModelLoadError, match=r"refit=False: fit .* with its best_params_"):
        load(search)
    advised = quietly(clone(search.estimator).set_params(**search.best_params_), BINARY)
    assert load(advised).check().ok


def test_a_transformed_target() -> None:
    whole = TransformedTargetRegressor(small(MLPRegressor), transformer=StandardScaler())
    with pytest.raises(UnsupportedOperatorError, match=r"Fit it, .* estimator\.regressor_"):
        load(whole)
    estimator = quietly(whole, VALUE)
    with pytest.raises(UnsupportedOperatorError) as error:
        load(estimator)
    code = re.search(r"facetry\.(load\(.*?\))", str(error.value))
    assert code
    outputs = eval(code[1], {"load": load, "estimator": estimator})(FRESH)
    assert "estimator.transformer_.inverse_transform turns them back" in str(error.value)
    targets = estimator.transformer_.inverse_transform(outputs)[:, 0]
    np.testing.assert_allclose(targets, estimator.predict(FRESH))


CONVERTED = [MaxAbsScaler(), RobustScaler(), PCA(3), IncrementalPCA(3), TruncatedSVD(3),
             GaussianRandomProjection(3, random_state=0)]  # fmt: skip
OTHERS = [PolynomialFeatures(), Normalizer(), PowerTransformer(), SelectKBest(k=2), SimpleImputer()]


@pytest.mark.parametrize("step", CONVERTED + OTHERS, ids=lambda step: type(step).__name__)
def test_advice_on_steps_that_are_not_read_works(step: Any) -> None:
    pipeline = network(MLPClassifier, THREE, StandardScaler(), step)
    with pytest.raises(UnsupportedOperatorError, match=type(step).__name__) as error:
        load(pipeline)
    advice = str(error.value)
    assert ("skl2onnx" in advice) == (step in CONVERTED)
    expected = pipeline.predict_proba(POINTS)
    if "skl2onnx" in advice:
        skl2onnx = pytest.importorskip("skl2onnx")
        code = re.search(r"skl2onnx\.to_onnx\(.*\)\)", advice)
        assert code
        model = load(eval(code[0], {"skl2onnx": skl2onnx, "pipeline": pipeline, "X": X}))
        np.testing.assert_allclose(model.predict(POINTS), expected, atol=1e-3)
    code = re.search(r"facetry\.(load\(.*\)), with (.*)", advice)
    assert code
    names = {"load": load, "pipeline": pipeline, "X": POINTS}
    model, points = eval(code[1], names), eval(code[2], names)
    np.testing.assert_allclose(model.predict(points), expected, atol=1e-12)


def test_the_network_of_a_nested_pipeline_is_not_the_last_step() -> None:
    nested = make_pipeline(PCA(3), make_pipeline(StandardScaler(), small(MLPClassifier)))
    with pytest.raises(UnsupportedOperatorError) as error:
        load(quietly(nested, BINARY))
    assert "pipeline[-1]" not in str(error.value)


# Checks against scikit-learn itself --------------------------------------------------------------


@pytest.mark.parametrize("name", FITTED)
def test_models_are_checked_against_scikit_learn(name: str) -> None:
    for report in (load(FITTED[name]).check(), load(FITTED[name]).check(FRESH)):
        assert report.ok and report.max_relative < 1e-10
        assert str(report).startswith("agrees with scikit-learn at ")


def test_a_check_can_fail() -> None:
    changed = network(MLPClassifier, THREE)
    model = load(changed)
    changed.coefs_[0] = changed.coefs_[0] + 0.5
    assert not model.check(FRESH).ok
    assert "DIFFERS from scikit-learn" in str(model.check(FRESH))


def test_data_with_names_are_checked_without_warnings() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["age", "income", "debt", "years"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = load(small(MLPRegressor).fit(frame, VALUE))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.check(frame).ok


def test_what_has_no_other_program_says_so(tmp_path: Path) -> None:
    load(FITTED["binary"]).save(tmp_path / "m.facetry-model")
    for model in (load([([[1.0]], [0.0])]), open_file(tmp_path / "m.facetry-model")):
        with pytest.raises(InvalidInputError, match="read from ONNX or scikit-learn"):
            model.check()


# Through ONNX ----------------------------------------------------------------------------------


def converted(name: str, **options: Any) -> Any:
    skl2onnx = pytest.importorskip("skl2onnx")
    estimator = FITTED[name]
    last = estimator[-1] if hasattr(estimator, "steps") else estimator
    chosen = {id(last): options} if options else None
    return skl2onnx.to_onnx(estimator, X[:1].astype(np.float32), options=chosen)


CLASSIFIERS = ["binary", "three", "several", "two scalers", "linear"]
POINTS = FRESH.astype(np.float32)


ENDS = [(name, zipmap) for name in CLASSIFIERS for zipmap in (True, False)]
ENDS += [(name, "columns") for name in CLASSIFIERS if name != "several"]


@pytest.mark.parametrize(("name", "zipmap"), ENDS)
def test_converted_classifier(name: str, zipmap: bool | str) -> None:
    model = load(converted(name, zipmap=zipmap))
    direct = load(FITTED[name])
    # the conversion rounds weights to float32, and logits here reach some tens
    np.testing.assert_allclose(model(POINTS), direct(POINTS), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(model.predict(POINTS), direct.predict(POINTS), atol=1e-4)
    assert model.tail.kinds == direct.tail.kinds
    if name != "several":  # the conversion does not say that several labels may hold at once
        assert model.tail.labels == direct.tail.labels
        assert model.output_names == direct.output_names
        assert model.decision == direct.decision


@pytest.mark.parametrize(
    "name", ["one value", "two values", "not centred", "not scaled", "neither"]
)
def test_converted_regressor(name: str) -> None:
    model = load(converted(name))
    assert (model.tail.kind, model.output_size) == ("none", load(FITTED[name]).output_size)
    np.testing.assert_allclose(model(POINTS), load(FITTED[name])(POINTS), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["binary", "three", "one value"])
def test_converted_models_agree_with_onnxruntime(name: str) -> None:
    pytest.importorskip("onnxruntime")
    assert load(converted(name)).check(POINTS).ok


def test_label_output_on_its_own() -> None:
    for name, kinds in (
        ("binary", ("sigmoid", "complement", "argmax")),
        ("three", ("softmax", "argmax")),
    ):
        model = load(converted(name, zipmap=False), outputs="label")
        assert (model.tail.kinds, model.tail.labels) == (kinds, load(FITTED[name]).tail.labels)
        labels = np.array(model.tail.labels)[model.predict(POINTS)[:, 0].astype(int)]
        np.testing.assert_array_equal(labels, FITTED[name].predict(POINTS))
        np.testing.assert_array_equal(np.array(model.tail.labels)[model.decide(POINTS)], labels)


def test_the_values_of_a_regression_are_no_alternatives():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = MLPRegressor(hidden_layer_sizes=(3,), max_iter=5, random_state=0).fit(X, X[:, :2])
    assert load(fitted).decision.kind == "none"
    assert load(fitted, decision="highest").decision.kind == "highest"


@pytest.mark.parametrize("name", ["kept.facetry", "kept.facetry-model"])
def test_files_of_facetry_are_opened_not_loaded(name):
    with pytest.raises(ModelLoadError, match=r"facetry\.open reads it"):
        load(name)
