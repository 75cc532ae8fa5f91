"""Saved partitions: one file holds the model, the analysis region and the regions found.

The file is an uncompressed zip of numpy arrays with a description in JSON; the zip's checksums tell
a damaged file. Model and regions are checked by the core when they are read.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from .decision import Decision
from .errors import FacetryError, FileFormatError
from .model import Model
from .partition import Partition, resolve_threads
from .region import AnalysisRegion
from .tail import Tail, TailPart, TailStep
from .whole_file import write_whole

__all__ = ["open_partition", "save_partition"]

_FORMAT = "facetry partition"
_VERSION = 2
_NUMBERS = ("words", "dimension", "undecided_count")


def save_partition(partition: Partition, path: Path) -> None:
    """See `Partition.save`."""
    raw = partition._core.raw()
    numbers = {name: int(raw.pop(name)) for name in _NUMBERS}
    arrays: dict[str, NDArray[Any]] = {f"regions.{name}": array for name, array in raw.items()}
    description = {
        "format": _FORMAT,
        "version": _VERSION,
        "status": partition.status,
        "ordered": partition._core.ordered,
        "exactness": partition.exactness,
        "region": partition.region.to_dict(),
        "regions": numbers,
        "model": _describe_model(partition.model, arrays),
    }
    arrays["description"] = np.frombuffer(json.dumps(description).encode(), dtype=np.uint8)

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]

    write_whole(path, write)


def open_partition(path: str | Path) -> Partition:
    """Read a partition that `Partition.save` wrote, with its model.

    Raises
    ------
    FileFormatError
        If the file is missing, foreign, truncated or damaged.
    """
    name = Path(path)
    try:
        with np.load(name, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        description = json.loads(arrays["description"].tobytes())
    except FileNotFoundError:
        raise FileFormatError(f"{name}: no such file") from None
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile) as problem:
        raise FileFormatError(f"{name} is not a whole facetry partition: {problem}") from None
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise FileFormatError(f"{name} is not a facetry partition")
    if description.get("version") != _VERSION:
        raise FileFormatError(
            f"{name} has version {description.get('version')} of the format; this release reads "
            f"version {_VERSION}"
        )
    try:
        return _rebuild(description, arrays)
    except (FacetryError, KeyError, TypeError, ValueError, IndexError) as problem:
        raise FileFormatError(f"{name} is damaged: {problem}") from None


def _rebuild(description: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Partition:
    model = _rebuild_model(description["model"], arrays)
    region = AnalysisRegion.from_dict(description["region"])
    domain = region.resolve(model)
    prefix = "regions."
    raw: dict[str, Any] = {
        key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)
    }
    raw |= description["regions"]
    core = _core.Partition.from_raw(
        model.form,
        domain,
        raw,
        description["status"],
        description["ordered"],
        description["exactness"],
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


def _rebuild_model(entry: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    graph = _core.NeuralGraph(entry["input_size"])
    for number, operation in enumerate(entry["operations"]):
        parts = [arrays[f"graph.{number}.{place}"] for place in range(operation["parts"])]
        if operation["kind"] == "affine":
            graph.affine(*parts)
        elif operation["kind"] == "maximum":
            graph.maximum(*parts)
        else:
            functions = [_core.PiecewiseFunction(*f) for f in operation["functions"]]
            graph.piecewise(parts[0], functions, parts[1])
    outputs = arrays["outputs"]
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
