"""Regions written to files as they are found: a folder of parts, whole at every moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base.whole_file import write_whole
from ..errors import FileFormatError, InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..search.options import RegionKeywords, SearchOptions
from ..search.partition import Partition
from ..search.stream import RegionStream, iter_regions
from .columns import partition_columns
from .table import require_parquet, write_parquet

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["write_regions"]

_FRONTIER = "frontier.json"


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
        Made if it is not there. It must be empty, or hold a run of the same search.
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
        If a file cannot be written: what was written before stays, and counts.
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
    SearchOptions.of(options, lists=True)  # before a folder is made
    write = _writer(format)
    place = _prepare(Path(folder), format)
    frontier = place / _FRONTIER
    with iter_regions(
        model,
        region,
        batch=batch,
        ordered=ordered,
        frontier=frontier,
        save_every=0.0,
        **options,
    ) as stream:
        _drop_parts(place, format, stream.frontier.batches)
        for part in stream:
            first = stream.frontier.regions
            path = place / _part_name(stream.frontier.batches, format)
            write_whole(path, partial(write, part, first))
    return stream


def _writer(format: str) -> Callable[[Partition, int, Path], object]:
    if format == "parquet":
        require_parquet()
        return _write_columns
    if format == "npz":
        return lambda part, _, path: part.save(path)
    raise InvalidInputError(f"format must be 'parquet' or 'npz', not {format!r}")


def _write_columns(part: Partition, first: int, path: Path) -> None:
    columns = partition_columns(part)
    columns["region"] = np.asarray(columns["region"]) + first
    write_parquet(columns, path)


def _part_name(number: int, format: str) -> str:
    return f"part-{number:06d}.{format}"


def _prepare(place: Path, format: str) -> Path:
    """The folder, made; an error if it holds anything that is not ours."""
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InvalidInputError(f"cannot make {place}: {problem.strerror or problem}") from None
    strange = [
        path.name
        for path in place.iterdir()
        if path.name != _FRONTIER and not path.match(f"part-*.{format}")
        if not path.name.startswith(".facetry-")  # a temporary file of a run that was killed
    ]
    if strange:
        raise FileFormatError(
            f"{place} holds {strange[0]}, which is no part of a run that writes {format}; give an "
            "empty folder or that of the same search"
        )
    # One part may be there: of a run that was killed before its first frontier. It is not counted.
    if not (place / _FRONTIER).exists() and len(list(place.glob("part-*"))) > 1:
        raise FileFormatError(f"{place} holds parts, but no {_FRONTIER} that counts them")
    return place


def _drop_parts(place: Path, format: str, counted: int) -> None:
    """Remove what a killed run left behind: parts that its frontier does not count."""
    for path in place.glob(f"part-*.{format}"):
        if path.name >= _part_name(counted, format):
            path.unlink()
    for path in place.glob(".facetry-*"):
        path.unlink()
    for number in range(counted):
        if not (place / _part_name(number, format)).exists():
            raise FileFormatError(f"{place} has lost {_part_name(number, format)}")
