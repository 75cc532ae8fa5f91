"""Regions as they are found: batches of bounded memory, searches that stop and go on."""

from __future__ import annotations

import atexit
import time
import weakref
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from .. import _core
from ..base.arguments import chosen_of, flag_of, path_of, shown
from ..base.checks import count_or_none, seconds_or_none
from ..base.file_lock import only_writer
from ..base.printable import counted
from ..errors import FacetryError, InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from .frontier import Frontier
from .linear_region import MOST_VOLUME_DIMENSIONS
from .options import RegionKeywords, SearchOptions
from .partition import Partition

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["RegionStream", "iter_regions"]

COLUMNS = ("volumes", "halfspaces", "coef", "corners")
_PATIENCE = 0.05  # seconds between two looks at progress and cancellation


def iter_regions(
    model: Model,
    region: AnalysisRegion,
    *,
    batch: int = 65536,
    ordered: bool = True,
    columns: Sequence[str] = (),
    frontier: Frontier | str | Path | None = None,
    save_every: float = 10.0,
    **options: Unpack[RegionKeywords],
) -> RegionStream:
    """All linear regions of `model` on `region`, batch by batch, without holding them.

    Parameters
    ----------
    model, region
        As in `facetry.partition`.
    batch
        The most regions in a batch.
    ordered
        True: batches come in the order of the states, as in a partition. False: as they are found,
        each batch in order within itself; threads then never wait for each other.
    columns
        What every batch is to have when it comes: any of ``"volumes"`` (measured by the search as
        it finds the regions), ``"halfspaces"``, ``"coef"`` and ``"corners"``. The rest is computed
        when it is first asked for.
    frontier
        Where to go on. A `Frontier`; or a path, which is read if it exists, and to which the
        frontier is written every `save_every` seconds and at the end, so that a search that was
        killed goes on from there. A batch counts as taken when the next one is asked for, or when
        the stream is closed without an exception. Until the stream is over or closed no other
        search can use the path.
    save_every
        Seconds; 0 saves after every batch.
    options
        As in `facetry.partition`; see `facetry.SearchOptions`. A limit ends the stream early; its
        `status` says so and its `frontier` is where to go on. `time_limit` is of all the time from
        this call on, what the caller does with the batches included: after it none is handed out
        (but one, if there was none before, so that every run gets further), and what was found
        beyond is found again from the frontier. Ctrl-C is a KeyboardInterrupt, after which the
        stream is over and its frontier is where to go on. `memory_limit` is of
        regions that wait until earlier ones are found (only when ordered; default 64 MiB): threads
        that would exceed it help with the earlier regions instead.

    Returns
    -------
    RegionStream
        An iterator of `Partition` objects, one for each batch. `locate` and the neighbours of a
        batch know the regions of that batch only. Its `status` is "region_limit", or "complete"
        if it holds all regions.

    Raises
    ------
    FileFormatError
        If the frontier's file is damaged, or belongs to another model, region, cell kind or
        exactness.
    InvalidInputError
        As in `facetry.partition`; and if another search writes to the frontier's file.
    RegionError
        As in `facetry.partition`.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> box = facetry.AnalysisRegion.box([0, 0], [1, 1])
    >>> with facetry.iter_regions(model, box, batch=1) as stream:
    ...     [(len(part), part.volumes.tolist()) for part in stream]
    [(1, [0.5]), (1, [0.5])]
    >>> stream.status, stream.regions
    ('complete', 2)
    """
    return RegionStream(
        model,
        region,
        SearchOptions.of(options, lists=True),
        batch=count_or_none(batch, "batch") or 1,
        ordered=flag_of(ordered, "ordered"),
        columns=columns_of(columns),
        frontier=frontier,
        save_every=seconds_or_none(save_every, "save_every") or 0.0,
    )


def columns_of(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that a stream is asked for, each once.

    Raises
    ------
    InvalidInputError
        For a name that is none.

    Examples
    --------
    >>> columns_of(["volumes", "coef", "volumes"])
    ('volumes', 'coef')
    """
    if isinstance(columns, str) or not isinstance(columns, Sequence):
        raise InvalidInputError(f"columns must be a list of names, not {shown(columns)}")
    return tuple(dict.fromkeys(chosen_of(name, "a column", COLUMNS) for name in columns))


def check_columns(columns: tuple[str, ...], dimension: int) -> None:
    """Raise InvalidInputError for columns that regions of so many dimensions do not have."""
    low = [name for name in columns if name in ("volumes", "corners")]
    if low and dimension > MOST_VOLUME_DIMENSIONS:
        raise InvalidInputError(
            f"exact {low[0]} are computed up to {MOST_VOLUME_DIMENSIONS} free dimensions; this "
            f"region has {dimension}: leave {low[0]} out of columns"
        )


class RegionStream:
    """A search that yields its regions in batches; see `facetry.iter_regions`.

    A context manager: leaving it stops the search.

    Attributes
    ----------
    model, region
        What is asked.
    """

    def __init__(
        self,
        model: Model,
        region: AnalysisRegion,
        options: SearchOptions,
        *,
        batch: int,
        ordered: bool,
        columns: tuple[str, ...],
        frontier: Frontier | str | Path | None,
        save_every: float,
        lock: bool = True,
        anew: str = "delete it or name another file",
    ) -> None:
        self.model = model
        self.region = region
        self._domain = domain_of(model, region)
        self._columns = columns
        check_columns(columns, self._domain.dimension)
        self._threads = options.threads
        limit = options.time_limit
        self._deadline = None if limit is None else time.monotonic() + limit
        self._handed_out = False
        self._path = _path_of(frontier)
        self._save_every = save_every
        self._saved = time.monotonic()
        own = _core.fingerprint(model.form, self._domain, options.core())
        with ExitStack() as stack:
            if lock and self._path is not None:
                stack.enter_context(only_writer(self._path))
            self._done = self._start(frontier, own, anew)
            self._report = stack.enter_context(options.reporting())
            self._exit = stack.pop_all()
        self._before = self._done.regions
        self._taken = self._done  # with the batch that the caller has now
        self._status = "complete" if self._done.complete else "running"
        self._share = 1.0 if self._done.complete else 0.0
        self._core: _core.Stream | None = None
        if not self._done.complete:
            left = list(self._done.intervals)
            self._core = _core.Stream(
                model.form,
                self._domain,
                options.core(),
                max_regions=options.max_regions,
                batch=batch,
                ordered=ordered,
                frontier=[] if left == [_WHOLE] else left,
                keep_volumes="volumes" in columns,
            )
            _running.add(self)

    def _start(self, frontier: Frontier | str | Path | None, own: int, anew: str) -> Frontier:
        if isinstance(frontier, Frontier):
            frontier.require(own, "the frontier")
            return frontier
        if self._path is not None and self._path.exists():
            found = Frontier.open(self._path)
            found.require(own, str(self._path), anew)
            return found
        return Frontier(own, (_WHOLE,))

    def __iter__(self) -> RegionStream:
        return self

    def __next__(self) -> Partition:
        self._finish_batch()
        try:
            part = self._next_batch()
        except BaseException:  # Ctrl-C, or what a progress function raised
            self._abandon("cancelled")
            raise
        if part is None:
            raise StopIteration
        self._handed_out = True
        return part

    def _next_batch(self) -> Partition | None:
        """The next batch that has regions, or None if the search is over."""
        while self._core is not None:
            if self._handed_out and self._is_late():
                self._abandon("time_limit")
                break
            found = self._core.next(_PATIENCE)
            if found is None and self._core.ended:
                self._end(self._core)
                break
            self._watch(self._core)
            if found is None:
                continue
            core, intervals, self._share = found
            part = Partition(self.model, self.region, self._domain, core, self._threads)
            self._taken = Frontier(
                self._done.fingerprint,
                tuple(intervals),
                self._done.regions + len(part),
                self._done.batches + (1 if len(part) > 0 else 0),
                self._done.undecided + part.undecided,
            )
            if len(part) > 0:
                for column in self._columns:
                    getattr(part, column)  # it is kept
                return part
            self._done = self._taken  # only undecided cuts
        return None

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _watch(self, core: _core.Stream) -> None:
        if self._report is not None:
            regions, share = core.progress
            if not self._report(self._done.regions + regions, max(share, self._share)):
                core.cancel()

    def _finish_batch(self) -> None:
        """The caller is done with the batch it had."""
        if self._taken is self._done:
            return
        self._done = self._taken
        if self._path is not None and time.monotonic() - self._saved >= self._save_every:
            self._save()

    def _save(self) -> None:
        if self._path is not None:
            self._done.save(self._path)
            self._saved = time.monotonic()

    def _end(self, core: _core.Stream) -> None:
        """The search is over, and all its batches are taken."""
        self._status, intervals = core.end()
        self._done = Frontier(
            self._done.fingerprint,
            tuple(intervals),
            self._done.regions,
            self._done.batches,
            self._done.undecided,
        )
        self._taken = self._done
        self._core = None
        if self._done.complete:
            self._share = 1.0
        self._save()
        self._exit.close()

    def close(self) -> None:
        """Stop the search; the batch at hand counts as taken. Does nothing if it is over."""
        self._finish_batch()
        self._stop("cancelled")

    def _abandon(self, status: str) -> None:
        """Stop the search; the batch at hand does not count."""
        self._taken = self._done
        self._stop(status)

    def _stop(self, status: str) -> None:
        if self._core is not None:
            core, self._core = self._core, None
            core.cancel()
            del core  # waits
            self._status = status
            self._save()
        self._exit.close()

    def __enter__(self) -> RegionStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:  # the batch at hand is not done with
            self._abandon("cancelled")

    @property
    def status(self) -> str:
        """ "running", or why the search ended: as in `Partition.status`."""
        return self._status

    @property
    def regions(self) -> int:
        """How many regions were delivered, with those before the frontier it started from."""
        return self._taken.regions

    @property
    def undecided(self) -> int:
        """How many undecided cuts there are among them."""
        return self._taken.undecided

    @property
    def share_done(self) -> float:
        """An estimate of the share that is delivered: each cut of the search counts as halves."""
        return self._share

    @property
    def regions_before(self) -> int:
        """How many regions earlier runs had taken, by the frontier that it started from."""
        return self._before

    @property
    def frontier(self) -> Frontier:
        """What is left after the batches that are done with."""
        return self._done

    def __repr__(self) -> str:
        return f"RegionStream({counted(self.regions, 'region')}, {self.status}; {self.model!r})"


def _path_of(frontier: Frontier | str | Path | None) -> Path | None:
    if frontier is None or isinstance(frontier, Frontier):
        return None
    return path_of(frontier, "frontier")


_running: weakref.WeakSet[RegionStream] = weakref.WeakSet()


def _stop_all() -> None:
    """The interpreter ends: no search is to run on in the threads of the core."""
    for stream in list(_running):
        with suppress(FacetryError):  # of a frontier that cannot be saved any more
            stream._abandon("cancelled")


atexit.register(_stop_all)

_WHOLE: tuple[list[int], list[int], list[int], float, float] = ([], [], [], 0.0, 1.0)
