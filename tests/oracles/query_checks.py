"""Checks of a query's result: against the filtered partition, and by the model's own choices."""

from __future__ import annotations

import numpy as np
import pytest

import facetry

from .queries import filtered_partition

SMALL = 1e-7  # pieces thinner than this may be there or not: the oracle is in double precision


def keys_of(found, partition):
    """(region of the partition, top, runner-up) of each region found; -1 for what was not asked."""
    count = len(found)
    if not count:
        return []
    none = np.full(count, -1)
    top = none if found.top is None else found.top
    runner_up = none if found.runner_up is None else found.runner_up
    own = partition.locate(found.interior_points)
    return list(zip(own.tolist(), top.tolist(), runner_up.tolist(), strict=True))


def check_query(model, region, *, rows=(), exactness="safe", **query):
    """The query finds what is left of the full partition; `rows` are its conditions.

    Returns what was found.
    """
    partition = facetry.partition(model, region, exactness=exactness)
    numbers = {name: query[name] for name in ("top", "runner_up") if name in query}
    expected = filtered_partition(partition, rows=rows, **numbers)
    found = facetry.Explainer(model).query(region, exactness=exactness, **query)
    assert found.status == "complete"
    assert found.exactness == exactness
    assert found.undecided == 0 or exactness == "float"
    keys = keys_of(found, partition)
    assert len(set(keys)) == len(keys)
    volumes = dict(zip(keys, found.volumes.tolist(), strict=True))
    for key in set(keys) ^ set(expected):
        assert key in expected, f"{key} is no answer"
        assert expected[key].radius < SMALL, f"{key} is missing"
    for key in set(keys) & set(expected):
        assert volumes[key] == pytest.approx(expected[key].volume, rel=1e-6, abs=1e-9)
    check_models(found, partition, keys)
    check_guards(found, model, rows)
    return found


def check_models(found, partition, keys):
    """Linear models are those of the partition's regions: of the choice, or what it has ahead."""
    for entry, (region, a, b) in enumerate(keys):
        coef, intercept = partition.coef[region], partition.intercept[region]
        if a < 0 or partition.model.decision.kind == "threshold":
            assert np.array_equal(found.coef[entry], coef)
            assert np.array_equal(found.intercept[entry], intercept)
            continue
        second = (coef[b], intercept[b]) if b >= 0 else (0.0, 0.0)
        assert np.array_equal(found.coef[entry, 0], coef[a] - second[0])
        assert found.intercept[entry, 0] == intercept[a] - second[1]


def check_guards(found, model, conditions, seed=0, tries=20):
    """At the interior point and at random points within all halfspaces the answer holds."""
    if not len(found):
        return
    rng = np.random.default_rng(seed)
    basis = found.region.resolve(model).basis
    offsets, A, b = found.validity
    points, owners = [], []
    for i, start in enumerate(found.interior_points):
        part = slice(offsets[i], offsets[i + 1])
        slack = b[part] - A[part] @ start
        assert (slack > 0).all(), "the interior point is not inside"
        directions = rng.normal(size=(tries, basis.shape[1])) @ basis.T
        rates = directions @ A[part].T
        reach = np.min(np.where(rates > 0, slack / np.where(rates > 0, rates, 1.0), np.inf), axis=1)
        steps = 0.999 * rng.uniform(size=tries) * reach
        points += [start, *(start + steps[:, None] * directions)]
        owners += [i] * (tries + 1)
    points, owners = np.array(points), np.array(owners)
    values = model(points)
    slack = 1e-9 * (1.0 + np.abs(values).max())
    for weights, threshold in conditions:
        assert (values @ np.asarray(weights) >= threshold - slack).all()
    if found.top is not None:
        _check_choices(found, model, points, owners)


def _check_choices(found, model, points, owners):
    values = model(points)
    slack = 1e-9 * (1.0 + np.abs(values).max())
    chosen = found.top[owners]
    if model.decision.kind == "threshold":
        clear = np.abs(values[:, 0] - model.decision.threshold) > slack
        assert np.array_equal(model.decide(points)[clear], chosen[clear])
        return
    signed = -values if model.decision.kind == "lowest" else values
    order = np.argsort(-signed, axis=1, kind="stable")
    rows = np.arange(len(points))
    best = [signed[rows, order[:, rank]] for rank in range(min(3, signed.shape[1]))]
    lead = best[0] - best[1]
    clear = (lead > slack) | (lead == 0.0)
    assert clear.any()
    assert np.array_equal(model.decide(points)[clear], chosen[clear])
    if found.runner_up is not None:
        if len(best) > 2:
            clear &= (best[1] - best[2] > slack) | (best[1] == best[2])
        assert np.array_equal(order[clear, 1], found.runner_up[owners][clear])


def compare_query_engines(model, region, **query):
    """Both engines give the same answer; the usual engine's result."""
    explainer = facetry.Explainer(model)
    usual = explainer.query(region, exactness="float", **query)
    other = explainer.query(region, engine="milp", **query)
    assert other.status == usual.status == "complete"
    assert other.output_names == usual.output_names
    for name in ("top", "runner_up"):
        ours, theirs = getattr(usual, name), getattr(other, name)
        assert (ours is None) == (theirs is None)
        assert ours is None or np.array_equal(ours, theirs)
    for ours, theirs in zip(usual.validity, other.validity, strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(usual.coef, other.coef)
    assert np.array_equal(usual.intercept, other.intercept)
    assert np.allclose(usual.volumes, other.volumes, rtol=1e-9, atol=0.0, equal_nan=True)
    return usual
