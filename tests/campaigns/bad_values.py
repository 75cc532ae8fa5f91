"""Values that no entry point wants, drawn with a seed; and what may come of them."""

from __future__ import annotations

import math
import random
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from campaigns.command import campaign_parser
from facetry import FacetryError

ALLOWED = (FacetryError, KeyboardInterrupt, MemoryError)
"""The only exceptions that may escape."""


def _deep(depth: int) -> list[Any]:
    result: list[Any] = []
    for _ in range(depth):
        result = [result]
    return result


# ruff: noqa: E501
def _strange() -> list[Callable[[], Any]]:
    """Makers of values, so that each call gets fresh ones."""
    plain: list[Any] = [
        None, True, False, 0, -1, 1, 3, 2**31, 2**63, 2**70, -(2**70), 10**400,
        0.0, -0.0, 0.5, 1.5, math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 1j,
        "", "x", "x0", "y0", "any", "nan", "\x1b[2J", "a\nb", "a" * 5000, "\ud800", b"", b"x0",
        (), (1,), (0, 1), (1, 0), (None, None), (math.nan, 1), ("a", "b"),
        Decimal("1.5"), Fraction(1, 3), Path("missing/file"), Path(), int, Exception("no"),
        object(), print, ..., slice(1), np.float32(1), np.int64(-1), np.bool_(True),
        np.datetime64("2020-01-01"), np.float64("nan"), float,
    ]  # fmt: skip
    makers: list[Callable[[], Any]] = [lambda value=value: value for value in plain]
    makers += [
        lambda: [], lambda: {}, set, lambda: [[]], lambda: [None], lambda: [math.nan] * 2,
        lambda: [math.inf, 0.0], lambda: [0.0, 1.0], lambda: [[0, 1], [2]], lambda: [[0, 1]] * 3,
        lambda: [1e308, -1e308], lambda: [10**400, 0], lambda: ["0", "1"], lambda: [True, False],
        lambda: {"x0": (0, 1)}, lambda: {"x0": None, "x1": "a"}, lambda: {0: (0, math.nan)},
        lambda: {None: 1}, lambda: {(1, 2): (0, 1)}, lambda: {"zz": (0, 1)}, lambda: {0: 1, "x0": 2},
        lambda: {"box": {"low": 0, "high": 1}}, lambda: {"box": None}, lambda: {"cut": {"base": []}},
        lambda: {"polytope": {"A": [[1]], "b": []}}, lambda: {"y0": (1, 0)}, lambda: {"y0": 1e308},
        lambda: np.zeros(0), lambda: np.zeros((0, 2)), lambda: np.zeros((2, 0)), lambda: np.array(7),
        lambda: np.ones((2, 2, 2)), lambda: np.full((3, 2), np.nan), lambda: np.array([[1j, 2]]),
        lambda: np.array(["a", "b"]), lambda: np.array([None, 1]), lambda: np.array([1, "a"], object),
        lambda: np.ones((1, 50)), lambda: np.full((2, 2), 1e308), lambda: np.full((1, 2), 5e-324),
        lambda: np.array([[2**63 - 1, -(2**63)]]), lambda: np.zeros((1, 2), dtype="M8[s]"),
        lambda: np.zeros(2, dtype=[("a", float)]), lambda: np.ma.masked_all(2), lambda: range(2),
        lambda: iter([0, 1]), lambda: (value for value in [0, 1]), lambda: _deep(50),
        lambda: _deep(5000), lambda: lambda *_: 1 / 0 if False else None, lambda: memoryview(b"ab"),
    ]  # fmt: skip
    return makers


MAKERS = _strange()


def any_value(rng: random.Random) -> Any:
    """One of the values."""
    return rng.choice(MAKERS)()


def frames() -> list[Callable[[], Any]]:
    """Odd tables, if pandas is there."""
    try:
        import pandas
    except ImportError:
        return []
    return [
        pandas.DataFrame,
        lambda: pandas.DataFrame({"x0": [1.0], "x1": ["a"]}),
        lambda: pandas.DataFrame([[1.0, 2.0]], columns=["a", "a"]),
        lambda: pandas.DataFrame({"x0": [None], "x1": [1]}),
        lambda: pandas.DataFrame({"x0": [True], "x1": [2]}),
        lambda: pandas.DataFrame({"x0": pandas.array([None, 1], dtype="Int64"), "x1": [0, 1]}),
        lambda: pandas.DataFrame({0: [1.0], "b": [2.0]}),
        lambda: pandas.DataFrame({"x0": pandas.Categorical(["a"]), "x1": [1.0]}),
        lambda: pandas.Series([0.0, 1.0], index=["x1", "x0"]),
        lambda: pandas.Series(dtype=float),
        lambda: pandas.Series(["a", None]),
        lambda: pandas.Index([1, 2]),
        lambda: pandas.Timestamp("2020"),
        lambda: pandas.NA,
    ]


@dataclass
class Record:
    """What a campaign saw."""

    calls: int = 0
    refused: int = 0
    answered: int = 0
    escaped: list[str] = field(default_factory=list)

    def run(self, what: str, call: Callable[[], object]) -> None:
        """Makes a call, and notes what came of it."""
        self.calls += 1
        try:
            call()
        except ALLOWED as error:
            self.refused += 1
            text = str(error)
            if not isinstance(error, KeyboardInterrupt) and (not text or len(text) > 20_000):
                self.escaped.append(f"{what}: a message of {len(text)} characters")
        except Exception as error:  # what the campaign looks for
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            self.escaped.append(f"{what}: {type(error).__name__}: {error!s:.200} ({where})")
        else:
            self.answered += 1

    def __str__(self) -> str:
        return (
            f"{self.calls} calls: {self.refused} refused, {self.answered} answered, "
            f"{len(self.escaped)} escaped"
        )


def main(run: Callable[[int, int], Record], count: int) -> None:
    """The command of a campaign: runs it, prints what escaped; exit code 1 if anything did."""
    options = campaign_parser("Bad input, seeded: what escapes is printed.", count).parse_args()
    record = run(options.seed, options.cases)
    for line in record.escaped:
        print(line)
    print(f"seed {options.seed}: {record}")
    sys.exit(1 if record.escaped else 0)
