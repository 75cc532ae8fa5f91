"""Bounds of a model's outputs and pre-activations on an analysis region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.arguments import chosen_of
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of

__all__ = ["Bounds", "bounds"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Bounds:
    """What a model's values cannot leave on an analysis region; proven, rounding included.

    Attributes
    ----------
    method
        How they were found.
    output_low, output_high
        float64 (n,): below and above each output (logit).
    low, high
        For each stage of the normal form, float64 (rows,): below and above its pre-activations. A
        unit reads one row, or one for each argument of a maximum.
    """

    method: str
    output_low: Array
    output_high: Array
    low: tuple[Array, ...]
    high: tuple[Array, ...]

    def __repr__(self) -> str:
        widest = float(np.max(self.output_high - self.output_low, initial=0.0))
        return f"Bounds({self.method}; {len(self.output_low)} outputs, widest {widest:.6g})"


def bounds(model: Model, region: AnalysisRegion, method: str = "combined") -> Bounds:
    """Sound bounds of the outputs and of all pre-activations of `model` on `region`.

    No search: the time is that of a few passes through the network, and the bounds get wide for
    large regions and deep networks. `Explainer.maximum` finds the exact limits of an output.

    Parameters
    ----------
    model
        A model from `facetry.load`.
    region
        Where. Constraints that are not sides of the box around the region (in its free
        coordinates) count only as far as that box does.
    method
        ``"interval"``: interval arithmetic. ``"forward"``: every value between two linear functions
        of the region's k free coordinates. ``"backward"``: linear functions of each layer's values,
        pulled back to the inputs (as CROWN does, for every kind of unit). ``"combined"``: the best
        of all, the dearest and as a rule the tightest.

    Raises
    ------
    RegionError
        If the region is empty, unbounded or does not fit the model.
    InvalidInputError
        For another method.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0], [1.0, -1.0]], [3.0, 3.0]), ([[1.0, -1.0]], [0.0])])
    >>> square = facetry.AnalysisRegion.box([-1, -1], [1, 1])
    >>> for method in ("interval", "backward"):  # the output is 2 y: both units are always on
    ...     found = facetry.bounds(model, square, method)
    ...     print(found.output_low.round(9).tolist(), found.output_high.round(9).tolist())
    [-4.0] [4.0]
    [-2.0] [2.0]
    """
    domain = domain_of(model, region)
    chosen_of(method, "method", ("interval", "forward", "backward", "combined"))
    found = _core.bounds(model.form, domain, method)
    return Bounds(method, found.output_low, found.output_high, tuple(found.low), tuple(found.high))
