"""Comparison of a loaded model with another program's answer for the same file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CheckReport", "Reference", "compare"]

Array = NDArray[np.float64]
Reference = Callable[[Array], Array]
"""From points (N, m) to the network's own outputs, tail included, of shape (N, n')."""


@dataclass(frozen=True)
class CheckReport:
    """How well two evaluations of one model agree.

    Attributes
    ----------
    samples
        The number of points compared.
    max_absolute
        The largest difference between two outputs.
    max_relative
        The same, divided by the largest output there (at least 1).
    tolerance
        The largest relative difference allowed.
    program
        What computed the other outputs.
    """

    samples: int
    max_absolute: float
    max_relative: float
    tolerance: float
    program: str = "onnxruntime"

    @property
    def ok(self) -> bool:
        """Whether the outputs agree within the tolerance."""
        return self.max_relative <= self.tolerance

    def __str__(self) -> str:
        verdict = "agrees with" if self.ok else "DIFFERS from"
        return (
            f"{verdict} {self.program} at {self.samples} points: largest difference "
            f"{self.max_absolute:.2g}, relative {self.max_relative:.2g} "
            f"(allowed {self.tolerance:.2g})"
        )


def compare(
    ours: Reference, theirs: Reference, X: Array, tolerance: float, program: str
) -> CheckReport:
    """Evaluate both at the points X (N, m) and report the largest differences."""
    expected = theirs(X)
    difference = float(np.abs(ours(X) - expected).max())
    scale = max(1.0, float(np.abs(expected).max()))
    return CheckReport(len(X), difference, difference / scale, tolerance, program)
