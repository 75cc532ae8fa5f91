"""The example networks: they load, and are as good as their table says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from facetry.cli.demo import demo_model
from facetry.models.load import load
from facetry.regions.analysis_region import AnalysisRegion
from facetry.search.partition import partition

EXAMPLES = Path(__file__).parents[2] / "python" / "examples"
NAMES = ["piecewise", "breast_cancer", "wine", "diabetes", "digits"]


def stated(name: str) -> float:
    """The figure at the end of the network's row in the table."""
    table = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in table.splitlines() if line.startswith(f"| `{name}.onnx`")]
    return float(re.findall(r"[\d.]+", row)[-1])


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A training script as a module; nothing is trained."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def held_out(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The data that the training script held out."""
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.model_selection import train_test_split

    options = {"scaled": False} if name == "diabetes" else {}
    data = getattr(datasets, f"load_{name}")(**options)
    labels = None if name == "diabetes" else data.target
    parts = train_test_split(data.data, data.target, test_size=0.3, random_state=0, stratify=labels)
    return parts[1], parts[3]


def test_every_network_has_a_script_and_a_row() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.onnx")) == sorted(NAMES)
    for name in NAMES:
        assert (EXAMPLES / f"train_{name}.py").is_file()
        assert stated(name) > 0


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "digits"])
def test_classifiers_are_as_accurate_as_stated(name: str) -> None:
    X, y = held_out(name)
    model = load(EXAMPLES / f"{name}.onnx")
    assert model.tail.kind == "softmax"
    assert model.decision.kind == "highest"
    accuracy = np.mean(model.decide(X) == y)
    assert accuracy == pytest.approx(stated(name), abs=0.0005)
    np.testing.assert_allclose(model.predict(X).sum(axis=1), 1.0)


def test_the_regression_is_as_good_as_stated() -> None:
    X, y = held_out("diabetes")
    predicted = load(EXAMPLES / "diabetes.onnx").predict(X)[:, 0]
    score = 1 - np.mean((y - predicted) ** 2) / np.var(y)
    assert score == pytest.approx(stated("diabetes"), abs=0.0005)


def test_piecewise_is_as_close_as_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    module = script("train_piecewise", monkeypatch)
    X = np.random.default_rng(7).uniform(size=(10_000, 5))
    error = np.abs(load(EXAMPLES / "piecewise.onnx")(X)[:, 0] - module.piecewise(X)).mean()
    assert error == pytest.approx(stated("piecewise"), abs=0.001)


def test_the_target_has_four_quadrants(monkeypatch: pytest.MonkeyPatch) -> None:
    """What matters where, as the paper's Table I says: other inputs change nothing."""
    module = script("train_piecewise", monkeypatch)
    used = {(0.2, 0.2): {0, 2}, (0.2, 0.8): {4}, (0.8, 0.2): {1, 3}, (0.8, 0.8): {1, 2, 3}}
    for quadrant, features in used.items():
        x = np.array([*quadrant, 0.3, 0.4, 0.6])
        moved = x + 0.05 * np.eye(5)
        changes = np.abs(module.piecewise(moved) - module.piecewise(x[None]))
        assert set(np.flatnonzero(changes > 1e-12)) == features


def test_the_demo_ships_the_piecewise_network() -> None:
    X = np.random.default_rng(0).uniform(size=(50, 5))
    model = demo_model()
    assert model.feature_names == ("x1", "x2", "x3", "x4", "x5")
    np.testing.assert_array_equal(model(X), load(EXAMPLES / "piecewise.onnx")(X))


@pytest.mark.parametrize("name", NAMES)
def test_networks_agree_with_onnxruntime(name: str) -> None:
    pytest.importorskip("onnxruntime")
    scale = {"piecewise": 1.0, "digits": 16.0}.get(name)
    X = held_out(name)[0] if scale is None else np.random.default_rng(0).uniform(
        0, scale, size=(100, 5 if name == "piecewise" else 64)
    )  # fmt: skip
    assert load(EXAMPLES / f"{name}.onnx").check(X).ok


def test_the_conv_net_has_all_its_units() -> None:
    model = load(EXAMPLES / "digits.onnx")
    assert model.input_size == 64
    # 4 x 8 x 8 ReLUs, 4 x 4 x 4 maxima and 16 ReLUs, before anything is merged
    assert 16 < model.form.unit_count <= 256 + 64 + 16
    X, _ = held_out("digits")
    found = partition(model, AnalysisRegion.cut(X[0], {27: (0, 16), 28: (0, 16)}))
    assert found.status == "complete"
    assert found.volumes.sum() == pytest.approx(256.0)


@pytest.mark.slow
def test_training_again_gives_the_same_quality(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = script("train_wine", monkeypatch)
    monkeypatch.setattr(module, "PATH", tmp_path / "wine.onnx")
    module.main()
    assert float(capsys.readouterr().out.split()[-1]) >= 0.95
