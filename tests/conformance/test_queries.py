"""Queries on real networks: against the filtered partition, and both engines."""

from __future__ import annotations

import numpy as np
import pytest

import facetry
from oracles.query_checks import check_query, compare_query_engines

from .real_regions import input_range, property_box

# Files, the features of a cut, and the share of their range.
CUTS = {
    "rl/cartpole.onnx": ((0, 2), 1.0),
    "control/vertcas_pra01_matlab.onnx": ((0, 1), 0.25),
    "control/vertcas_pra05_matlab.onnx": ((0,), 1.0),
    "tabular_models/iris_softmax_pytorch.onnx": ((0, 2), 1.0),
}


def model_and_cut(data, file):
    features, share = CUTS[file]
    model = facetry.load(data / file)
    low, high = input_range(data, file, model.input_size)
    middle, half = (low + high) / 2, (high - low) / 2 * share
    limits = {i: (float((middle - half)[i]), float((middle + half)[i])) for i in features}
    return model, facetry.AnalysisRegion.cut(middle, limits)


@pytest.mark.parametrize("file", CUTS)
def test_queries_are_the_filtered_partition(data, file):
    model, region = model_and_cut(data, file)
    assert model.decision.kind == "highest"
    ranked = check_query(model, region, runner_up="any")
    assert ranked.coverage == pytest.approx(1.0, rel=1e-9)
    shares = [check_query(model, region, top=a).coverage for a in range(model.output_size)]
    assert sum(shares) == pytest.approx(1.0, rel=1e-9)
    level = float(np.median(model(ranked.interior_points)[:, 0]))
    row = np.eye(model.output_size)[0]
    some = check_query(model, region, conditions={0: (level, None)}, rows=[(row, level)])
    assert 0.0 < some.coverage < 1.0


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, marks=pytest.mark.slow if "pra01" in file else ())  # many regions
        for file in CUTS
    ],
)
def test_both_engines_give_the_same_answers(data, file):
    model, region = model_and_cut(data, file)
    every = compare_query_engines(model, region)
    for a in np.unique(every.top):
        compare_query_engines(model, region, top=int(a))
        compare_query_engines(model, region, top=int(a), runner_up="any")


def test_an_aircraft_is_never_told_clear_of_conflict(data):
    """Property 3 of ACAS Xu holds for network 1_1: a known result of other verifiers."""
    model = facetry.load(data / "acasxu" / "ACASXU_run2a_1_1_batch_2000.onnx", decision="lowest")
    region = facetry.AnalysisRegion.box(*property_box(data / "acasxu" / "prop_3.vnnlib"))
    explainer = facetry.Explainer(model)
    verdict = explainer.can_win(region, 0)
    assert (verdict.answer, verdict.status) == (False, "complete")
    assert len(explainer.query(region, top=0)) == 0
