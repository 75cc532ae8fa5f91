"""Saved partitions: one file holds the model, the analysis region and the regions found.

The file is an archive of numpy arrays (see `facetry.files.array_file`) with a description in JSON.
Model and description are read and checked when a file is opened. The arrays of regions are mapped
into memory, and each block of 4096 regions is checked by the core when it is first read: against
its checksums, and whether it fits the model. A facet is one number: of a side of the region
``-2**31 + 1 + side``, of a unit's boundary its place among the boundaries of all units.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.doors import save
from ..base.whole_file import write_whole
from ..errors import FacetryError, FileFormatError
from ..models.decision import Decision
from ..models.model import Model
from ..models.tail import Tail, TailPart, TailStep
from ..regions.analysis_region import AnalysisRegion
from ..search.options import resolve_threads
from ..search.partition import Partition
from .array_file import ArrayFile, write_arrays

__all__ = ["open_partition", "save_partition"]

_FORMAT = "facetry partition"
_VERSION = 2
_NUMBERS = ("words", "dimension", "undecided_count", "below_resolution")
_MAPPED: dict[str, np.dtype[Any]] = {
    "states": np.dtype("<u8"),
    "interior": np.dtype("<f8"),
    "facet_offsets": np.dtype("<i8"),
    "facets": np.dtype("<i4"),
    "checksums": np.dtype("<u8"),
}
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
        "model": _describe_model(partition.model, arrays),
    }
    arrays["description"] = np.frombuffer(json.dumps(description).encode(), dtype=np.uint8)
    write_whole(path, lambda temporary: write_arrays(temporary, arrays))


def open_partition(path: str | Path, *, verify: bool = False) -> Partition:
    """Open a partition that `Partition.save` wrote, with its model, without reading the regions.

    The file is mapped into memory: opening takes milliseconds however many regions it holds, and
    memory is used for what is read. Regions are checked when they are first read, against
    checksums and against the model: where damage would matter, that call raises `FileFormatError`.
    Checksums tell accidents, not forgery; but nothing in a file can make a call read beside it.

    Parameters
    ----------
    path
        The file.
    verify
        Check all of the file now, at the cost of reading it; see also `Partition.check`.

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
    name = Path(path)
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
    except (FacetryError, LookupError, TypeError, ValueError, zipfile.BadZipFile) as problem:
        raise FileFormatError(f"{name} is damaged: {problem}") from None
    return partition


def _rebuild(name: Path, description: dict[str, Any], file: ArrayFile) -> Partition:
    model = _rebuild_model(description["model"], file)
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


def _describe_model(model: Model, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    arrays["outputs"] = model.outputs
    operations: list[dict[str, Any]] = []
    for number in range(model.graph.operation_count):
        kind, *parts = model.graph.operation(number)
        entry: dict[str, Any] = {"kind": kind}
        if kind == "piecewise":
            functions = parts.pop(1)
            entry["functions"] = [
                [f.breakpoints.tolist(), f.slopes.tolist(), f.intercepts.tolist()]
                for f in functions
            ]
        for place, part in enumerate(parts):
            arrays[f"graph.{number}.{place}"] = part
        entry["parts"] = len(parts)
        operations.append(entry)
    return {
        "input_size": model.graph.input_size,
        "operations": operations,
        "feature_names": list(model.feature_names),
        "output_names": list(model.output_names),
        "operation_names": list(model.operation_names),
        "input_shape": list(model.input_shape),
        "tail": asdict(model.tail),
        "decision": asdict(model.decision),
        "source": model.source,
    }


def _rebuild_model(entry: dict[str, Any], file: ArrayFile) -> Model:
    graph = _core.NeuralGraph(entry["input_size"])
    for number, operation in enumerate(entry["operations"]):
        parts = [file.read(f"graph.{number}.{place}") for place in range(operation["parts"])]
        if operation["kind"] == "affine":
            graph.affine(*parts)
        elif operation["kind"] == "maximum":
            graph.maximum(*parts)
        else:
            functions = [_core.PiecewiseFunction(*f) for f in operation["functions"]]
            graph.piecewise(parts[0], functions, parts[1])
    outputs = file.read("outputs")
    return Model(
        graph=graph,
        form=_core.NormalForm(graph, outputs),
        outputs=outputs,
        feature_names=tuple(entry["feature_names"]),
        output_names=tuple(entry["output_names"]),
        input_shape=tuple(entry["input_shape"]),
        tail=_rebuild_tail(entry["tail"]),
        decision=Decision(**entry["decision"]),
        operation_names=tuple(entry["operation_names"]),
        source=entry["source"],
    )


def _rebuild_tail(entry: dict[str, Any]) -> Tail:
    parts = tuple(
        TailPart(part["start"], part["stop"], tuple(_rebuild_step(s) for s in part["steps"]))
        for part in entry["parts"]
    )
    return Tail(parts, tuple(entry["labels"]))


def _rebuild_step(entry: dict[str, Any]) -> TailStep:
    names = ("groups", "scale", "shift")
    return TailStep(**{**entry, **{name: tuple(entry[name]) for name in names}})
