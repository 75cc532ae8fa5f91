"""The examples in the docstrings do what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import facetry

SKIPPED = {"facetry.__main__", "facetry._core"}
MODULES = sorted(info.name for info in pkgutil.walk_packages(facetry.__path__, "facetry."))


@pytest.mark.parametrize("name", [name for name in MODULES if name not in SKIPPED])
def test_examples_of_the_module(name: str) -> None:
    failures, _ = doctest.testmod(importlib.import_module(name))
    assert failures == 0


def test_there_are_examples() -> None:
    assert doctest.testmod(importlib.import_module("facetry.results.ranking")).attempted > 0
