"""The .nnet format: normalisation and limits as its own programs apply them, and its faults."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from facetry import AnalysisRegion, Explainer, ModelLoadError, ReadLimits, load, partition
from facetry import open as open_file

R = np.random.default_rng(5)
SIZES = [3, 4, 5, 2]
WEIGHTS = [R.normal(size=(b, a)) for a, b in pairwise(SIZES)]
BIASES = [R.normal(size=size) for size in SIZES[1:]]
LOW, HIGH = np.array([-2.0, 0.0, 5.0]), np.array([3.0, 1.0, 9.0])
MEAN, SPREAD = np.array([0.5, 0.25, 7.0, 10.0]), np.array([5.0, 1.0, 4.0, 3.0])


def row(values: object) -> str:
    return ",".join(repr(float(v)) for v in np.ravel(values)) + ","


def text() -> str:
    lines = ["// a network", "// of ours", "3,3,2,5,", "3,4,5,2,", "0,"]
    lines += [row(part) for part in (LOW, HIGH, MEAN, SPREAD)]
    for weights, bias in zip(WEIGHTS, BIASES, strict=True):
        lines += [*map(row, weights), *map(row, bias)]
    return "\n".join(lines) + "\n"


def formula(X: np.ndarray) -> np.ndarray:
    values = (np.clip(X, LOW, HIGH) - MEAN[:-1]) / SPREAD[:-1]
    for number, (weights, bias) in enumerate(zip(WEIGHTS, BIASES, strict=True)):
        values = values @ weights.T + bias
        values = np.maximum(values, 0) if number < 2 else values
    return values * SPREAD[-1] + MEAN[-1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "net.nnet").write_text(text())
    return tmp_path / "net.nnet"


def test_values_inside_and_outside_of_the_limits(path: Path) -> None:
    model = load(path, decision="lowest")
    X = R.normal(size=(200, 3)) * 5 + [0, 0, 7]
    np.testing.assert_allclose(model(X), formula(X), atol=1e-12)
    assert (model.input_size, model.output_size, model.decision.kind) == (3, 2, "lowest")
    assert model.form.unit_count == 3 + 4 + 5


def test_limits_are_expected_ranges_and_survive_a_file(path: Path, tmp_path: Path) -> None:
    model = load(path)
    assert model.feature_ranges is not None
    np.testing.assert_array_equal(model.feature_ranges, np.stack([LOW, HIGH], axis=1))
    assert Explainer(model).scales.chosen(None) == "range"
    given = Explainer(model, feature_ranges=[(0, 1)] * 3).scales.ranges
    assert given is not None and given.max() == 1
    model.save(tmp_path / "saved")
    again = open_file(tmp_path / "saved")
    np.testing.assert_array_equal(again.feature_ranges, model.feature_ranges)
    # the units of the limits have no bend inside of them
    inside = partition(model, AnalysisRegion.box(LOW, HIGH))
    assert inside.status == "complete"


def test_packed_and_with_a_mark(path: Path) -> None:
    other = path.with_name("packed.nnet.gz")
    other.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text().replace("\n", "\r\n").encode()))
    X = R.normal(size=(5, 3))
    np.testing.assert_array_equal(load(other)(X), load(path)(X))


def test_limits_that_are_infinite_or_one_number(path: Path) -> None:
    lines = text().splitlines()
    lines[5], lines[6] = "-inf,0.5,-inf,", "inf,0.5,9,"
    path.write_text("\n".join(lines))
    model = load(path)
    assert model.feature_ranges is None
    X = R.normal(size=(50, 3)) * 20
    clipped = np.clip(X, [-np.inf, 0.5, -np.inf], [np.inf, 0.5, 9])
    plain = (np.clip(clipped, -1e9, 1e9) - MEAN[:-1]) / SPREAD[:-1]
    for number, (weights, bias) in enumerate(zip(WEIGHTS, BIASES, strict=True)):
        plain = plain @ weights.T + bias
        plain = np.maximum(plain, 0) if number < 2 else plain
    np.testing.assert_allclose(model(X), plain * SPREAD[-1] + MEAN[-1], atol=1e-10)


FAULTS = {
    "empty": (lambda _: [], "it ends where"),
    "cut": (lambda lines: lines[:-1], "it ends where biases of layer 3"),
    "longer": (lambda lines: [*lines, "1,"], "more numbers"),
    "no numbers": (lambda lines: ["a,b,c,d,", *lines[3:]], "line 1: .* no numbers"),
    "sizes that do not fit": (lambda lines: [*lines[:2], "3,4,2,5,", *lines[3:]], "do not fit"),
    "a size of 0": (lambda lines: [*lines[:3], "3,0,5,2,", *lines[4:]], "do not fit"),
    "no whole number": (lambda lines: ["3,3,2.5,5,", *lines[3:]], "whole numbers"),
    "many layers": (lambda lines: ["1e15,3,2,5,", *lines[3:]], "sizes of layers"),
    "a short row": (lambda lines: [*lines[:9], "1,2,", *lines[10:]], "line 10: 2 numbers where 3"),
    "NaN": (lambda lines: [*lines[:9], "1,nan,2,", *lines[10:]], "NaN"),
    "infinite": (lambda lines: [*lines[:9], "1,1e999,2,", *lines[10:]], "infinite"),
    "limits crossed": (lambda lines: [*lines[:5], "4,0,5,", *lines[6:]], "input 0 is above"),
    "no spread": (lambda lines: [*lines[:8], "5,0,4,3,", *lines[9:]], "spread is 0"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(path: Path, name: str) -> None:
    change, message = FAULTS[name]
    path.write_text("\n".join(change(text().splitlines())))
    with pytest.raises(ModelLoadError, match=message):
        load(path)


def test_limits_of_reading(path: Path) -> None:
    for limits in (ReadLimits(words=50), ReadLimits(elements=30), ReadLimits(bytes=100)):
        with pytest.raises(ModelLoadError, match="limit of"):
            load(path, limits=limits)
    path.unlink()
    with pytest.raises(ModelLoadError, match="there is no file"):
        load(path)
