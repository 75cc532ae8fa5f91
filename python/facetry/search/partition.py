"""Partitions: all linear regions of a model on an analysis region, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..base import doors
from ..base.arguments import flag_of, path_of, place_of
from ..base.printable import counted
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from .blocks import GoesOn, volumes_of
from .linear_region import (
    MOST_VOLUME_DIMENSIONS,
    FacetArrays,
    LinearRegion,
    UndecidedCut,
    compact_states,
)
from .options import RegionKeywords, SearchOptions
from .ortools_solver import load_library
from .region_arrays import Corners, FlatUnits, Halfspaces

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..base.foreign_types import Axes

__all__ = ["Partition", "partition", "validity_regions"]

Array = NDArray[np.float64]
IndexArray = NDArray[np.int64]

_BLOCK = 4096  # regions whose states are read at a time


class Partition:
    """All linear regions that a search found, in the order of their activation states.

    A sequence of `LinearRegion`. Arrays over all regions are computed when first asked for, and
    kept; slices of work over few regions are cheaper through ``partition[i]``.

    Attributes
    ----------
    model, region
        What was asked.
    domain
        The region in the core's free coordinates.
    threads
        The number of threads used for what is computed later.
    """

    def __init__(
        self,
        model: Model,
        region: AnalysisRegion,
        domain: _core.Region,
        core: _core.Partition,
        threads: int,
    ) -> None:
        self.model = model
        self.region = region
        self.domain = domain
        self.threads = threads
        self._core = core

    def __len__(self) -> int:
        return len(self._core)

    @overload
    def __getitem__(self, index: int) -> LinearRegion: ...
    @overload
    def __getitem__(self, index: slice) -> list[LinearRegion]: ...
    def __getitem__(self, index: int | slice) -> LinearRegion | list[LinearRegion]:
        if isinstance(index, slice):
            return [LinearRegion(self, i) for i in range(*index.indices(len(self)))]
        return LinearRegion(self, place_of(index, len(self), "region"))

    def __iter__(self) -> Iterator[LinearRegion]:
        return (LinearRegion(self, i) for i in range(len(self)))

    @property
    def status(self) -> str:
        """ "complete", "time_limit", "region_limit", "memory_limit" or "cancelled"."""
        return self._core.status

    @property
    def exactness(self) -> str:
        """How the regions were found: "float" or "safe"; see `facetry.partition`."""
        return self._core.exactness

    @property
    def dimension(self) -> int:
        """The free dimension k."""
        return self.domain.dimension

    @property
    def undecided(self) -> int:
        """How many cuts were too thin to be told from a tie in double precision."""
        return self._core.undecided

    @property
    def below_resolution(self) -> int:
        """How many regions were too thin for the solver of ``engine="milp"``, and found otherwise.

        They are behind facets of regions that it found, and listed with them.
        """
        return self._core.below_resolution

    @cached_property
    def undecided_cuts(self) -> tuple[UndecidedCut, ...]:
        """The first thousand undecided cuts, with their place."""
        units, boundaries, reaches, places = self._core.undecided_cuts()
        points = self.domain.origin + places @ self.domain.basis.T
        return tuple(
            UndecidedCut(self.model.unit_names[unit], int(unit), int(boundary), float(reach), point)
            for unit, boundary, reach, point in zip(units, boundaries, reaches, points, strict=True)
        )

    @cached_property
    def coverage(self) -> float:
        """The share of the region's volume that is done; NaN where volumes are not available."""
        if self.status == "complete" and self._core.ordered:
            return 1.0
        if self.dimension > MOST_VOLUME_DIMENSIONS:
            return math.nan
        return float(math.fsum(self.volumes) / self.domain.volume)

    @cached_property
    def _models(self) -> tuple[Array, Array]:
        return self._core.models(0, len(self), self.threads)

    @property
    def coef(self) -> Array:
        """Linear models with respect to all inputs: float64 (K, n, m)."""
        return self._models[0]

    @property
    def intercept(self) -> Array:
        """Linear models' intercepts: float64 (K, n)."""
        return self._models[1]

    @cached_property
    def interior_points(self) -> Array:
        """A point inside each region, in input space: float64 (K, m)."""
        return self._core.interior_points(0, len(self))

    @cached_property
    def states(self) -> NDArray[np.unsignedinteger]:
        """Activation states, uint8 (K, units); uint16 if a unit has more than 256 pieces."""
        return compact_states(self._core.states(0, len(self)))

    def state_parities(self) -> IndexArray:
        """Whether the sum of each region's states is odd, int64 (K,): 0 or 1; nothing is kept.

        It differs between neighbours, unless several units change at their facet.
        """
        blocks = range(0, len(self), _BLOCK)
        odd = [
            self._core.states(start, min(start + _BLOCK, len(self))).sum(axis=1, dtype=np.int64) % 2
            for start in blocks
        ]
        return np.concatenate([np.empty(0, dtype=np.int64), *odd])

    @cached_property
    def volumes(self) -> Array:
        """k-dimensional volumes in input units, float64 (K,); NaN above 6 free dimensions."""
        return self.volumes_while(lambda: True)

    def volumes_while(self, goes_on: GoesOn) -> Array:
        """As `volumes`, but NaN for those that are not computed when `goes_on` says no."""
        if "volumes" in self.__dict__:
            return self.volumes
        if self.dimension > MOST_VOLUME_DIMENSIONS:
            return np.full(len(self), np.nan)
        found = volumes_of(self._core, self.threads, goes_on)
        if not np.isnan(found).any():
            self.__dict__["volumes"] = found
        return found

    @cached_property
    def corners(self) -> Corners:
        """The vertices of all regions, joined; counter-clockwise in each region if k = 2.

        Raises
        ------
        InvalidInputError
            Above 6 free dimensions: there can be very many; see `LinearRegion.compute_vertices`.
        """
        if self.dimension > MOST_VOLUME_DIMENSIONS:
            raise InvalidInputError(
                f"regions in {self.dimension} dimensions can have very many vertices; "
                "call partition[i].compute_vertices() for single ones"
            )
        return Corners(*self._core.vertices(0, len(self), self.threads))

    @cached_property
    def flat_units(self) -> FlatUnits:
        """Units whose pre-activation is on a breakpoint everywhere on a region, joined.

        See `LinearRegion.flat_units`.
        """
        return FlatUnits(*self._core.flat_units(0, len(self), self.threads))

    @cached_property
    def halfspaces(self) -> Halfspaces:
        """The minimal halfspaces of all regions, joined; in the order of `facets`."""
        return Halfspaces(*self._core.halfspaces(0, len(self), self.threads))

    @cached_property
    def facets(self) -> FacetArrays:
        """What each halfspace is, for all regions, joined.

        Raises
        ------
        InvalidInputError
            If the regions come from `validity_regions`: neighbours need a search.
        """
        return FacetArrays.from_table(self._core.facet_table(0, len(self), self.threads))

    def locate(self, X: ArrayLike) -> IndexArray:
        """The index of the region that holds each point: int64 (N,).

        On a boundary the lowest of the regions there; -1 outside the analysis region, and where an
        incomplete partition has no region.

        Parameters
        ----------
        X
            Points of shape (N, m) or (N, *input_shape), or a table: see `Model.points`.
        """
        points = self.model.points(X)
        return self._core.locate(points, self.threads)

    def save(self, path: str | Path) -> None:
        """Write the partition with its model to one file, whole or not at all.

        `facetry.open` reads it back. The ending ".facetry" is customary. The regions are written
        from where they lie in memory; nothing of their size is copied.

        Raises
        ------
        InvalidInputError
            If the file cannot be written.
        FileFormatError
            If this partition comes from a file that is damaged.
        """
        doors.save(self, path_of(path, "path"))

    def check(self) -> None:
        """Check every region of a partition that was opened from a file, by reading all of it.

        Regions are checked anyway when they are first read; this tells a damaged file at once. It
        does nothing for a partition that was computed.

        Raises
        ------
        FileFormatError
            If regions differ from their checksums or do not fit the model.
        """
        self._core.check(self.threads)

    def plot(self, **options: Any) -> Axes:
        """A picture of a two-dimensional partition; see `facetry.plot_partition`."""
        axes: Axes = doors.draw(self, **options)
        return axes

    def __repr__(self) -> str:
        return (
            f"Partition({counted(len(self), 'region')} in {counted(self.dimension, 'dimension')}, "
            f"{self.status}, {self.undecided} undecided; {self.model!r})"
        )


def partition(
    model: Model,
    region: AnalysisRegion,
    *,
    engine: str = "subdivision",
    volumes: bool = False,
    **options: Unpack[RegionKeywords],
) -> Partition:
    """All linear regions of `model` on `region`, with their exact validity regions.

    Parameters
    ----------
    model
        A model from `facetry.load`.
    region
        Where the question is asked. The search runs in its k free dimensions; linear models are
        with respect to all m inputs.
    engine
        ``"subdivision"``, or ``"milp"``: the same regions found by a solver of mixed-integer
        programs (the package ortools), one solution per region. It is some thousand times
        slower, and an independent check. The solver may miss regions whose largest ball has a
        radius below 1e-5 (of the analysis region's half-width); they are found behind the facets
        of the others, and counted as `below_resolution`. Its exactness is "float".
    volumes
        Whether the search measures the regions as it finds them: `Partition.volumes` then costs
        nothing more. It takes 8 bytes a region, and 6 free dimensions or fewer. Without it they
        are found by another search when they are asked for.
    options
        ``threads``, ``time_limit``, ``memory_limit``, ``max_regions``, ``exactness``, ``cell``,
        ``cancel``, ``progress``: see `facetry.SearchOptions`. See `facetry.iter_regions` for more
        regions than fit into memory.

    Returns
    -------
    Partition
        Its `status` says whether it is complete; limits and cancellation keep what was found.
        (Ctrl-C is a KeyboardInterrupt, as everywhere in Python.)

    Raises
    ------
    RegionError
        If the region is empty, unbounded or does not fit the model.
    InvalidInputError
        If an option is unknown or out of range.
    MissingDependencyError, SolverError
        With ``engine="milp"``: ortools is missing or does not fit; its solver failed.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> found = facetry.partition(model, facetry.AnalysisRegion.box([0, 0], [1, 1]))
    >>> len(found), found.status, found.volumes.tolist()
    (2, 'complete', [0.5, 0.5])
    >>> found[1].coef.tolist(), found[1].intercept.tolist()
    ([[2.0, 2.0]], [-1.5])
    """
    how = SearchOptions.of(options, lists=True, engine=engine)
    keeps = flag_of(volumes, "volumes")
    domain = domain_of(model, region)
    if keeps and domain.dimension > MOST_VOLUME_DIMENSIONS:
        raise InvalidInputError(
            f"exact volumes are computed up to {MOST_VOLUME_DIMENSIONS} free dimensions; this "
            f"region has {domain.dimension}: leave volumes out"
        )
    with how.running() as core_options:
        if engine == "milp":
            library = load_library()
            core = _core.enumerate_by_milp(
                model.form, domain, library, core_options, max_regions=how.max_regions
            ).partition
        else:
            core = _core.subdivide(
                model.form,
                domain,
                core_options,
                max_regions=how.max_regions,
                keep_volumes=keeps,
            )
    return Partition(model, region, domain, core, how.threads)


def validity_regions(
    model: Model,
    region: AnalysisRegion,
    X: ArrayLike,
    *,
    threads: int | None = None,
    exactness: str = "safe",
) -> Partition:
    """The linear region around each point, without a search: one for each row of `X`, in order.

    A point on a boundary gets the lowest region that holds it, as `Partition.locate` says (with
    ``exactness="float"`` the one that it enters towards the middle of `region`). In the result
    `locate` and `neighbors` are not available, because the regions are not sorted.

    Raises
    ------
    InvalidInputError
        If a point is not in the analysis region, or the region is a single point.
    """
    how = SearchOptions.of({"threads": threads, "exactness": exactness})
    domain = domain_of(model, region)
    points = model.points(X)
    with how.running() as core_options:
        core = _core.validity_regions(model.form, domain, points, core_options)
    return Partition(model, region, domain, core, how.threads)
