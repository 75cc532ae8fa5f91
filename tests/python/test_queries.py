"""Queries against the filtered full partition, the model's own choices, and the other engine."""

from __future__ import annotations

import math

import numpy as np
import pytest

import facetry
from facetry import AnalysisRegion, Decision, Explainer, OutputCondition
from oracles.networks import (
    FUNCTIONS,
    hard_network,
    model_of,
    random_network,
    rounded_copies,
    table_network,
)
from oracles.queries import disagreements
from oracles.query_checks import check_query, compare_query_engines

KINDS = [*FUNCTIONS, "maximum"]
LOWEST = Decision("lowest")


def cube(k, half=1.0):
    return AnalysisRegion.box([-half] * k, [half] * k)


def some_model(seed, kind, k, *, integer=False, outputs=3, decision=None, hidden=(4, 3)):
    rng = np.random.default_rng(seed)
    layers = random_network(
        rng,
        k,
        hidden,
        kinds=[kind, "relu"],
        integer=integer,
        skip=bool(rng.integers(2)),
        outputs=outputs,
    )
    return model_of(layers, k, decision)


# Against the filtered partition ---------------------------------------------------------------


@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_choices_and_second_choices(kind, k, integer):
    seed = KINDS.index(kind) * 100 + k * 10 + integer
    decision = LOWEST if seed % 3 == 0 else None
    model = some_model(seed, kind, k, integer=integer, decision=decision)
    every = check_query(model, cube(k))
    ranked = check_query(model, cube(k), runner_up="any")
    assert every.coverage == pytest.approx(1.0, rel=1e-9)
    assert ranked.coverage == pytest.approx(1.0, rel=1e-9)
    shares = [check_query(model, cube(k), top=a).coverage for a in range(3)]
    assert sum(shares) == pytest.approx(1.0, rel=1e-9)
    if k == 3:  # one pair is enough where measuring takes long
        check_query(model, cube(k), top=seed % 3, runner_up=(seed + 1) % 3)
        return
    found = [
        len(check_query(model, cube(k), top=a, runner_up=b))
        for a in range(3)
        for b in range(3)
        if a != b
    ]
    assert sum(found) == len(ranked)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_choice_whoever_is_first(kind):
    model = some_model(KINDS.index(kind), kind, 2, outputs=4)
    found = [check_query(model, cube(2), runner_up=b) for b in range(4)]
    assert sum(f.coverage for f in found) == pytest.approx(1.0, rel=1e-9)
    assert all((f.runner_up == b).all() for b, f in enumerate(found) if len(f))


@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_conditions(kind, k, integer):
    model = some_model(KINDS.index(kind) * 50 + k * 7 + integer, kind, k, integer=integer)
    low, high = np.quantile(model(np.random.default_rng(0).uniform(-1, 1, (500, k))), [0.3, 0.8])
    low, high = float(low) + 0.0123, float(high) + 0.0123  # off the values of plateaus
    unit = np.eye(3)
    check_query(model, cube(k), conditions={"y0": (low, None)}, rows=[(unit[0], low)])
    band = {0: (low, high), "y2": (None, high)}
    rows = [(unit[0], low), (-unit[0], -high), (-unit[2], -high)]
    check_query(model, cube(k), conditions=band, rows=rows)
    gap = OutputCondition({"y0": 1.0, "y1": -2.0}, low=low)
    check_query(model, cube(k), conditions=gap, rows=[(unit[0] - 2 * unit[1], low)])
    rows = [(unit[0] - 2 * unit[1], low), (-unit[2], -high)]
    both = [gap, OutputCondition({2: 1.0}, high=high)]
    check_query(model, cube(k), top=1, conditions=both, rows=rows)
    check_query(model, cube(k), top=2, runner_up="any", conditions=both, rows=rows)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_thresholds(kind, k):
    rng = np.random.default_rng(k)
    for seed in range(2):
        model = some_model(seed * 31 + k, kind, k, outputs=1, integer=seed == 1)
        middle = float(np.median(model(rng.uniform(-1, 1, (500, k)))))
        model = some_model(
            seed * 31 + k,
            kind,
            k,
            outputs=1,
            integer=seed == 1,
            decision=Decision("threshold", middle),
        )
        shares = [check_query(model, cube(k), top=a).coverage for a in (0, 1)]
        assert sum(shares) == pytest.approx(1.0, rel=1e-9)
        check_query(model, cube(k))
        check_query(model, cube(k), top=1, conditions={0: (None, middle + 0.1)}, rows=[
            (np.array([-1.0]), -middle - 0.1)
        ])  # fmt: skip


def test_cuts_and_polytopes():
    rng = np.random.default_rng(5)
    simplex = AnalysisRegion.polytope(np.vstack([-np.eye(3), np.ones(3)]), [0, 0, 0, 1])
    line = AnalysisRegion.cut([0.2, -0.4, 0.1], {1: (-1, 1)})
    plane = AnalysisRegion.cut([0.2, -0.4, 0.1], {0: (-1, 1), 2: (-1, 1)})
    for integer in (False, True):
        layers = random_network(rng, 3, [5, 4], kinds=KINDS, integer=integer, outputs=3)
        model = model_of(layers, 3)
        for region in (simplex, line, plane, plane.where([[1.0, 0.0, 1.0]], [0.5])):
            check_query(model, region, runner_up="any")
            check_query(model, region, top=1)
            row = (np.array([0.0, 1.0, 0.0]), 0.1)
            check_query(model, region, conditions={"y1": (0.1, None)}, rows=[row])


@pytest.mark.parametrize("decision", ["highest", "lowest"])
def test_ties_go_to_the_lowest_number(decision):
    # All three outputs are 0 on a quarter of the square; y0 and y1 are always the same.
    layers = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1, 1], [1, 1], [-1, -1]], [0, 0, 0])]
    model = facetry.load(layers, decision=decision)
    winner = {"highest": 0, "lowest": 2}[decision]
    every = check_query(model, cube(2), runner_up="any")
    corner = np.all(every.interior_points < 0, axis=1)
    assert every.top[corner].tolist() == [0]
    assert every.runner_up[corner].tolist() == [1]
    assert every.top[~corner].tolist() == [winner] * (len(every) - 1)
    assert len(check_query(model, cube(2), top=1)) == 0
    at_limit = check_query(  # a limit counts as fulfilled
        model, cube(2), conditions={0: (0.0, 0.0)}, rows=[([1, 0, 0], 0.0), ([-1, 0, 0], 0.0)]
    )
    assert at_limit.volumes.tolist() == [1.0]


@pytest.mark.parametrize("engine", ["subdivision", "milp"])
@pytest.mark.parametrize("exactness", ["safe", "float"])
def test_all_orders_of_outputs_that_tie(exactness, engine):
    # As above: y0 and y1 are the same, and with y2 they are 0 on a quarter of the square.
    layers = [([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), ([[1, 1], [1, 1], [-1, -1]], [0, 0, 0])]
    explainer = Explainer(facetry.load(layers))
    options = {"ties": "all", "engine": engine}
    if engine == "subdivision":
        options["exactness"] = exactness
    every = explainer.query(cube(2), **options)
    corner = np.all(every.interior_points < 0, axis=1)
    assert every.top[corner].tolist() == [0, 1, 2]
    assert every.top[~corner].tolist() == [0, 1] * 3
    assert np.allclose(every.volumes, 1.0)
    for top, areas in ((0, 4), (1, 4), (2, 1)):
        asked = explainer.query(cube(2), top=top, **options)
        assert asked.volumes.sum() == pytest.approx(areas)
        pairs = explainer.query(cube(2), top=top, runner_up="any", **options)
        assert pairs.runner_up.tolist().count(1 if top == 0 else 0) == areas
        assert pairs.coef.shape[1] == 1
    if engine == "milp":  # it takes one top class at a time
        return
    pairs = explainer.query(cube(2), runner_up="any", **options)
    corner = np.all(pairs.interior_points < 0, axis=1)
    listed = [(int(a), int(b)) for a, b in zip(pairs.top, pairs.runner_up, strict=True)]
    assert [pair for pair, here in zip(listed, corner, strict=True) if here] == [
        (a, b) for a in range(3) for b in range(3) if a != b
    ]
    assert [pair for pair, here in zip(listed, corner, strict=True) if not here] == [
        (0, 1),
        (1, 0),
    ] * 3
    assert not np.any(pairs.coef[[pair in ((0, 1), (1, 0)) for pair in listed]])


@pytest.mark.parametrize("seed", range(3))
def test_copies_dead_and_constant_units(seed):
    networks = {"safe": hard_network(seed, seed, 2, 2), "float": rounded_copies(seed, 2, 3)}
    for exactness, (*hidden, (_, W, b)) in networks.items():
        last = ("affine", np.vstack([W, -W, 0 * W, W]), np.concatenate([b, b, b, b]))
        model = model_of([*hidden, last], 2)
        found = check_query(model, cube(2), runner_up="any", exactness=exactness)
        assert set(found.top.tolist()) <= {0, 1, 2}  # y3 is y0 again


def test_a_region_where_the_answer_is_everywhere_or_nowhere():
    model = facetry.load([([[1.0, 0.0], [0.0, 0.0]], [5.0, 0.0])], output_names=["a", "b"])
    assert check_query(model, cube(2), top=0).volumes.tolist() == [4.0]
    nothing = check_query(model, cube(2), top=1)
    assert (len(nothing), nothing.status, nothing.coverage) == (0, "complete", 0.0)
    assert "0 linear regions" in str(nothing)
    assert (nothing.top.tolist(), nothing.runner_up) == ([], None)
    assert nothing.choice_names == ("a", "b")
    assert nothing.coef.shape == (0, 1, 2)
    point = AnalysisRegion.point([0.5, 0.5])
    assert Explainer(model).query(point, top="a").top.tolist() == [0]
    assert len(Explainer(model).query(point, top="b")) == 0


def test_one_search_visits_no_more_cells_than_all():
    model = model_of(table_network([3, 16, 16, 4]), 3)
    explainer = Explainer(model)
    every = explainer.query(cube(3))
    cells = [explainer.query(cube(3), top=a) for a in range(4)]
    assert sum(len(f) for f in cells) == len(every)
    assert all(0 < f.cells < every.cells for f in cells)


# Options --------------------------------------------------------------------------------------


def test_the_result_depends_on_neither_threads_nor_exactness():
    model = model_of(table_network([3, 12, 12, 3]), 3)
    usual = Explainer(model).query(cube(3), runner_up="any", threads=1)
    assert usual.exactness == "safe"
    for options in ({"threads": 2}, {"exactness": "float"}):
        other = Explainer(model).query(cube(3), runner_up="any", **options)
        assert np.array_equal(usual.top, other.top)
        assert np.array_equal(usual.runner_up, other.runner_up)
        assert np.array_equal(usual.coef, other.coef)
        assert np.array_equal(usual.validity.A, other.validity.A)


def test_limits():
    model = model_of(table_network([3, 16, 16, 3]), 3)
    explainer = Explainer(model)
    usual = explainer.query(cube(3), top=0)
    few = explainer.query(cube(3), top=0, max_regions=7)
    assert (len(few), few.status) == (7, "region_limit")
    assert np.array_equal(few.coef, usual.coef[:7])
    assert few.coverage < usual.coverage
    model = model_of(table_network([4, 64, 64, 3]), 4)
    stopped = Explainer(model).query(cube(4), top=0, time_limit=0.2)
    assert stopped.status == "time_limit"
    assert (stopped.top == 0).all()


def test_an_output_and_a_scale_can_be_asked_for():
    model = some_model(4, "relu", 2)
    explainer = Explainer(model, feature_ranges=[(0, 2), (0, 4)])
    found = explainer.query(cube(2), top=0, output="y2")
    own = facetry.partition(model, cube(2))
    assert found.output_names == ("y2",)
    regions = own.locate(found.interior_points)
    assert np.array_equal(found.coef[:, 0], own.coef[regions, 2])
    assert np.array_equal(found.weights, found.coef * [2.0, 4.0])
    unscaled = explainer.query(cube(2), top=0, output="y2", scale="none")
    assert np.array_equal(unscaled.weights, unscaled.coef)


# The other engine -----------------------------------------------------------------------------


@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_give_the_same_answers(kind, integer):
    total = 0
    for k in (1, 2, 3):
        seed = KINDS.index(kind) * 10 + k + 1000 * integer
        decision = LOWEST if k == 3 else None
        hidden = (4, 3) if k < 3 else (2, 2)
        model = some_model(seed, kind, k, integer=integer, decision=decision, hidden=hidden)
        total += len(compare_query_engines(model, cube(k)))
        for a in range(3):
            compare_query_engines(model, cube(k), top=a)
            compare_query_engines(model, cube(k), top=a, runner_up=(a + 1) % 3)
        compare_query_engines(model, cube(k), top=0, runner_up="any")
        compare_query_engines(model, cube(k), conditions={"y0": (0.1, None), 1: (None, 0.3)})
    assert total > 3


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_agree_on_thresholds(kind):
    model = some_model(3, kind, 2, outputs=1, decision=Decision("threshold", 0.125))
    compare_query_engines(model, cube(2))
    for a in (0, 1):
        compare_query_engines(model, cube(2), top=a)


def test_without_the_solver_the_error_says_what_to_install(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    model = some_model(1, "relu", 2)
    with pytest.raises(facetry.MissingDependencyError, match="pip install 'ortools"):
        Explainer(model).query(cube(2), top=0, engine="milp")
    assert len(Explainer(model).query(cube(2), top=0)) > 0


# Two models -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_where_two_models_disagree(kind):
    rng = np.random.default_rng(KINDS.index(kind))
    k = 1 + KINDS.index(kind) % 2
    decision = LOWEST if k == 2 else Decision("highest")
    models = [some_model(10 + i, kind, k, decision=decision) for i in range(2)]
    partitions = [facetry.partition(model, cube(k)) for model in models]
    expected = disagreements(*partitions)
    found = facetry.disagreement(*models, cube(k))
    assert found.status == "complete"
    own = [p.locate(found.interior_points).tolist() for p in partitions]
    keys = list(zip(*own, found.top.tolist(), found.other_choice.tolist(), strict=True))
    assert set(keys) == set(expected)
    for key, volume in zip(keys, found.volumes, strict=True):
        assert volume == pytest.approx(expected[key].volume, rel=1e-6, abs=1e-9)
    for side, name in ((0, "top"), (1, "other_choice")):
        assert np.array_equal(models[side].decide(found.interior_points), getattr(found, name))
        block = slice(3 * side, 3 * side + 3)
        assert np.allclose(found.coef[:, block], partitions[side].coef[own[side]], atol=1e-12)
    X = rng.uniform(-1, 1, (4000, k))
    share = np.mean(models[0].decide(X) != models[1].decide(X))
    assert found.coverage == pytest.approx(share, abs=0.04)


def test_a_model_does_not_disagree_with_itself():
    model = some_model(2, "relu", 2)
    assert len(facetry.disagreement(model, model, cube(2))) == 0


def test_two_thresholds_disagree_on_a_band():
    up = facetry.load([([[1.0]], [0.0])], decision=0.0)
    later = facetry.load([([[1.0]], [-0.5])], decision=0.0)
    found = facetry.disagreement(up, later, cube(1))
    assert found.volumes.tolist() == [0.5]
    assert (found.top.tolist(), found.other_choice.tolist()) == ([1], [0])


@pytest.mark.parametrize("kind", KINDS)
def test_joined_models_compute_what_both_do(kind):
    first, second = some_model(7, kind, 3), some_model(8, "maximum", 3, outputs=2)
    joined = facetry.join(first, second)
    X = np.random.default_rng(1).uniform(-1, 1, (50, 3))
    assert np.allclose(joined(X), np.hstack([first(X), second(X)]), atol=1e-13)
    assert joined.output_names[3] == "second: y0"
    gap = OutputCondition({"first: y0": 1.0, "second: y0": -1.0}, low=0.25)
    row = np.array([1.0, 0, 0, -1.0, 0])
    check_query(joined, cube(3), conditions=gap, rows=[(row, 0.25)])


def test_models_that_cannot_be_compared():
    model = some_model(1, "relu", 2)
    with pytest.raises(facetry.InvalidInputError, match="2 and 3 inputs"):
        facetry.join(model, some_model(1, "relu", 3))
    with pytest.raises(facetry.InvalidInputError, match="only disagree if they choose alike"):
        facetry.disagreement(model, some_model(1, "relu", 2, outputs=2), cube(2))
    with pytest.raises(facetry.InvalidInputError, match="only disagree if they choose alike"):
        facetry.disagreement(model, some_model(1, "relu", 2, decision=LOWEST), cube(2))
    silent = some_model(1, "relu", 2, decision=Decision("none"))
    with pytest.raises(facetry.InvalidInputError, match="no decision"):
        facetry.disagreement(silent, silent, cube(2))


# Errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"top": "z"}, "z"),
        ({"top": 3}, "3"),
        ({"top": 0, "runner_up": "z"}, "z"),
        ({"top": 1, "runner_up": 1}, "compared with itself.*'y1'"),
        ({"top": "y1", "runner_up": 1}, "compared with itself.*'y1'"),
        ({"conditions": {"z": (0, 1)}}, "z"),
        ({"conditions": {"y0": (math.nan, None)}}, "low limit must be a number, not nan"),
        ({"conditions": {"y0": (None, math.nan)}}, "high limit must be a number, not nan"),
        ({"conditions": {"y0": (math.inf, None)}}, "must be finite"),
        ({"conditions": {"y0": (None, None)}}, "needs a low or a high limit"),
        ({"conditions": {"y0": (2.0, 1.0)}}, "low limit 2.0 is above its high limit 1.0"),
        ({"conditions": {"y0": 2.0}}, r"must be a pair \(low, high\)"),
        ({"conditions": ["y0"]}, "OutputCondition"),
        ({"conditions": OutputCondition({"y0": math.nan}, low=0.0)}, "must be a finite number"),
        ({"top": 0, "engine": "cplex"}, "engine must be"),
        ({"top": 0, "threads": -1}, "threads"),
        ({"top": 0, "max_regions": -1}, "max_regions"),
        ({"top": 0, "scale": "metres"}, "scale"),
        ({"top": 0, "output": "z"}, "z"),
        ({"runner_up": "any", "engine": "milp"}, "one top class at a time"),
        ({"top": 0, "ties": "some"}, "ties must be 'first' or 'all'"),
        ({"conditions": {"y0": (0, None)}, "ties": "all"}, "compares no outputs"),
    ],
)
def test_bad_queries_end_in_one_error(query, message):
    with pytest.raises(facetry.InvalidInputError, match=message):
        Explainer(some_model(1, "relu", 2)).query(cube(2), **query)


def test_a_region_that_does_not_fit():
    model = some_model(1, "relu", 2)
    for region in (cube(3), cube(2).where([[1.0, 0.0], [-1.0, 0.0]], [-2.0, -2.0])):
        with pytest.raises(facetry.RegionError):
            Explainer(model).query(region, top=0)


def test_models_without_choices_take_conditions_only():
    model = some_model(1, "relu", 2, decision=Decision("none"))
    explainer = Explainer(model)
    for query in ({"top": 0}, {"runner_up": "any"}, {"top": 0, "conditions": {"y0": (0, None)}}):
        with pytest.raises(facetry.InvalidInputError, match="no decision"):
            explainer.query(cube(2), **query)
    with pytest.raises(facetry.InvalidInputError, match="needs conditions"):
        explainer.query(cube(2))
    check_query(model, cube(2), conditions={0: (0.0, None)}, rows=[([1.0, 0.0, 0.0], 0.0)])


def test_a_threshold_has_two_choices_and_no_runner_up():
    model = some_model(1, "relu", 2, outputs=1, decision=Decision("threshold", 0.1))
    explainer = Explainer(model)
    for top in (2, -1, True):
        with pytest.raises(facetry.InvalidInputError, match="top must be 0"):
            explainer.query(cube(2), top=top)
    with pytest.raises(facetry.InvalidInputError, match="one of not y0, y0"):
        explainer.query(cube(2), top="z")
    with pytest.raises(facetry.InvalidInputError, match="no runner-up"):
        explainer.query(cube(2), top=1, runner_up="any")
    assert np.array_equal(
        explainer.query(cube(2), top="y0").top, explainer.query(cube(2), top=1).top
    )


def test_disagreement_on_a_cut_says_where_fixed_features_have_one_sided_slopes():
    # The first unit reads x1 alone, which the cut fixes at its breakpoint: it is flat everywhere.
    hidden = ([[0.0, 1.0], [1.0, 0.0]], [0.0, 0.0])
    first = facetry.load([hidden, ([[1.0, 1.0], [0.0, 0.0]], [0.0, 0.5])])
    second = facetry.load([hidden, ([[1.0, 1.0], [0.0, 0.0]], [0.0, 0.25])])
    cut = AnalysisRegion.cut([0.0, 0.0], {0: (-1, 1)})
    found = facetry.disagreement(first, second, cut)
    assert len(found) == 1
    assert found.one_sided.all()
    with pytest.raises(facetry.InvalidInputError, match="time_limit"):
        facetry.disagreement(first, second, cut, time_limit=-1)
