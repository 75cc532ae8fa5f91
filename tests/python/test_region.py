"""Analysis regions: what they hold, how they fit a model, and every way to get one wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from facetry.base.read_limits import ReadLimits
from facetry.errors import InvalidInputError, MissingDependencyError, RegionError
from facetry.files.region_file import read_region
from facetry.models.load import load
from facetry.models.model import Model
from facetry.regions.analysis_region import AnalysisRegion

NAN, INF = float("nan"), float("inf")


@pytest.fixture(scope="module")
def model() -> Model:
    """3 features, 2 outputs; the weights do not matter here."""
    layers = [(np.eye(3), np.zeros(3)), (np.ones((2, 3)), np.zeros(2))]
    return load(layers, feature_names=["age", "dose", "weight"])


@pytest.fixture(scope="module")
def flat_model() -> Model:
    """6 features with the default names."""
    return load([(np.ones((1, 6)), np.zeros(1))])


def inside(region: AnalysisRegion, model: Model, *points: list[float]) -> list[bool]:
    return [bool(x) for x in region.resolve(model).contains(np.array(points, dtype=float))]


# What they hold ---------------------------------------------------------------------------------


def test_box_of_arrays_holds_its_points(model: Model) -> None:
    region = AnalysisRegion.box([0, 0, 0], [1, 2, 3])
    resolved = region.resolve(model)
    assert resolved.dimension == 3
    assert resolved.volume == pytest.approx(6.0)
    assert inside(region, model, [1, 2, 3], [0.5, 2.1, 1]) == [True, False]


def test_box_of_numbers_is_for_all_features(model: Model) -> None:
    region = AnalysisRegion.box(-1, 1)
    assert region.resolve(model).volume == pytest.approx(8.0)


def test_box_of_one_number_and_an_array(model: Model) -> None:
    region = AnalysisRegion.box(0, [1, 2, 3])
    assert region.resolve(model).volume == pytest.approx(6.0)


def test_box_by_name_in_any_order(model: Model) -> None:
    region = AnalysisRegion.box({"weight": (0, 3), "age": (0, 1), "dose": (0, 2)})
    assert inside(region, model, [0.9, 1.9, 2.9], [2.9, 1.9, 0.9]) == [True, False]


def test_cut_fixes_the_other_features(model: Model) -> None:
    region = AnalysisRegion.cut([5, 6, 7], {"dose": (0, 1)}).resolve(model)
    assert region.dimension == 1
    assert list(region.free_features) == [1]
    np.testing.assert_allclose(region.interior_point[[0, 2]], [5, 7])
    assert 0 < region.interior_point[1] < 1


def test_cut_takes_indices_and_names(model: Model) -> None:
    region = AnalysisRegion.cut(0, {0: (1, 2), "weight": (3, 4), np.int64(1): (5, 6)})
    assert inside(region, model, [1.5, 5.5, 3.5], [1.5, 3.5, 5.5]) == [True, False]


def test_polytope_and_where_narrow(model: Model) -> None:
    rows, limits = np.vstack([np.eye(3), -np.eye(3)]), [1, 1, 1, 0, 0, 0]
    whole = AnalysisRegion.polytope(rows, limits)
    half = whole.where([1, 1, 0], 1)
    assert whole.resolve(model).volume == pytest.approx(1.0)
    assert half.resolve(model).volume == pytest.approx(0.5)
    assert inside(half, model, [0.9, 0.9, 0.5], [0.4, 0.5, 0.5]) == [False, True]


def test_around_is_the_bounding_box_with_a_margin() -> None:
    region = AnalysisRegion.around([[0, 0, 0], [1, 2, 3]], margin=[0, 1, 0])
    assert region == AnalysisRegion.box([0, -1, 0], [1, 3, 3])


def test_around_takes_one_point() -> None:
    assert AnalysisRegion.around([1, 2, 3], margin=1) == AnalysisRegion.box([0, 1, 2], [2, 3, 4])


def test_hull_is_smaller_than_the_box(model: Model) -> None:
    corners = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    hull = AnalysisRegion.around(corners, hull=True)
    assert hull.resolve(model).volume == pytest.approx(1 / 6)
    assert inside(hull, model, [0.2, 0.2, 0.2], [0.6, 0.6, 0.6]) == [True, False]


def test_hull_with_margin_holds_every_point_within_it(model: Model) -> None:
    random = np.random.default_rng(0)
    cloud = random.normal(size=(20, 3))
    near = cloud + random.uniform(-0.3, 0.3, size=cloud.shape)
    hull = AnalysisRegion.around(cloud, margin=0.3, hull=True)
    assert hull.resolve(model).contains(near).all()
    assert not AnalysisRegion.around(cloud, hull=True).resolve(model).contains(near).all()


def test_flat_hull_has_the_dimension_of_the_cloud(model: Model) -> None:
    triangle = [[0, 0, 1], [1, 0, 1], [0, 1, 1]]
    resolved = AnalysisRegion.around(triangle, hull=True).resolve(model)
    assert resolved.dimension == 2
    assert resolved.volume == pytest.approx(0.5)


def test_from_data_is_mean_and_deviations() -> None:
    X = np.random.default_rng(1).normal([0, 5, 9], [1, 2, 3], size=(500, 3))
    region = AnalysisRegion.from_data(X, sigmas=2)
    assert region == AnalysisRegion.box(X.mean(0) - 2 * X.std(0), X.mean(0) + 2 * X.std(0))


def test_point_has_no_free_dimension(model: Model) -> None:
    resolved = AnalysisRegion.point([1, 2, 3]).resolve(model)
    assert resolved.dimension == 0
    np.testing.assert_array_equal(resolved.interior_point, [1, 2, 3])


def test_arrays_of_the_input_shape_are_flattened(flat_model: Model) -> None:
    image = np.arange(6.0).reshape(2, 3)
    region = AnalysisRegion.point(image)
    np.testing.assert_array_equal(region.resolve(flat_model).interior_point, image.ravel())


def test_the_caller_cannot_change_a_region_later() -> None:
    low, high = np.zeros(2), np.ones(2)
    region = AnalysisRegion.box(low, high)
    low[0] = 0.5
    assert region == AnalysisRegion.box([0, 0], [1, 1])
    assert region.low is not None
    with pytest.raises(ValueError, match="read-only"):
        region.low[0] = 7


def test_where_does_not_change_the_region_it_narrows() -> None:
    region = AnalysisRegion.box(0, 1)
    assert region.where([1], 0) != region
    assert region.A is None


# Every mistake is one clear message ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: AnalysisRegion.box([0, NAN], [1, 1]), "low holds NaN at position 1"),
        (lambda: AnalysisRegion.box([0, 0], [1, INF]), "high holds an infinite value"),
        (lambda: AnalysisRegion.box([0, 2], [1, 1]), r"low of input 1 \(2\) is above high \(1\)"),
        (lambda: AnalysisRegion.box([0, 0], [1, 1, 1]), "low has shape"),
        (lambda: AnalysisRegion.box([0, 0]), "high is missing"),
        (lambda: AnalysisRegion.box({}), "no feature is given"),
        (lambda: AnalysisRegion.box({"age": (0, 1)}, [1]), "either a mapping"),
        (lambda: AnalysisRegion.box({"age": (2, 1)}), r"low of feature 'age' \(2\) is above"),
        (lambda: AnalysisRegion.box({"age": (1, 2, 3)}), "needs .low, high."),
        (lambda: AnalysisRegion.box({"age": (0, NAN)}), "feature 'age' holds NaN"),
        (lambda: AnalysisRegion.box({1.5: (0, 1)}), "a name or an index, not 1.5"),
        (lambda: AnalysisRegion.box("low", "high"), "must hold real numbers, not 'low'"),
        (lambda: AnalysisRegion.box([[0, 0], [1]], 1), "rows of different lengths"),
        (lambda: AnalysisRegion.box(1j, 2), "must hold real numbers"),
        (lambda: AnalysisRegion.cut([0, 0], {}), "no feature is given"),
        (lambda: AnalysisRegion.cut([0, 0], [(0, 1)]), "must be a mapping"),  # type: ignore
        (lambda: AnalysisRegion.cut([NAN, 0], {0: (0, 1)}), "base holds NaN"),
        (lambda: AnalysisRegion.polytope([[1, 0]], [1, 2]), "A must have shape"),
        (lambda: AnalysisRegion.polytope([[NAN, 0]], [1]), "A holds NaN"),
        (lambda: AnalysisRegion.polytope(np.zeros((0, 2)), []), "A must have shape"),
        (lambda: AnalysisRegion.around(np.zeros((0, 3))), "empty"),
        (lambda: AnalysisRegion.around([[0, 1]], margin=-1), "must not be negative"),
        (lambda: AnalysisRegion.around([[0, 1]], margin=[1, 2, 3]), "margin has 3 values"),
        (lambda: AnalysisRegion.around(3.0), "one point per row"),
        (lambda: AnalysisRegion.around(np.random.default_rng(0).normal(size=(40, 7)), hull=True),
         "dimension"),
        (lambda: AnalysisRegion.from_data([[0], [1]], sigmas=0), "sigmas must be a positive"),
        (lambda: AnalysisRegion.from_data([[0.0], [NAN]]), "X holds NaN"),
        (lambda: AnalysisRegion.box(0, 1).where([1, 0], 1).where([1], 1), "A has 1 columns"),
    ],
)  # fmt: skip
def test_a_wrong_region_is_refused_when_built(build: object, message: str) -> None:
    with pytest.raises(RegionError, match=message) as caught:
        build()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("region", "message"),
    [
        (AnalysisRegion.box([0, 0], [1, 1]), "2 values were given, but the model has 3 inputs"),
        (AnalysisRegion.cut([0, 0], {0: (0, 1)}), "2 values were given"),
        (AnalysisRegion.box({"age": (0, 1)}), "2 of 3 .* no limits .'dose', 'weight'.*cut"),
        (AnalysisRegion.cut(0, {"does": (0, 1)}), "did you mean 'dose'"),
        (AnalysisRegion.cut(0, {"dose": (0, 1), 1: (0, 1)}), "'dose' is given twice"),
        (AnalysisRegion.cut(0, {3: (0, 1)}), "index 3 is out of range"),
        (AnalysisRegion.box(0, 1).where([[1, 1]], [1]), "2 columns, but the model has 3 inputs"),
    ],
)  # fmt: skip
def test_a_region_that_does_not_fit_the_model_is_refused(
    region: AnalysisRegion, message: str, model: Model
) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        region.resolve(model)
    assert "\n" not in str(caught.value)


def test_an_empty_region_is_refused(model: Model) -> None:
    with pytest.raises(RegionError, match=r"(?i)empty|no point"):
        AnalysisRegion.box(0, 1).where([1, 1, 1], -1).resolve(model)


def test_an_unbounded_region_is_refused(model: Model) -> None:
    with pytest.raises(RegionError, match=r"(?i)unbounded|not bounded"):
        AnalysisRegion.polytope([[1, 0, 0]], [1]).resolve(model)


def test_a_transposed_image_is_refused() -> None:
    class Image:
        input_size, input_shape = 6, (2, 3)
        feature_names = tuple("abcdef")

    region = AnalysisRegion.point(np.zeros((3, 2)))
    with pytest.raises(RegionError, match=r"shape \(3, 2\), but the model's input has \(2, 3\)"):
        region.resolve(Image())  # type: ignore[arg-type]


# Written form -------------------------------------------------------------------------------------

AWKWARD = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0]
WRITTEN = [
    AnalysisRegion.box([-value for value in AWKWARD[:4]], AWKWARD[:4]),
    AnalysisRegion.box(0.1, 0.1 + 0.2),
    AnalysisRegion.box({"äge": (0.1, 0.3), 'a "quoted" name': (-0.0, 5e-324)}),
    AnalysisRegion.cut(AWKWARD, {"age": (0, 1 / 3), 7: (0, 1)}),
    AnalysisRegion.cut(np.ones((2, 2)), {"age": (0, 1 / 3)}),
    AnalysisRegion.polytope([[1 / 3, -1], [0.1, 2]], AWKWARD[:2]),
    AnalysisRegion.point(AWKWARD).where([0.1] * 5, 1 / 3),
]


@pytest.mark.parametrize("region", WRITTEN, ids=repr)
def test_json_reads_back_exactly(region: AnalysisRegion) -> None:
    again = AnalysisRegion.from_json(region.to_json())
    assert again == region
    assert hash(again) == hash(region)
    assert again.to_json() == region.to_json()
    for name in ("low", "high", "A", "b"):
        before, after = getattr(region, name), getattr(again, name)
        if before is not None:
            assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "written as a mapping"),
        ("{}", "found none"),
        ('{"box": {"low": 0, "high": 1}, "cut": {"base": 0, "features": {}}}', "one of the keys"),
        ('{"sphere": {}}', "'sphere'"),
        ('{"box": {"low": 0, "high": 1, "hihg": 2}}', "unknown key 'hihg'"),
        ('{"box": {"high": 1}}', "'low' is missing"),
        ('{"box": {"low": 0}}', "high is missing"),
        ('{"box": {"low": 0, "features": []}}', "either features or low and high"),
        ('{"box": 3}', "a mapping is needed"),
        ('{"cut": {"features": {"a": [0, 1]}}}', "'base' is missing"),
        ('{"cut": {"base": 0, "features": [["a", 0, 1], ["a", 0, 2]]}}', "'a' is given twice"),
        ('{"cut": {"base": 0, "features": {"a": [0, 1], "a": [0, 2]}}}', "'a' is given twice"),
        ('{"cut": {"base": 0, "features": [["a", 0]]}}', "not .'a', 0."),
        ('{"cut": {"base": 0, "features": [[["a"], 0, 1]]}}', "features are"),
        ('{"cut": {"base": 0, "features": 3}}', "features are"),
        ('{"cut": {"base": 0, "features": {"a": 3}}}', "needs .low, high."),
        ('{"box": {"low": 0, "high": 1}, "where": {"A": [[1]]}}', "'b' is missing"),
        ('{"box": {"low": 0, "high": null}}', "high is missing"),
        ('{"box": {"low": 0, "high": "1"}}', "must hold real numbers"),
        ('{"box": {"low": NaN, "high": 1}}', "low holds NaN"),
    ],
)
def test_a_wrong_description_is_refused(text: str, message: str) -> None:
    with pytest.raises(RegionError, match=message):
        AnalysisRegion.from_json(text)


def test_regions_are_read_from_json_and_yaml(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    region = AnalysisRegion.cut([1.5, 0, 0], {"age": (0, 1), 2: (3, 4)})
    (tmp_path / "r.json").write_text(region.to_json())
    (tmp_path / "r.yaml").write_text(
        "cut:\n  base: [1.5, 0, 0]\n  features:\n    age: [0, 1]\n    2: [3, 4]\n"
    )
    assert read_region(tmp_path / "r.json") == region
    assert read_region(tmp_path / "r.yaml") == region


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("missing.json", None, "cannot read"),
        ("bad.json", "{", "not valid JSON"),
        ("bad.yaml", "a: [", "not valid YAML"),
        ("empty.yaml", "", "written as a mapping"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, name: str, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(RegionError, match=message):
        read_region(tmp_path / name)


def test_yaml_without_pyyaml_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    (tmp_path / "r.yaml").write_text("box: {low: 0, high: 1}")
    with pytest.raises(MissingDependencyError, match="pip install pyyaml"):
        read_region(tmp_path / "r.yaml")


# Shown form ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "text"),
    [
        (AnalysisRegion.box(0, 0.5), "box(0, 0.5)"),
        (AnalysisRegion.point([1, 2]), "point([1, 2])"),
        (AnalysisRegion.box(np.zeros(9), np.ones(9)), "box(<9 values>, <9 values>)"),
        (AnalysisRegion.cut([0], {"a": (0, 1)}), "cut([0], {'a': (0, 1)})"),
        (AnalysisRegion.box(0, 1).where(np.eye(2), [1, 1]), "box(0, 1).where(2 constraints)"),
        (AnalysisRegion.polytope([[1]], [1]), "polytope(1 constraint on 1 input)"),
    ],
)
def test_repr_is_readable(region: AnalysisRegion, text: str) -> None:
    assert repr(region) == f"AnalysisRegion.{text}"


def test_to_dict_is_plain_data() -> None:
    region = AnalysisRegion.cut([0, 1], {np.int64(1): (0, 1)})
    assert json.loads(json.dumps(region.to_dict())) == region.to_dict()


def test_texts_that_grow_are_refused(tmp_path: Path) -> None:
    bomb = "a: &a [0, 0, 0, 0, 0, 0, 0, 0]\n"
    for name, before in zip("bcdefghij", "abcdefghi", strict=True):
        bomb += f"{name}: &{name} [{', '.join(['*' + before] * 8)}]\n"
    merges = "a: &a {x: 1}\nb: &b {<<: [*a, *a]}\n"
    for name, before in zip("cdefghijklmnopqrstuvwxyz", "bcdefghijklmnopqrstuvwxy", strict=True):
        merges += f"{name}: &{name} {{<<: [{', '.join(['*' + before] * 2)}]}}\n"
    texts = {
        "bomb.yaml": (bomb + "box: {low: *j, high: 1}", "long with its aliases"),
        "merges.yaml": (merges + "box: *z", "long with its aliases"),
        "itself.yaml": ("box: &a {low: [*a], high: 1}", "an alias within what it stands for"),
        "deep.yaml": ("[" * 5000 + "]" * 5000, "limit of 200 nesting"),
        "deep.json": ("[" * 100_000 + "]" * 100_000, "limit of 200 nesting"),
        "less_deep.json": ("[" * 300 + "]" * 300, "limit of 200 nesting"),
        "long.json": ("[" + "0," * 10_000_001 + "0]", "limit of 10000000 words"),
        "digits.json": ('{"box": {"low": 0, "high": ' + "9" * 5000 + "}}", "not valid JSON"),
        "digits.yaml": ("box: {low: 0, high: " + "9" * 5000 + "}", "not valid YAML"),
        "date.yaml": ("box: {low: 2020-99-99, high: 1}", "not valid YAML"),
    }
    for name, (text, message) in texts.items():
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(RegionError, match=message):
            read_region(path)
    path = tmp_path / "alias.yaml"
    path.write_text("box: {low: [&a 0, *a], high: [1, 2]}")
    assert read_region(path) == AnalysisRegion.box([0, 0], [1, 2])
    with pytest.raises(RegionError, match="limit of 5 words"):
        read_region(path, ReadLimits(words=5))


def test_packed_regions_and_byte_order_marks(tmp_path: Path) -> None:
    box = AnalysisRegion.box([0, 0], [1, 2])
    yaml_text = b"box: {low: [0, 0], high: [1, 2]}"
    for name, content in {
        "a.yaml.gz": gzip.compress(yaml_text),
        "a.yml": b"\xef\xbb\xbf" + yaml_text,
        "a.json.gz": gzip.compress(box.to_json().encode()),
        "a.json": box.to_json().encode("utf-16"),
    }.items():
        (tmp_path / name).write_bytes(content)
        assert read_region(tmp_path / name) == box
    assert AnalysisRegion.from_json("\ufeff" + box.to_json()) == box
