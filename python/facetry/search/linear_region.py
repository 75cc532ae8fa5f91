"""One linear region, its facets, and the plain data they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..base.printable import printable
from ..errors import InvalidInputError
from ..models.model import Model, check_model

if TYPE_CHECKING:
    from .. import _core

__all__ = ["Facet", "FacetArrays", "LinearRegion", "TightUnit", "UndecidedCut",
           "compact_states"]  # fmt: skip

Array = NDArray[np.float64]
IndexArray = NDArray[np.int64]
UnitArray = NDArray[np.int32]

MOST_VOLUME_DIMENSIONS = 6
"""Volumes and vertices are offered up to this many free dimensions."""


@dataclass(frozen=True)
class TightUnit:
    """A unit whose hyperplane contains a facet, and the pieces on its two sides."""

    unit: int
    from_piece: int
    to_piece: int


@dataclass(frozen=True)
class Facet:
    """What one halfspace of a region is.

    Attributes
    ----------
    kind
        ``"unit"``: a boundary of a unit; ``"side"``: a side of the analysis region.
    number
        The unit; or the side: 0..m-1 the low limits, m..2m-1 the high ones, then the rows of A.
    boundary
        Of a unit: the breakpoint, or the argument of a maximum that loses. -1 for a side.
    tight
        Every unit whose hyperplane contains the facet, seen from this region.
    changes
        The units whose state differs across the facet, ascending; symmetric. () at a side.
    neighbor
        The region behind the facet; -1 at a side, or if it is not in the partition.
    """

    kind: str
    number: int
    boundary: int
    tight: tuple[TightUnit, ...]
    changes: tuple[int, ...]
    neighbor: int

    def describe(self, model: Model) -> str:
        """A few words, with the names of the model: "Relu_0[3] from 1 to 0" or "x0 >= low"."""
        check_model(model)
        if self.kind == "side":
            return printable(_side_name(model, self.number))
        names = model.unit_names
        parts = [f"{names[t.unit]} from {t.from_piece} to {t.to_piece}" for t in self.tight]
        return printable(", ".join(parts) or f"{names[self.number]} at {self.boundary}")


def _side_name(model: Model, side: int) -> str:
    m = model.input_size
    if side < m:
        return f"{model.feature_names[side]} >= low"
    if side < 2 * m:
        return f"{model.feature_names[side - m]} <= high"
    return f"constraint {side - 2 * m}"


@dataclass(frozen=True, eq=False)
class FacetArrays:
    """What the halfspaces of several regions are, joined; rows as in `Halfspaces`.

    Attributes
    ----------
    offsets
        int64 (K + 1,): region i has facets ``offsets[i] : offsets[i + 1]``.
    unit, boundary
        int32 (F,): the unit of each facet and its breakpoint or losing argument; for a side of the
        analysis region the unit is -1 and `boundary` is the number of the side (see `Facet`).
    neighbor
        int64 (F,): the region behind, or -1.
    tight_offsets, tight_unit, tight_from, tight_to
        int64 (F + 1,) and int32 (T,): facet f has the rows ``tight_offsets[f] : ...[f + 1]``.
    change_offsets, changes
        int64 (F + 1,) and (C,): the units whose state differs across each facet.
    """

    offsets: IndexArray
    unit: UnitArray
    boundary: UnitArray
    neighbor: IndexArray
    tight_offsets: IndexArray
    tight_unit: UnitArray
    tight_from: UnitArray
    tight_to: UnitArray
    change_offsets: IndexArray
    changes: IndexArray

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> FacetArrays:
        """From the core's table."""
        return cls(**table)

    def __len__(self) -> int:
        return len(self.unit)

    def facet(self, number: int) -> Facet:
        """One facet as an object."""
        tight = range(self.tight_offsets[number], self.tight_offsets[number + 1])
        changes = slice(self.change_offsets[number], self.change_offsets[number + 1])
        unit, boundary = int(self.unit[number]), int(self.boundary[number])
        side = unit < 0
        return Facet(
            kind="side" if side else "unit",
            number=boundary if side else unit,
            boundary=-1 if side else boundary,
            tight=tuple(
                TightUnit(int(self.tight_unit[t]), int(self.tight_from[t]), int(self.tight_to[t]))
                for t in tight
            ),
            changes=tuple(int(u) for u in self.changes[changes]),
            neighbor=int(self.neighbor[number]),
        )


@dataclass(frozen=True, eq=False)
class UndecidedCut:
    """A cut too thin to be told from a tie in double precision.

    Attributes
    ----------
    name, unit, boundary
        The unit, and its breakpoint (or the losing argument of a maximum).
    reach
        How far it reaches into the cell, as a share of the analysis region's half-width.
    place
        The deepest point there, in input space: float64 (m,).
    """

    name: str
    unit: int
    boundary: int
    reach: float
    place: Array


class RegionSource(Protocol):
    """What a linear region asks its partition for."""

    _core: _core.Partition

    @property
    def dimension(self) -> int:
        """The free dimension k."""
        ...


class LinearRegion:
    """One linear region of a partition; everything is computed when asked for.

    Attributes
    ----------
    partition, index
        The partition it belongs to, and its place there.
    """

    def __init__(self, partition: RegionSource, index: int) -> None:
        self.partition = partition
        self.index = index

    @property
    def _range(self) -> tuple[int, int]:
        return self.index, self.index + 1

    @cached_property
    def _linear_model(self) -> tuple[Array, Array]:
        coef, intercept = self.partition._core.models(*self._range, 1)
        return coef[0], intercept[0]

    @property
    def coef(self) -> Array:
        """The linear model with respect to all inputs: float64 (n, m)."""
        return self._linear_model[0]

    @property
    def intercept(self) -> Array:
        """Its intercepts: float64 (n,)."""
        return self._linear_model[1]

    @cached_property
    def halfspaces(self) -> tuple[Array, Array]:
        """Minimal A (F, m) and b (F,): the region is where ``A @ x <= b`` in the analysis region.

        The part of each row along the free directions has length 1.
        """
        _, A, b = self.partition._core.halfspaces(*self._range, 1)
        return A, b

    @cached_property
    def facets(self) -> tuple[Facet, ...]:
        """What each halfspace is, in the same order."""
        table = FacetArrays.from_table(self.partition._core.facet_table(*self._range, 1))
        return tuple(table.facet(f) for f in range(len(table)))

    @property
    def neighbors(self) -> IndexArray:
        """The regions that share a facet with this one, ascending: int64."""
        return np.unique([f.neighbor for f in self.facets if f.neighbor >= 0]).astype(np.int64)

    @property
    def vertices(self) -> Array:
        """The corners in input space, float64 (V, m); counter-clockwise if k = 2.

        Raises
        ------
        InvalidInputError
            Above 6 free dimensions: there can be very many; call `compute_vertices`.
        """
        if self.partition.dimension > MOST_VOLUME_DIMENSIONS:
            raise InvalidInputError(
                f"a region in {self.partition.dimension} dimensions can have very many vertices; "
                "call compute_vertices() to have them all the same"
            )
        return self.compute_vertices()

    def compute_vertices(self) -> Array:
        """The corners in input space in any dimension: float64 (V, m)."""
        _, corners = self.partition._core.vertices(*self._range, 1)
        return corners

    @property
    def volume(self) -> float:
        """The k-dimensional volume in input units; NaN above 6 free dimensions."""
        if self.partition.dimension > MOST_VOLUME_DIMENSIONS:
            return float("nan")
        return float(self.partition._core.volumes(*self._range, 1)[0])

    @property
    def interior_point(self) -> Array:
        """A point inside, in input space: float64 (m,)."""
        points = self.partition._core.interior_points(*self._range)
        return points.reshape(-1)

    @property
    def state(self) -> NDArray[np.unsignedinteger]:
        """The state of each unit: uint8 (units,), or uint16 beyond 256 pieces."""
        states = compact_states(self.partition._core.states(*self._range))
        return states.reshape(-1)

    @property
    def flat_units(self) -> IndexArray:
        """Units whose pre-activation is on a breakpoint everywhere here: int64.

        On a cut the coefficients of fixed inputs are one-sided where there are any; those along
        free directions are exact.
        """
        _, units = self.partition._core.flat_units(*self._range, 1)
        return units

    def __repr__(self) -> str:
        return f"LinearRegion({self.index} of {self.partition!r})"


def compact_states(states: NDArray[np.int32]) -> NDArray[np.unsignedinteger]:
    """States in the smallest of uint8 and uint16 that holds them."""
    wide = states.size > 0 and int(states.max()) > np.iinfo(np.uint8).max
    return states.astype(np.uint16 if wide else np.uint8)
