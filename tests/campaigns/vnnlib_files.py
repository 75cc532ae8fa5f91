"""Damaged texts: ``python -m campaigns.vnnlib_files --cases 2000 --seed 1``, in `tests/`.

VNN-LIB properties, and regions in YAML and JSON, with bytes flipped, cut, doubled and spliced.
Whatever the damage, only facetry's own errors come out, in bounded time.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import facetry
from campaigns.mutations import main, run
from facetry import FacetryError
from facetry.files.region_file import parse_yaml

PROPERTIES = [
    b"""; a property
(declare-const X_0 Real) (declare-const X_1 Real)
(declare-const Y_0 Real) (declare-const Y_1 Real)
(assert (>= X_0 -1)) (assert (<= X_0 2.5e-1))
(assert (or (and (>= X_1 0) (<= X_1 1)) (and (>= X_1 2) (<= X_1 3))))
(assert (or (<= Y_0 Y_1) (and (>= Y_0 3) (<= (+ Y_0 (* 2 Y_1) -1) 4))))
""",
    b"(declare-const X_0 Real)(declare-const Y_0 Real)(assert (and (<= X_0 1) (>= X_0 (* -1 2))"
    b" (>= (- Y_0 1) 0)))",
]
YAML = [
    b"box: {low: [0, &a 1.5], high: [2, *a]}\nwhere: {A: [[1, -1]], b: [0]}\n",
    b"cut:\n  base: [5, 0, 0]\n  features:\n    age: [20, 60]\n    2: [0, 1e3]\n",
    b"defaults: &d {low: 0}\nbox:\n  <<: *d\n  high: 1:30\n",
]
JSON = [
    b'{"box": {"low": [0, 0.5], "high": [1, 2e3]}, "where": {"A": [[1, -1]], "b": [0]}}',
    b'{"cut": {"base": 0, "features": [["age", 20, 60], [2, 0, 1]]}}',
    b'{"polytope": {"A": [[1, 1], [-1, 0], [0, -1]], "b": [1, 0, 0]}}',
]


def property_campaign(cases: int, seed: int, keep: Path | None = None) -> Counter[str]:
    """Damaged properties."""
    return run(cases, seed, PROPERTIES, lambda d: facetry.Property.parse(_text(d)), keep)


def yaml_campaign(cases: int, seed: int, keep: Path | None = None) -> Counter[str]:
    """Damaged regions in YAML."""
    return run(
        cases, seed, YAML, lambda d: _region(parse_yaml(_text(d), Path("region.yaml"))), keep
    )


def json_campaign(cases: int, seed: int, keep: Path | None = None) -> Counter[str]:
    """Damaged regions in JSON, used with a model where they can be read."""
    return run(cases, seed, JSON, lambda d: _used(facetry.AnalysisRegion.from_json(_text(d))), keep)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _region(data: object) -> None:
    _used(facetry.AnalysisRegion.from_dict(data))  # type: ignore[arg-type]


_MODEL = facetry.load([([[1.0, -1.0]], [0.0]), ([[1.0]], [0.0])])


def _used(region: facetry.AnalysisRegion) -> None:
    repr(region)
    with suppress(FacetryError):  # it need not fit this model
        region.resolve(_MODEL)


KINDS = {"properties": property_campaign, "YAML": yaml_campaign, "JSON": json_campaign}

if __name__ == "__main__":
    sys.exit(main(__doc__ or "", KINDS))
