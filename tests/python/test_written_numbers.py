"""What is written of many regions at once, against the same written region by region."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from facetry import (
    AnalysisRegion,
    Explainer,
    Explanation,
    InvalidInputError,
    Model,
    disagreement,
    load,
    partition,
)
from facetry.base.printable import json_text, printable
from facetry.cli.output import csv_lines, json_lines
from facetry.files.columns import explanation_columns
from facetry.files.number_text import array_text, item_texts
from facetry.search.partition import Partition

NAMES = ['"quoted", twice', "größe µ\n$x_1$", "\x7f\x1b[2J", "雪\U0001f600"]


def network(outputs: int = 3, inputs: int = 4, seed: int = 0, width: int = 8) -> Model:
    """A random network whose first unit is dead in part, with names that need escaping."""
    random = np.random.default_rng(seed)
    layers = [
        (random.normal(size=(width, inputs)), random.normal(size=width)),
        (random.normal(size=(outputs, width)), random.normal(size=outputs)),
    ]
    decision = "highest" if outputs > 1 else None
    return load(layers, feature_names=NAMES[:inputs], decision=decision)


def plane() -> AnalysisRegion:
    """Two features vary, two stay."""
    return AnalysisRegion.cut([0.1, 0.2, 0.3, 0.4], {0: (-2, 2), 3: (-1, 3)})


def everywhere() -> Explanation:
    return Explainer(network(), feature_ranges=[(0, 1e-9), (0, 3), (-1e22, 1), (0, 7)]).describe(
        plane(), scale="range", validity=True
    )


def one_output() -> Explanation:
    return Explainer(network(1, 2)).describe(AnalysisRegion.box([-1, -1], [1, 1]))


def beyond_volumes() -> Explanation:
    """More dimensions than volumes are known in: NaN."""
    random = np.random.default_rng(3)
    model = load([(random.normal(size=(3, 8)), np.zeros(3)), (np.ones((1, 3)), np.zeros(1))])
    return Explainer(model).describe(AnalysisRegion.box([-1] * 8, [1] * 8))


def on_a_breakpoint() -> Explanation:
    """A unit vanishes on the whole plane: weights hold to one side only."""
    model = load([(np.eye(3), np.zeros(3)), (np.ones((1, 3)), np.zeros(1))])
    found = Explainer(model).describe(AnalysisRegion.cut(0, {0: (-1, 1), 1: (-1, 1)}))
    assert found.one_sided.any()
    return found


def stopped() -> Explanation:
    found = Explainer(network()).describe(plane(), max_regions=3)
    assert found.status == "region_limit"
    return found


def chosen() -> Explanation:
    found = Explainer(network()).query(plane(), top=0, runner_up=1)
    assert len(found)
    return found


def apart() -> Explanation:
    return disagreement(network(), network(seed=5), plane())


def nowhere() -> Explanation:
    found = Explainer(network()).query(plane(), conditions={0: (1e6, None)})
    assert len(found) == 0
    return found


def at_points() -> Explanation:
    points = np.random.default_rng(2).uniform(0, 0.4, size=(9, 4))
    region = AnalysisRegion.box([0] * 4, [1] * 4)
    return Explainer(network()).explain_points(points, output=1, validity=region)


def part() -> Explanation:
    """Every other region of a list: arrays that are not contiguous."""
    found = everywhere()
    names = ("coef", "intercept", "interior_points", "volumes", "one_sided")
    return replace(
        found, **{name: getattr(found, name)[::2] for name in names}, validity=None, partition=None
    )


EXPLANATIONS = [
    everywhere, one_output, beyond_volumes, on_a_breakpoint, stopped, chosen, apart, nowhere,
    at_points, part,
]  # fmt: skip


def slow_list(values: Any) -> Any:
    """An array as lists of Python numbers, one after another; NaN as null."""
    if np.ndim(values):
        return [slow_list(item) for item in values]
    number = values.item()
    return None if isinstance(number, float) and math.isnan(number) else number


def slow_json(found: Explanation) -> str:
    """The written form, by `json` alone."""
    plain = ("subject", "scale", "status", "undecided", "exactness")
    arrays = ("volumes", "one_sided", "factors", "coef", "intercept", "interior_points")
    choices = ("top", "runner_up", "other_choice")
    document: dict[str, Any] = {"format": "facetry explanation", "version": 1}
    document |= {name: getattr(found, name) for name in plain}
    document["feature_names"] = list(found.feature_names)
    document["output_names"] = list(found.output_names)
    document["free_features"] = list(map(int, found.free_features))
    document["coverage"] = None if math.isnan(found.coverage) else found.coverage
    document["region"] = found.region and found.region.to_dict()
    sides = found.validity and found.validity._asdict()
    document["validity"] = sides and {name: slow_list(own) for name, own in sides.items()}
    document |= {name: slow_list(getattr(found, name)) for name in arrays}
    if found.choice_names or found.cells:
        document["choice_names"], document["cells"] = list(found.choice_names), found.cells
        numbers = {name: getattr(found, name) for name in choices}
        document |= {n: None if own is None else slow_list(own) for n, own in numbers.items()}
    document["weights"], document["ranks"] = slow_list(found.weights), slow_list(found.ranks)
    return json_text(document)


@pytest.mark.parametrize("build", EXPLANATIONS)
def test_json_is_that_of_each_region(build: Callable[[], Explanation]) -> None:
    found = build()
    assert found.to_json() == slow_json(found)


@pytest.mark.parametrize("build", EXPLANATIONS)
def test_json_is_read_back(build: Callable[[], Explanation]) -> None:
    found = build()
    again = Explanation.from_json(found.to_json())
    assert again == found
    for name in ("coef", "intercept", "interior_points", "volumes", "weights", "ranks", "factors"):
        assert getattr(again, name).tobytes() == getattr(found, name).tobytes()


def slow_rows(found: Explanation) -> list[dict[str, Any]]:
    """The table, one cell after another."""
    rows = []
    for i in range(len(found)):
        for o, output in enumerate(found.output_names):
            for f, feature in enumerate(found.feature_names):
                row = {
                    found.subject: i,
                    "output": output,
                    "feature": feature,
                    "weight": found.coef[i, o, f] * found.factors[f],
                    "rank": found.ranks[i, o, f],
                    "coefficient": found.coef[i, o, f],
                    "intercept": found.intercept[i, o],
                }
                if found.subject == "region":
                    row["volume"] = found.volumes[i]
                for name, own in (
                    ("choice", found.top),
                    ("runner_up", found.runner_up),
                    ("other_choice", found.other_choice),
                ):
                    if own is not None:
                        row[name] = found.choice_names[own[i]]
                rows.append(row)
    return rows


@pytest.mark.parametrize("build", EXPLANATIONS)
def test_tables_are_those_of_each_region(build: Callable[[], Explanation]) -> None:
    found = build()
    frame, rows = found.to_pandas(), slow_rows(found)
    assert len(frame) == len(rows)
    for name in frame.columns if rows else ():
        column = frame[name].tolist()
        expected = [row[name] for row in rows]
        if frame[name].dtype == float:
            np.testing.assert_array_equal(column, expected)
        else:
            assert column == expected
    assert not rows or list(frame.columns) == list(rows[0])


@pytest.mark.parametrize("build", EXPLANATIONS)
def test_csv_is_that_of_each_row(build: Callable[[], Explanation]) -> None:
    found = build()
    columns = explanation_columns(found)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(printable, columns))
    for row in slow_rows(found):
        writer.writerow([printable(c) if isinstance(c, str) else c.item() if hasattr(c, "item")
                         else c for c in row.values()])  # fmt: skip
    assert "".join(csv_lines(columns)) == buffer.getvalue()


def slow_lines(found: Partition) -> str:
    """The regions of a partition as JSON, one after another."""
    entries = [
        json.dumps(
            {
                "coef": slow_list(region.coef),
                "intercept": slow_list(region.intercept),
                "volume": slow_list(np.float64(region.volume)),
                "interior_point": slow_list(region.interior_point),
                "A": slow_list(region.halfspaces[0]),
                "b": slow_list(region.halfspaces[1]),
            }
        )
        for region in found
    ]
    return ",\n".join(entries)


def test_partitions_are_written_as_each_region() -> None:
    wide = AnalysisRegion.box([-1] * 8, [1] * 8)
    many = (network(1, 2, width=200), AnalysisRegion.box([-4, -4], [4, 4]))
    limit = {"max_regions": 5000}
    for found in (
        partition(network(), plane()),
        partition(beyond_volumes().partition.model, wide),
        partition(*many, **limit),
    ):
        text = "".join(json_lines(found))
        assert len(json.loads(text)["regions"]) == len(found)
        head, _, entries = text.partition('"regions": [\n')
        assert head.startswith('{"format": "facetry partition", "version": 1, ')
        assert entries == f"{slow_lines(found)}\n]}}\n"


# Numbers ----------------------------------------------------------------------------------------


def test_doubles_are_written_as_python_does() -> None:
    random = np.random.default_rng(7)
    bits = random.integers(0, 2**64, size=100_000, dtype=np.uint64).view(np.float64)
    powers = [float(f"{d}e{e}") for e in range(-330, 309) for d in (1, 5, 9.999999999999999)]
    halves = np.ldexp(1.0, np.arange(-1074, 1024))
    near = [np.nextafter(halves, np.inf), np.nextafter(halves, 0)]
    values = np.concatenate(
        [bits, powers, halves, *near, np.arange(-300.0, 300) / 4,
         random.normal(size=20_000), np.round(random.normal(size=20_000), 3), [0.0, -0.0],
         2.0**53 + np.arange(-9.0, 9)]
    )  # fmt: skip
    values = values[np.isfinite(values)]
    signed = np.concatenate([values, -values])
    assert item_texts(signed) == list(map(repr, signed.tolist()))


@pytest.mark.parametrize(
    "shape", [(0,), (3,), (2, 0), (0, 2), (1, 1), (3, 2), (2, 3, 4), (2, 1, 1), (0, 2, 3)]
)
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, np.int32, np.bool_])
def test_arrays_are_written_as_lists(shape: tuple[int, ...], kind: type) -> None:
    values = np.random.default_rng(1).normal(scale=3, size=shape).astype(kind)
    assert array_text(values) == json.dumps(values.tolist())
    assert array_text(values.T) == json.dumps(values.T.tolist())
    if shape != (2, 0):
        assert item_texts(values) == [json.dumps(item.tolist()) for item in values]


def test_numbers_that_json_cannot_hold_are_refused() -> None:
    found = one_output()
    for name in ("coef", "intercept", "interior_points", "volumes"):
        for bad in (np.inf, -np.inf, np.nan):
            values = np.array(getattr(found, name))
            values.flat[0] = bad
            broken = replace(found, **{name: values}, partition=None)
            if name == "volumes" and math.isnan(bad):
                assert Explanation.from_json(broken.to_json()) == broken
                continue
            with pytest.raises(InvalidInputError, match="beyond double precision"):
                broken.to_json()
    with pytest.raises(InvalidInputError, match="beyond double precision"):
        replace(found, coverage=math.inf).to_json()
