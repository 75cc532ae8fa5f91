"""Regions written to files as they are found: a folder of parts, whole at every moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base.arguments import chosen_of, flag_of, path_of
from ..base.checks import count_or_none
from ..base.file_lock import LOCK_ENDING, only_writer
from ..base.whole_file import write_whole
from ..errors import FileFormatError, InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from ..search.frontier import Frontier
from ..search.linear_region import MOST_VOLUME_DIMENSIONS
from ..search.options import RegionKeywords, SearchOptions
from ..search.partition import Partition
from ..search.stream import RegionStream
from .columns import partition_columns
from .partition_file import open_partition
from .table import has_mark, require_parquet, write_parquet

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["write_regions"]

_FRONTIER = "frontier.json"
_MARK = "facetry regions"


def write_regions(
    model: Model,
    region: AnalysisRegion,
    folder: str | Path,
    *,
    format: str = "parquet",
    batch: int = 65536,
    ordered: bool = True,
    **options: Unpack[RegionKeywords],
) -> RegionStream:
    """Write all linear regions to a folder of part files, without holding them.

    Each batch becomes a file ``part-000000.parquet``, ...: first the part is written, whole or not
    at all, then the frontier ``frontier.json`` that counts it. A run that was stopped, killed or
    ran out of disk goes on where it was when it is called again; a part that the frontier does not
    count is written anew. So nothing is lost and nothing repeated.

    Parameters
    ----------
    model, region
        What is asked.
    folder
        Made if it is not there. It must be empty, or hold a run of the same search. Nothing in it
        is touched but the parts and the frontier; while a run writes, another one is refused.
    format
        ``"parquet"`` (needs pyarrow): the columns of ``facetry partition -o``, with the number of
        the region over all parts; or ``"npz"``: the partitions themselves, for `facetry.open`.
    batch, ordered, options
        As in `facetry.iter_regions`.

    Returns
    -------
    RegionStream
        The stream, ended: its `status`, `regions`, `undecided` and `frontier`.

    Raises
    ------
    InvalidInputError
        If a file cannot be written: what was written before stays, and counts. And if another run
        writes to the folder.
    FileFormatError
        If the folder holds something else, or another search.

    Examples
    --------
    >>> import facetry, tempfile
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> box = facetry.AnalysisRegion.box([0, 0], [1, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = facetry.write_regions(model, box, folder, format="npz", batch=1)
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['frontier.json', 'part-000000.npz', 'part-000001.npz']
    >>> done.status, done.regions
    ('complete', 2)
    """
    for name in ("frontier", "save_every"):
        if name in options:
            raise InvalidInputError(f"write_regions keeps its own frontier; leave {name} out")
    how = SearchOptions.of(options, lists=True)  # before a folder is made
    size = count_or_none(batch, "batch") or 1
    ordered = flag_of(ordered, "ordered")
    place = path_of(folder, "folder")
    write = _writer(chosen_of(format, "format", ("parquet", "npz")))
    dimension = domain_of(model, region).dimension
    measured = format == "parquet" and dimension <= MOST_VOLUME_DIMENSIONS
    place = _made(place)
    frontier = place / _FRONTIER
    with only_writer(frontier):
        _check_folder(place, format)
        with RegionStream(
            model,
            region,
            how,
            batch=size,
            ordered=ordered,
            columns=("volumes",) if measured else (),
            frontier=frontier,
            save_every=0.0,
            lock=False,
            anew=f"delete the folder {place} or give another one",
        ) as stream:
            _check_parts(place, format, stream.frontier)
            if not frontier.exists():  # from now on parts are known to be ours
                stream.frontier.save(frontier)
            for part in stream:
                first = stream.frontier.regions
                path = place / _part_name(stream.frontier.batches, format)
                write_whole(path, partial(write, part, first), temporary=_temporary(path))
    return stream


def _writer(format: str) -> Callable[[Partition, int, Path], object]:
    if format == "parquet":
        require_parquet()
        return _write_columns
    return lambda part, _, path: part.save(path)


def _write_columns(part: Partition, first: int, path: Path) -> None:
    columns = partition_columns(part)
    columns["region"] = np.asarray(columns["region"]) + first
    write_parquet(columns, path, _MARK)


def _part_name(number: int, format: str) -> str:
    return f"part-{number:06d}.{format}"


def _part_number(name: str, format: str) -> int | None:
    """The number of a part, or None for any other name."""
    found = re.fullmatch(rf"part-(\d{{6,18}})\.{format}", name)
    number = int(found[1]) if found else -1
    return number if name == _part_name(number, format) else None


def _temporary(part: Path) -> Path:
    """Where a part is written first. A run that was killed may leave one; the next replaces it."""
    return part.with_name(f".facetry-{part.name}")


def _made(place: Path) -> Path:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InvalidInputError(f"cannot make {place}: {problem.strerror or problem}") from None
    return place


def _check_folder(place: Path, format: str) -> None:
    """An error if the folder holds anything that is not ours. Names with a dot do not matter."""
    own = {_FRONTIER, _FRONTIER + LOCK_ENDING}
    names = sorted(path.name for path in place.iterdir())
    parts = [name for name in names if _part_number(name, format) is not None]
    strange = [name for name in names if name not in own and not name.startswith(".")]
    strange = [name for name in strange if name not in parts]
    if strange:
        raise FileFormatError(
            f"{place} holds {strange[0]}, which is no part of a run that writes {format}; give "
            "the folder of the same search, or, to start anew, another or an empty one"
        )
    if parts and not (place / _FRONTIER).exists():
        raise FileFormatError(
            f"{place} holds {parts[0]}, but no {_FRONTIER} that counts it; to "
            "start anew, give another or an empty folder"
        )


def _check_parts(place: Path, format: str, frontier: Frontier) -> None:
    """An error unless the parts are those that are counted.

    One more may be there: of a run that was killed before it was counted. It is written anew.
    """
    counted = frontier.batches
    found = {_part_number(path.name, format) for path in place.iterdir()} - {None}
    missing = [number for number in range(counted) if number not in found]
    if missing:
        raise FileFormatError(
            f"{place} has lost {_part_name(missing[0], format)}; put it back, or start anew: "
            "delete the folder or give another one"
        )
    for number in sorted(number for number in found if number is not None and number >= counted):
        path = place / _part_name(number, format)
        if number > counted or not _is_ours(path, format):
            raise FileFormatError(
                f"{path} is not of this run, which has written {counted} parts; move it away"
            )


def _is_ours(path: Path, format: str) -> bool:
    """Whether a part that is not counted was written by a run, and not by anyone else."""
    if format == "parquet":
        return has_mark(path, _MARK)
    try:
        return isinstance(open_partition(path), Partition)
    except FileFormatError:
        return False
