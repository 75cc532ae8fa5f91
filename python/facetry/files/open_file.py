"""The front door of saved things: finds out what a file holds."""

from __future__ import annotations

from pathlib import Path

from ..base.arguments import flag_of, path_of
from ..base.read_limits import ReadLimits, limits_of
from ..errors import FileFormatError, InvalidInputError
from ..models.model import Model
from ..search.partition import Partition
from .model_file import MAGIC, open_model
from .partition_file import open_partition

__all__ = ["open_file"]


def open_file(
    path: str | Path, *, verify: bool = False, limits: ReadLimits | None = None
) -> Model | Partition:
    """Open what `Model.save` or `Partition.save` wrote: the model, or the partition with its model.

    A partition's file is mapped into memory: opening takes milliseconds however many regions it
    holds, and memory is used for what is read. Regions are checked when they are first read,
    against checksums and against the model: where damage would matter, that call raises
    `FileFormatError`. Checksums tell accidents, not forgery; but nothing in a file can make a call
    read beside it.

    Parameters
    ----------
    path
        The file.
    verify
        Of a partition: check all of the file now, at the cost of reading it; see also
        `Partition.check`.
    limits
        Of a model, which may be packed with gzip: how much it may hold; see `facetry.ReadLimits`.

    Raises
    ------
    FileFormatError
        If the file is missing, foreign, truncated or damaged, or of another version of the format.

    Notes
    -----
    While a partition is in use its file must not be changed in place or truncated: what was
    checked would change, and reading behind the end of a truncated file ends the process (SIGBUS).
    Replacing the file as a whole, as `Partition.save` does, or deleting it is safe on Linux and
    macOS; Windows refuses both until the partition is gone.

    Examples
    --------
    >>> import facetry, tempfile
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> found = facetry.partition(model, facetry.AnalysisRegion.box([0, 0], [1, 1]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found.save(Path(folder) / "two.facetry")
    ...     again = facetry.open(Path(folder) / "two.facetry")
    >>> len(again), again.volumes.tolist()
    (2, [0.5, 0.5])
    """
    name = path_of(path, "path", error=FileFormatError)
    verify = flag_of(verify, "verify")
    limits = limits_of(limits)
    packed = _begins_with(name, b"\x1f\x8b")
    if not packed and not _begins_with(name, MAGIC):
        return open_partition(name, verify=verify)
    if verify:
        raise InvalidInputError(f"{name} holds a model, which is always checked; leave verify out")
    return open_model(name, limits)


def _begins_with(path: Path, start: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(start)) == start
    except OSError:
        return False  # the reader of partitions says what is wrong
