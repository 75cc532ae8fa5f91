"""A small part of the campaigns against exact arithmetic; the whole ones are commands."""

from fractions import Fraction

import pytest

import facetry
from campaigns import exact_extremes, exact_partitions
from campaigns.exact_problems import Problem


@pytest.mark.parametrize("campaign", [exact_partitions, exact_extremes])
def test_answers_are_those_of_exact_arithmetic(campaign):
    record = campaign.run(7, 150)
    assert record.calls > 120
    assert record.escaped == []


def test_a_wrong_answer_would_be_seen(monkeypatch):
    wrong = facetry.Optimum(0.0, None, -1e300, "complete", 0, 0)
    monkeypatch.setattr(facetry, "maximum", lambda *_, **__: wrong)
    assert exact_extremes.run(7, 3).escaped


def test_exact_maxima_are_those_of_corners():
    layers = [("affine", [[0.1, 0.2]], [0.3])]
    square = Problem(layers, [-1.0, -1.0], [1.0, 1.0], [])
    whole = Fraction(0.1) + Fraction(0.2) + Fraction(0.3)
    assert exact_extremes.exact_maximum(square) == whole
    square.halfspaces.append(([1.0, 1.0], 1.0))  # the largest is now at (0, 1)
    assert exact_extremes.exact_maximum(square) == Fraction(0.2) + Fraction(0.3)
    square.halfspaces.append(([-1.0, -1.0], -3.0))
    assert exact_extremes.exact_maximum(square) is None
