"""Partitions: all linear regions of a model on an analysis region, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..base.checks import count_or_none, points_array, seconds_or_none
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from .linear_region import MOST_VOLUME_DIMENSIONS, FacetArrays, LinearRegion, UndecidedCut
from .milp_engine import search_by_milp
from .progress import CancelFlag, ProgressCallback, progress_reporter, watched

__all__ = ["Corners", "FlatUnits", "Halfspaces", "Partition", "partition", "validity_regions"]

Array = NDArray[np.float64]
IndexArray = NDArray[np.int64]


class Halfspaces(NamedTuple):
    """The minimal halfspaces of several regions, joined.

    Attributes
    ----------
    offsets
        int64 (K + 1,): region i has rows ``offsets[i] : offsets[i + 1]``.
    A, b
        float64 (F, m) and (F,): ``A @ x <= b``. The part of each row along the free directions has
        length 1, so ``b - A @ x`` is a distance within the analysis region.
    """

    offsets: IndexArray
    A: Array
    b: Array


class Corners(NamedTuple):
    """The vertices of several regions, joined.

    Attributes
    ----------
    offsets
        int64 (K + 1,): region i has rows ``offsets[i] : offsets[i + 1]``.
    points
        float64 (V, m), in input space.
    """

    offsets: IndexArray
    points: Array


class FlatUnits(NamedTuple):
    """The flat units of several regions, joined.

    Attributes
    ----------
    offsets
        int64 (K + 1,): region i has elements ``offsets[i] : offsets[i + 1]``.
    units
        int64 (F,): numbers of units.
    """

    offsets: IndexArray
    units: IndexArray


def partition(
    model: Model,
    region: AnalysisRegion,
    *,
    threads: int | None = None,
    time_limit: float | None = None,
    max_regions: int | None = None,
    memory_limit: int | None = None,
    progress: bool | ProgressCallback = False,
    cancel: CancelFlag | None = None,
    cell: str = "auto",
    exactness: str | None = None,
    engine: str = "subdivision",
) -> Partition:
    """All linear regions of `model` on `region`, with their exact validity regions.

    Parameters
    ----------
    model
        A model from `facetry.load`.
    region
        Where the question is asked. The search runs in its k free dimensions; linear models are
        with respect to all m inputs.
    threads
        How many threads to use; all processors if left out. The result is the same for any number.
    time_limit
        Seconds after which the search stops and returns what it found.
    max_regions
        The search returns the first this many regions, in the order of their states.
    memory_limit
        The search stops when the regions found take this many bytes. See `facetry.iter_regions` for
        more regions than fit.
    progress
        True shows a progress bar (needs the package tqdm); or a function ``f(regions, share)``
        called about 20 times a second with the regions found and an estimate of the share done
        (each cut of the search counts as halves), which cancels by returning False.
    cancel
        A `threading.Event`: the search stops soon after it is set, by any thread.
    cell
        ``"auto"``, ``"polygons"``, ``"vertices"`` or ``"lp"``: how cells are held. "auto" takes
        polygons in 1 and 2 free dimensions, vertex lists up to 7 and linear programs above.
    exactness
        ``"float"`` searches in double precision: a cut counts if the cell reaches at least 1e-9 (of
        the analysis region's half-width) beyond it on both sides, and thinner ones are counted as
        `undecided`. ``"safe"`` proves every "cannot cut here" and the interior of every region
        with bounds of all rounding, and decides in exact arithmetic on the stored numbers what they
        leave open: nothing is undecided, and regions may be as thin as the numbers make them.
        Left out, it is "safe"; with ``engine="milp"`` there is only "float".
    engine
        ``"subdivision"``, or ``"milp"``: the same regions found by a solver of mixed-integer
        programs (the package ortools), one solution per region. It is some thousand times
        slower, and an independent check. The solver may miss regions whose largest ball has a
        radius below 1e-5 (of the analysis region's half-width); they are found behind the facets
        of the others, and counted as `below_resolution`.

    Returns
    -------
    Partition
        Its `status` says whether it is complete; Ctrl-C and limits keep what was found.

    Raises
    ------
    RegionError
        If the region is empty, unbounded or does not fit the model.
    InvalidInputError
        If an option is out of range.
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
    limit = count_or_none(max_regions, "max_regions")
    seconds = seconds_or_none(time_limit, "time_limit")
    memory = count_or_none(memory_limit, "memory_limit")
    workers = resolve_threads(threads)
    level = exactness_of(engine, cell, exactness)
    domain = region.resolve(model)
    with progress_reporter(progress) as report:
        poll = watched(report, cancel)
        if engine == "milp":
            core = search_by_milp(
                model,
                domain,
                threads=workers,
                time_limit=seconds,
                max_regions=limit,
                progress=poll,
                memory_limit=memory,
            )
        else:
            core = _core.subdivide(
                model.form, domain, workers, seconds, limit, cell, poll, memory, level
            )
    return Partition(model, region, domain, core, workers)


def exactness_of(engine: str, cell: str, exactness: str | None) -> str:
    """The level of exactness that is meant, if it fits the engine."""
    if engine not in ("subdivision", "milp"):
        raise InvalidInputError(f"engine must be 'subdivision' or 'milp', not {engine!r}")
    if engine == "milp" and (cell != "auto" or exactness not in (None, "float")):
        raise InvalidInputError("cell and exactness are options of engine='subdivision'")
    if exactness is None:
        return "float" if engine == "milp" else "safe"
    return exactness


def validity_regions(
    model: Model, region: AnalysisRegion, X: ArrayLike, *, threads: int | None = None
) -> Partition:
    """The linear region around each point, without a search: one for each row of `X`, in order.

    A point on a boundary gets the region it enters towards the middle of `region`. In the result
    `locate` and `neighbors` are not available, because the regions are not sorted.

    Raises
    ------
    InvalidInputError
        If a point is not in the analysis region, or the region is a single point.
    """
    workers = resolve_threads(threads)
    domain = region.resolve(model)
    points = points_array(X, model.input_size)
    core = _core.validity_regions(model.form, domain, points, workers)
    return Partition(model, region, domain, core, workers)


def resolve_threads(threads: int | None) -> int:
    """The number of threads to use: the one given, or all processors."""
    if threads is None:
        return int(_core.available_threads())
    return count_or_none(threads, "threads") or 1


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
        position = int(index) + len(self) if index < 0 else int(index)
        if not 0 <= position < len(self):
            raise IndexError(f"region {index} of a partition with {len(self)} regions")
        return LinearRegion(self, position)

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

    @cached_property
    def volumes(self) -> Array:
        """k-dimensional volumes in input units, float64 (K,); NaN above 6 free dimensions."""
        if self.dimension > MOST_VOLUME_DIMENSIONS:
            return np.full(len(self), np.nan)
        return self._core.volumes(0, len(self), self.threads)

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
            Points of shape (N, m) or (N, *input_shape).
        """
        points = points_array(X, self.model.input_size)
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
        from ..files.partition_file import save_partition

        save_partition(self, Path(path))

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

    def plot(self, **options: object) -> object:
        """A picture of a two-dimensional partition; see `facetry.plot_partition`."""
        from ..show.plot import plot_partition

        plot: Callable[..., object] = plot_partition
        return plot(self, **options)

    def __repr__(self) -> str:
        return (
            f"Partition({len(self)} regions in {self.dimension} dimensions, {self.status}, "
            f"{self.undecided} undecided; {self.model!r})"
        )


def compact_states(states: NDArray[np.int32]) -> NDArray[np.unsignedinteger]:
    """States in the smallest of uint8 and uint16 that holds them."""
    wide = states.size > 0 and int(states.max()) > np.iinfo(np.uint8).max
    return states.astype(np.uint16 if wide else np.uint8)
