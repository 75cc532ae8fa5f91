"""Saved partitions: one file holds the model, the analysis region and the regions found.

The file is an archive of numpy arrays (see `facetry.files.array_file`): a description in JSON, the
bytes of a model file (`facetry.files.model_file`), and the regions. Model and description are read
and checked when a file is opened. The arrays of regions are mapped into memory, and each block of
4096 regions is checked by the core when it is first read: against its checksums, and whether it
fits the model. A facet is one number: of a side of the region ``-2**31 + 1 + side``, of a unit's
boundary its place among the boundaries of all units.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.doors import save
from ..base.whole_file import write_whole
from ..errors import FacetryError, FileFormatError
from ..regions.analysis_region import AnalysisRegion
from ..search.options import resolve_threads
from ..search.partition import Partition
from .array_file import ArrayFile, write_arrays
from .model_file import model_from_bytes, model_to_bytes

__all__ = ["open_partition", "save_partition"]

_FORMAT = "facetry partition"
_VERSION = 3
_NUMBERS = ("words", "dimension", "undecided_count", "below_resolution")
_MAPPED: dict[str, np.dtype[Any]] = {
    "states": np.dtype("<u8"),
    "interior": np.dtype("<f8"),
    "facet_offsets": np.dtype("<i8"),
    "facets": np.dtype("<i4"),
    "checksums": np.dtype("<u8"),
}
# What rebuilding a partition from odd values raises, the conversions of the core included.
_STRANGE = (FacetryError, LookupError, TypeError, ValueError, AttributeError, OverflowError,
            RuntimeError, zipfile.BadZipFile)  # fmt: skip
_UNDECIDED = ("undecided_boundary", "undecided_reach", "undecided_place")


@save.way_of(Partition)
def save_partition(partition: Partition, path: Path) -> None:
    """See `Partition.save`."""
    core = partition._core
    checksums = core.checksums(partition.threads)  # first: they check what comes from a file
    raw = core.raw() | {"checksums": checksums}
    arrays: dict[str, NDArray[Any]] = {
        f"regions.{name}": raw[name] for name in (*_MAPPED, *_UNDECIDED)
    }
    description = {
        "format": _FORMAT,
        "version": _VERSION,
        "status": partition.status,
        "ordered": core.ordered,
        "exactness": partition.exactness,
        "region": partition.region.to_dict(),
        "regions": {name: int(raw[name]) for name in _NUMBERS},
        "sizes": {name: raw[name].size for name in _MAPPED},
    }
    model = model_to_bytes(partition.model)
    arrays["model"] = np.frombuffer(model, dtype=np.uint8)
    arrays["description"] = np.frombuffer(json.dumps(description).encode(), dtype=np.uint8)
    write_whole(path, lambda temporary: write_arrays(temporary, arrays))


def open_partition(name: Path, *, verify: bool = False) -> Partition:
    """See `facetry.open`."""
    try:
        file = ArrayFile(name)
        description = json.loads(file.read("description").tobytes())
    except FileNotFoundError:
        raise FileFormatError(f"{name}: no such file") from None
    except (OSError, ValueError, RecursionError, zipfile.BadZipFile) as problem:
        raise FileFormatError(f"{name} is not a whole facetry partition: {problem}") from None
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise FileFormatError(f"{name} is not a facetry partition")
    if description.get("version") != _VERSION:
        raise FileFormatError(
            f"{name} has version {description.get('version')} of the format; this release reads "
            f"version {_VERSION}: compute the partition again, or use the release that saved it"
        )
    try:
        partition = _rebuild(name, description, file)
        if verify:
            file.check()
            partition.check()
    except FileFormatError:
        raise
    except _STRANGE as problem:
        first = next(iter(str(problem).splitlines()), "")
        raise FileFormatError(f"{name} is damaged: {first}") from None
    return partition


def _rebuild(name: Path, description: dict[str, Any], file: ArrayFile) -> Partition:
    model = model_from_bytes(file.read("model").tobytes(), str(name))
    region = AnalysisRegion.from_dict(description["region"])
    domain = region.resolve(model)
    arrays: dict[str, Any] = dict(description["regions"])
    for array, dtype in _MAPPED.items():
        arrays[array] = file.map(f"regions.{array}", dtype, description["sizes"][array])
    for array in _UNDECIDED:
        arrays[array] = file.read(f"regions.{array}")
    core = _core.Partition.from_raw(
        model.form,
        domain,
        arrays,
        description["status"],
        description["ordered"],
        description["exactness"],
        str(name),
    )
    return Partition(model, region, domain, core, resolve_threads(None))
