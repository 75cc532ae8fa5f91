"""Saved models: exact round trips over loaders, and clear errors for files that are not whole."""

import gzip

import numpy as np
import pytest

import facetry
from facetry import FileFormatError, InvalidInputError
from oracles.networks import FUNCTIONS, model_of, random_network


def check_same(again, model, points):
    assert np.array_equal(again(points), model(points))
    assert np.array_equal(again.predict(points), model.predict(points))
    for name in ("feature_names", "output_names", "input_shape", "tail", "decision", "source"):
        assert getattr(again, name) == getattr(model, name), name
    assert again.unit_names == model.unit_names


def test_round_trip_of_every_kind_of_unit(tmp_path):
    layers = random_network(np.random.default_rng(1), 3, [4, 4], kinds=[*FUNCTIONS, "maximum"])
    model = model_of(layers, 3)
    model.save(tmp_path / "model.facetry-model")
    again = facetry.open(tmp_path / "model.facetry-model")
    check_same(again, model, np.random.default_rng(0).uniform(-1, 1, (50, 3)))
    box = facetry.AnalysisRegion.box(-1, 1)
    assert np.array_equal(
        facetry.partition(again, box).states, facetry.partition(model, box).states
    )


def test_tails_labels_names_and_decisions_come_back(tmp_path):
    sklearn = pytest.importorskip("sklearn.neural_network")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    fitted = sklearn.MLPClassifier((5,), max_iter=400, random_state=0)
    fitted.fit(X, np.where(X[:, 0] > 0, "grüner Tee", "<b>"))
    for decision in (None, 0.25):
        model = facetry.load(fitted, feature_names=["größe", "x y"], decision=decision)
        path = tmp_path / "model.facetry-model"
        model.save(path)
        check_same(facetry.open(path), model, X)
        first = path.read_bytes()
        facetry.open(path).save(path)
        assert path.read_bytes() == first


def test_joined_models_are_saved_too(tmp_path):
    layers = [([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])]
    both = facetry.join(facetry.load(layers), facetry.load(layers))
    both.save(tmp_path / "both.facetry-model")
    again = facetry.open(tmp_path / "both.facetry-model")
    assert again([[1.0, 1.0]]).tolist() == [[2.5, 2.5]]


def test_files_that_are_not_whole_say_so(tmp_path):
    path = tmp_path / "model.facetry-model"
    facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])]).save(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(3)
    for _ in range(200):
        broken = bytearray(whole)
        broken[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
        path.write_bytes(broken)
        with pytest.raises(FileFormatError):
            facetry.open(path)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError):
            facetry.open(path)
    with pytest.raises(FileFormatError, match="no such file"):
        facetry.open(tmp_path / "missing.facetry-model")


def test_packed_models(tmp_path):
    path, packed = tmp_path / "model.facetry-model", tmp_path / "model.facetry-model.gz"
    facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])]).save(path)
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert facetry.open(packed)([[1.0, 1.0]]).tolist() == [[2.5]]
    packed.write_bytes(gzip.compress(path.read_bytes() + b"0" * 10_000_000))
    with pytest.raises(FileFormatError, match="limit of 1000000 bytes"):
        facetry.open(packed, limits=facetry.ReadLimits(bytes=1_000_000))
    packed.write_bytes(gzip.compress(b"something else"))
    with pytest.raises(FileFormatError, match="holds no model"):
        facetry.open(packed)


def test_what_cannot_be_asked_or_written(tmp_path):
    model = facetry.load([([[1.0, 1.0]], [-1.0])])
    model.save(tmp_path / "model.facetry-model")
    with pytest.raises(InvalidInputError, match="leave verify out"):
        facetry.open(tmp_path / "model.facetry-model", verify=True)
    with pytest.raises(InvalidInputError):
        model.save(tmp_path / "no such folder" / "model.facetry-model")
