"""Extremes, proofs of what never happens, and distances: against corners, solvers and samples."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog, nnls

import facetry
from facetry import AnalysisRegion, Decision, Explainer
from facetry.search.milp_program import encode_model
from facetry.search.ortools_solver import load_library
from oracles.networks import FUNCTIONS, hard_network, model_of, random_network, table_network

KINDS = [*FUNCTIONS, "maximum"]


@pytest.fixture(scope="module")
def library():
    return load_library()


def cube(k, half=1.0):
    return AnalysisRegion.box([-half] * k, [half] * k)


def some_model(seed, kind, k, *, integer=False, outputs=2, decision=None, hidden=(5, 4)):
    rng = np.random.default_rng(seed)
    kinds, skip = [kind, "relu"], bool(rng.integers(2))
    layers = random_network(
        rng, k, hidden, kinds=kinds, integer=integer, skip=skip, outputs=outputs
    )
    return model_of(layers, k, decision)


def values_at_corners(model, region):
    """Every output at every corner of every linear region: (corners, n)."""
    found = facetry.partition(model, region)
    offsets, corners = found.corners
    owner = np.repeat(np.arange(len(found)), np.diff(offsets))
    return np.einsum("cnm,cm->cn", found.coef[owner], corners) + found.intercept[owner]


def check_optimum(best, model, region, weights, *, expected, sign):
    """`expected` is the true extreme; sign 1 for a maximum."""
    size = 1.0 + abs(expected)
    rounding = 1e-11 * size
    assert best.status == "complete"
    assert best.cells >= 1
    assert region.resolve(model).contains(best.point[None])[0]
    assert best.value == pytest.approx(model(best.point[None])[0] @ weights, abs=1e-12 * size)
    assert sign * (best.value - expected) <= rounding
    assert sign * (best.bound - expected) >= -rounding
    assert 0.0 <= sign * (best.bound - best.value) <= 1e-9 * (1.0 + abs(best.value)) + rounding


# Extremes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("exactness", ["safe", "float"])
@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_extremes_are_those_of_all_corners(kind, k, exactness):
    for integer in (False, True):
        model = some_model(KINDS.index(kind) * 9 + k + 100 * integer, kind, k, integer=integer)
        explainer, region = Explainer(model), cube(k)
        corners = values_at_corners(model, region)
        for output, weights in ((0, [1.0, 0.0]), ("y1", [0.0, 1.0]), ({0: 1, "y1": -2}, [1, -2])):
            values = corners @ weights
            best = explainer.maximum(region, output, exactness=exactness)
            check_optimum(best, model, region, weights, expected=values.max(), sign=1)
            best = explainer.minimum(region, output, exactness=exactness)
            check_optimum(best, model, region, weights, expected=values.min(), sign=-1)


@pytest.mark.parametrize("kind", KINDS)
def test_extremes_are_those_of_the_mixed_integer_program(kind, library):
    for k in (2, 4):
        model = some_model(KINDS.index(kind) + 40 * k, kind, k, hidden=(4, 3))
        encoding = encode_model(model, cube(k))
        for largest in (True, False):
            terms = [(int(encoding.outputs[0]), 1.0), (int(encoding.outputs[1]), -0.5)]
            encoding.program.set_objective(terms, 0.0, largest)
            status, objective, *_ = library.solve(encoding.program)
            assert status == "optimal"
            ask = Explainer(model).maximum if largest else Explainer(model).minimum
            best = ask(cube(k), {"y0": 1.0, "y1": -0.5})
            # A solver's optimum holds up to its own gap of 1e-4, and its feasibility of 1e-6.
            assert best.value == pytest.approx(objective, rel=1.1e-4, abs=1e-5)


def test_cuts_polytopes_points_and_ties():
    simplex = AnalysisRegion.polytope(np.vstack([-np.eye(3), np.ones(3)]), [0, 0, 0, 1])
    cut = AnalysisRegion.cut([0.25, -0.5, 0.0], {0: (-1, 1), 2: (-1, 1)})
    for integer in (False, True):
        model = some_model(6, "relu", 3, integer=integer)
        for region in (simplex, cut, cut.where([[1.0, 0.0, 1.0]], [0.5])):
            values = values_at_corners(model, region)[:, 0]
            best = Explainer(model).maximum(region)
            check_optimum(best, model, region, [1.0, 0.0], expected=values.max(), sign=1)
        x = np.array([0.5, 0.25, -1.0])
        best = Explainer(model).maximum(AnalysisRegion.point(x))
        assert np.array_equal(best.point, x)
        assert best.value == pytest.approx(model(x[None])[0, 0], abs=1e-12)
    for seed in range(3):
        model = model_of(hard_network(seed, 3, 2, 2), 2)
        values = values_at_corners(model, cube(2))[:, 0]
        best = Explainer(model).maximum(cube(2))
        check_optimum(best, model, cube(2), [1.0], expected=values.max(), sign=1)


def test_a_wider_gap_ends_earlier_and_its_bound_holds():
    model = model_of(table_network([3, 24, 24, 1]), 3)
    exact = Explainer(model).maximum(cube(3))
    loose = Explainer(model).maximum(cube(3), gap=0.1)
    assert loose.status == "complete"
    assert loose.value <= exact.value <= loose.bound
    assert loose.bound - loose.value <= 0.1 * (1.0 + abs(loose.value))
    assert loose.cells < exact.cells


def test_the_same_result_for_any_number_of_threads():
    model = model_of(table_network([4, 24, 24, 1]), 4)
    one, two = (Explainer(model).maximum(cube(4), threads=threads) for threads in (1, 2))
    assert (one.value, one.bound, one.cells) == (two.value, two.bound, two.cells)
    assert np.array_equal(one.point, two.point)


def test_a_time_limit_leaves_a_bound_that_holds():
    model = model_of(table_network([8, 64, 64, 64, 1]), 8)
    region = cube(8)
    stopped = Explainer(model).maximum(region, time_limit=0.3)
    assert stopped.status == "time_limit"
    X = np.random.default_rng(0).uniform(-1, 1, (500, 8))
    values = model(np.vstack([X, np.sign(X)]))
    assert values.max() <= stopped.bound
    assert stopped.value <= stopped.bound
    assert stopped.value == pytest.approx(model(stopped.point[None])[0, 0], abs=1e-9)
    lowest = Explainer(model).minimum(region, time_limit=0.3)
    assert lowest.bound <= min(values.min(), lowest.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"output": "z"}, "z"),
        ({"output": 2}, "2"),
        ({"output": {"z": 1.0}}, "z"),
        ({"output": {0: math.nan}}, "must be a finite number"),
        ({"gap": -1.0}, "gap"),
        ({"gap": math.nan}, "gap"),
        ({"time_limit": -1.0}, "time_limit"),
        ({"exactness": "certified"}, "exactness"),
    ],
)
def test_bad_questions_end_in_one_error(arguments, message):
    explainer = Explainer(some_model(1, "relu", 2))
    for ask in (explainer.maximum, explainer.minimum):
        with pytest.raises(facetry.InvalidInputError, match=message):
            ask(cube(2), **arguments)
    with pytest.raises(facetry.RegionError):
        explainer.maximum(cube(3))


# Does it ever win? ----------------------------------------------------------------------------


@pytest.mark.parametrize("integer", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_what_can_win_is_what_wins_in_the_partition(kind, integer):
    seen = set()
    for seed in range(5):
        k = 1 + seed % 3
        decision = Decision(("highest", "lowest")[seed % 2])
        model = some_model(
            seed + 10 * KINDS.index(kind), kind, k, integer=integer, outputs=4, decision=decision
        )
        region = cube(k, 0.25)
        winners = set(Explainer(model).query(region).top.tolist())
        for choice in range(4):
            verdict = Explainer(model).can_win(region, choice)
            assert verdict.answer is (choice in winners)
            assert bool(verdict) is verdict.answer
            assert verdict.status == "complete"
            if verdict.answer:
                assert model.decide(verdict.witness[None]).tolist() == [choice]
                assert region.resolve(model).contains(verdict.witness[None])[0]
            else:
                assert verdict.witness is None
            seen.add(verdict.answer)
    assert seen == {True, False}


def test_a_small_winner_is_found_by_the_search():
    # "tip" wins where x0 > 0.9999 and x1 > 0.9999 only: no sample gets there.
    first = (np.array([[1.0, 0.0], [0.0, 1.0]]), [-0.9999, -0.9999])
    second = ([[1.0, 1.0], [0.0, 0.0]], [0.0, 1.5e-4])
    model = facetry.load([first, second], output_names=["tip", "rest"])
    verdict = Explainer(model).can_win(cube(2), "tip")
    assert verdict.answer
    assert verdict.cells > 0
    assert model.decide(verdict.witness[None]).tolist() == [0]


def test_a_limit_leaves_it_open():
    # Points reach 3 or so; that nothing reaches 20 takes long to prove.
    model = model_of(table_network([8, 64, 64, 64, 1]), 8, Decision("threshold", 20.0))
    verdict = Explainer(model).can_win(cube(8), 1, time_limit=0.2)
    assert verdict.answer is None
    assert verdict.status == "time_limit"
    with pytest.raises(facetry.InvalidInputError, match="not decided"):
        bool(verdict)


def test_thresholds_can_be_crossed_or_not():
    model = facetry.load([([[1.0, 1.0]], [0.0])], decision=1.5, output_names=["high"])
    explainer = Explainer(model)
    assert explainer.can_win(cube(2), "high").answer
    assert explainer.can_win(cube(2, 0.5), "high").answer is False
    assert explainer.can_win(cube(2, 0.5), "not high").answer
    with pytest.raises(facetry.InvalidInputError, match="must be one of not high, high"):
        explainer.can_win(cube(2), "low")
    silent = facetry.load([([[1.0, 1.0]], [0.0])])
    with pytest.raises(facetry.InvalidInputError, match="no decision"):
        Explainer(silent).can_win(cube(2), 0)


# Distances ------------------------------------------------------------------------------------


def nearest(found, x, free, norm, scale):
    """The distance from x to the nearest of all regions of a query, by SciPy."""
    best = math.inf
    offsets, A, b = found.validity
    moves = [i for i in free if scale[i] > 0]
    for begin, end in pairwise(offsets):
        G, h = A[begin:end][:, moves] * scale[moves], b[begin:end] - A[begin:end] @ x
        best = min(best, smallest(G, h, norm))
    return best


def smallest(G, h, norm):
    """The smallest norm of u with G u <= h; infinite if there is none."""
    k = G.shape[1]
    if norm == "L2":  # least distance programming (Lawson and Hanson): a nonnegative fit
        if (h >= 0).all():
            return 0.0
        z, _ = nnls(np.vstack([-G.T, -h]), np.append(np.zeros(k), 1.0), maxiter=1000)
        residual = np.vstack([-G.T, -h]) @ z - np.append(np.zeros(k), 1.0)
        if np.linalg.norm(residual) < 1e-9:
            return math.inf
        return float(np.linalg.norm(residual[:k] / residual[k]))
    sizes = np.eye(k) if norm == "L1" else np.ones((k, 1))
    rows = np.vstack([
        np.hstack([G, np.zeros((len(G), sizes.shape[1]))]),
        np.hstack([np.eye(k), -sizes]),
        np.hstack([-np.eye(k), -sizes]),
    ])  # fmt: skip
    goal = np.append(np.zeros(k), np.ones(sizes.shape[1]))
    limits = np.concatenate([h, np.zeros(2 * k)])
    solved = linprog(goal, A_ub=rows, b_ub=limits, bounds=[(None, None)] * len(goal))
    return float(solved.fun) if solved.status == 0 else math.inf


def norm_of(moves, norm):
    order = {"L1": 1, "L2": 2, "Linf": np.inf}[norm]
    return np.linalg.norm(moves, order, axis=1)


def check_distance(model, region, x, near, *, norm, scale):
    """Against all query regions of the other choices, samples, and the model at the point."""
    explainer = Explainer(model)
    free = region.resolve(model).free_features
    own = int(model.decide(x[None])[0])
    count = 2 if model.decision.kind == "threshold" else model.output_size
    others = [explainer.query(region, top=b) for b in range(count) if b != own]
    expected = min(nearest(found, x, free, norm, scale) for found in others)
    assert near.status == "complete"
    if expected == math.inf:
        assert (near.distance, near.proven, near.point, near.other) == (
            math.inf,
            math.inf,
            None,
            "",
        )
        return False
    # Linear programs are solved up to 1e-7.
    assert near.distance == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert near.proven <= near.distance * (1.0 + 1e-9) + 1e-12
    assert near.proven == pytest.approx(near.distance, rel=1e-6, abs=1e-6)
    moves = (near.point - x)[scale > 0] / scale[scale > 0]
    assert norm_of(moves[None], norm)[0] == pytest.approx(near.point_distance, rel=1e-9, abs=1e-12)
    assert near.distance <= near.point_distance <= near.distance * (1.0 + 1e-3) + 1e-3
    assert np.array_equal(near.point[scale == 0], x[scale == 0])
    assert region.resolve(model).contains(near.point[None])[0]
    values = model(near.point[None])[0]
    assert near.confirmed
    made = int(model.decide(near.point[None])[0])
    assert made != own
    if model.decision.kind == "highest":  # another choice wins there, by a margin
        assert near.choice == model.output_names[own]
        assert near.other == model.output_names[made]
        lead = values[made] - np.delete(values, made).max()
        assert lead >= 0.99e-6 * (1.0 + np.abs(values).max())
    domain = region.resolve(model)
    rng = np.random.default_rng(0)
    X = x + rng.uniform(-1, 1, (5000, len(free))) @ domain.basis.T * rng.uniform(0, 2, (5000, 1))
    X[:, scale == 0] = x[scale == 0]
    X = X[domain.contains(X)]
    X = X[model.decide(X) != own]
    if len(X):
        assert norm_of((X - x)[:, scale > 0] / scale[scale > 0], norm).min() >= near.proven - 1e-9
    return True


@pytest.mark.parametrize("norm", ["L1", "L2", "Linf"])
@pytest.mark.parametrize("kind", KINDS)
def test_distances_are_those_to_the_nearest_region(kind, norm):
    crossed = 0
    for seed in range(4):
        k = 1 + seed % 3
        rng = np.random.default_rng(seed)
        model = some_model(seed + 10 * KINDS.index(kind), kind, k, outputs=3, hidden=(4, 3))
        x = rng.uniform(-0.8, 0.8, k)
        near = Explainer(model).boundary_distance(cube(k), x, norm=norm)
        crossed += check_distance(model, cube(k), x, near, norm=norm, scale=np.ones(k))
    assert crossed >= 1


@pytest.mark.parametrize("norm", ["L1", "L2", "Linf"])
def test_distances_in_scales_on_cuts_and_polytopes(norm):
    simplex = AnalysisRegion.polytope(np.vstack([-np.eye(3), np.ones(3)]), [0, 0, 0, 1])
    cut = AnalysisRegion.cut([0.25, 0.3, 0.125], {0: (-1, 1), 2: (-1, 1)})
    x = np.array([0.25, 0.3, 0.125])
    crossed = 0
    for seed in range(4):
        model = some_model(seed, "relu", 3, outputs=3, integer=seed % 2 == 1)
        ranges = np.array([[0.0, 2.0], [0.0, 0.5], [-1.0, 0.0]])
        sigmas = np.array([1.0, 0.0, 3.0])
        explainer = Explainer(model, feature_ranges=ranges, feature_sigmas=sigmas)
        for region in (simplex, cut, cube(3)):
            for name, scale in (("range", ranges[:, 1] - ranges[:, 0]), ("sigma", sigmas)):
                near = explainer.boundary_distance(region, x, norm=norm, scale=name)
                crossed += check_distance(model, region, x, near, norm=norm, scale=scale)
    assert crossed >= 6


def distance_by_program(model, region, x, norm):
    """The smallest distance to another choice, one mixed-integer program for each of them."""
    own = int(model.decide(x[None])[0])
    best = math.inf
    for other in set(range(model.output_size)) - {own}:
        encoding = encode_model(model, region)
        program = encoding.program
        moves = [program.add_variable(0.0, np.inf) for _ in range(len(x) if norm == "L1" else 1)]
        for i, variable in enumerate(encoding.inputs):
            move = moves[i if norm == "L1" else 0]
            program.add_row([(move, 1.0), (int(variable), -1.0)], -x[i], np.inf)
            program.add_row([(move, 1.0), (int(variable), 1.0)], x[i], np.inf)
        first, second = (int(encoding.outputs[i]) for i in (other, own))
        program.add_row([(first, 1.0), (second, -1.0)], 0.0, np.inf)
        program.set_objective([(move, 1.0) for move in moves], 0.0, False)
        status, value, *_ = load_library().solve(program)
        assert status in ("optimal", "infeasible")
        if status == "optimal":
            best = min(best, value)
    return best


@pytest.mark.parametrize("norm", ["L1", "Linf"])
@pytest.mark.parametrize("kind", KINDS)
def test_distances_are_those_of_the_encoding(kind, norm):
    changes = 0
    for k in (2, 4, 8):  # all kinds of cells
        model = some_model(k + 10 * KINDS.index(kind), kind, k, outputs=3, hidden=(5, 4))
        x = np.random.default_rng(k).uniform(-0.5, 0.5, k)
        near = Explainer(model).boundary_distance(cube(k), x, norm=norm, threads=2)
        assert near.status == "complete"
        assert near.distance == pytest.approx(
            distance_by_program(model, cube(k), x, norm), rel=1e-5, abs=1e-5
        )
        changes += near.point is not None
    assert changes >= 1


def test_a_limit_leaves_a_proven_distance():
    explainer = Explainer(some_model(3, "relu", 12, outputs=3, hidden=(24, 24)))
    x = np.full(12, 0.25)
    whole = explainer.boundary_distance(cube(12), x)
    assert whole.status == "complete"
    assert 0.0 < whole.distance < math.inf
    for limit in (1e-9, 0.001, 0.01):
        near = explainer.boundary_distance(cube(12), x, time_limit=limit)
        assert limit > 1e-6 or near.status == "time_limit"
        assert 0.0 <= near.proven <= whole.distance * (1.0 + 1e-9)
        assert near.distance >= whole.distance * (1.0 - 1e-9)


def test_the_distance_to_a_threshold():
    model = facetry.load(
        [([[3.0, 4.0]], [0.0])], decision=2.0, output_names=["high"], feature_names=["a", "b"]
    )
    for norm, expected in (("L1", 0.5), ("L2", 0.4), ("Linf", 2 / 7)):
        near = Explainer(model).boundary_distance(cube(2), [0.0, 0.0], norm=norm)
        assert near.distance == pytest.approx(expected, rel=1e-6)
        assert (near.choice, near.other) == ("not high", "high")
        assert check_distance(model, cube(2), np.zeros(2), near, norm=norm, scale=np.ones(2))


def test_distances_to_nothing_and_errors():
    model = facetry.load([([[1.0, 0.0], [0.0, 0.0]], [5.0, 0.0])], output_names=["a", "b"])
    explainer = Explainer(model)
    near = explainer.boundary_distance(cube(2), [0.0, 0.0])
    assert (near.distance, near.point, near.other) == (math.inf, None, "")
    for x, options, message in (
        ([[0.0, 0.0], [1.0, 1.0]], {}, "one point, not 2"),
        ([0.0, 0.0], {"norm": "L3"}, "L1"),
        ([0.0, math.nan], {}, "x|X"),
        ([0.0, 0.0], {"scale": "range"}, "range"),
    ):
        with pytest.raises(facetry.InvalidInputError, match=message):
            explainer.boundary_distance(cube(2), x, **options)
    with pytest.raises(facetry.RegionError):
        explainer.boundary_distance(cube(2), [2.0, 0.0])
    silent = Explainer(facetry.load([([[1.0, 1.0]], [0.0])]))
    with pytest.raises(facetry.InvalidInputError, match="no decision"):
        silent.boundary_distance(cube(2), [0.0, 0.0])


def test_no_output_at_all_has_no_extreme():
    with pytest.raises(facetry.InvalidInputError, match="one at least"):
        facetry.maximum(facetry.load([([[1.0]], [0.0])]), cube(1), {})


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (-1, 3), (0, 1)])
def test_a_choice_that_only_ties_is_never_made(low, high):
    layers = [([[1.0], [-1.0]], [0.0, 0.0]), ([[-1.0, -1.0], [0.0, 0.0]], [0.0, 0.0])]
    model = facetry.load(layers, decision="highest")  # -|x| and 0: a tie at 0, and nowhere else
    line = AnalysisRegion.box([low], [high])
    never = facetry.can_win(model, line, 0)
    assert (never.answer, never.witness, never.confirmed) == (False, None, False)
    ever = facetry.can_win(model, line, 1)
    assert ever.answer and ever.confirmed
    assert model.decide(ever.witness[None]).tolist() == [1]
