"""Models in files that C++ reads too: the network, its names, and what its outputs mean.

The format is the core's (``facetry/network/model_file.hpp``). What only Python knows, the tail, the
ranges and the schema, stands in its notes as JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.checks import frozen
from ..base.doors import save
from ..base.read_file import plain_suffix, read_bytes
from ..base.read_limits import ReadLimits, limits_of
from ..base.whole_file import write_whole
from ..errors import FileFormatError, InvalidInputError
from ..models.decision import Decision
from ..models.model import Model
from ..models.schema import Schema
from ..models.tail import Tail, TailPart, TailStep

__all__ = [
    "MAGIC",
    "is_model_file",
    "model_from_bytes",
    "model_to_bytes",
    "open_model",
    "save_model",
]

MAGIC = b"facetry model "
"""What a model file begins with."""


@save.way_of(Model)
def save_model(model: Model, path: Path) -> None:
    """See `Model.save`."""
    data = model_to_bytes(model)
    write_whole(path, lambda temporary: temporary.write_bytes(data))


def is_model_file(path: Path) -> bool:
    """Whether a file is of a saved model, by its ending (also packed) or by how it begins."""
    if plain_suffix(path) == ".facetry-model":
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except (OSError, ValueError):
        return False  # who reads it says what is wrong


def open_model(path: Path, limits: ReadLimits | None = None) -> Model:
    """The model that `Model.save` wrote; the file may be packed with gzip.

    Raises
    ------
    FileFormatError
        If the file is missing, foreign, truncated or damaged.
    """
    data = read_bytes(path, limits_of(limits), FileFormatError)
    if not data.startswith(MAGIC):
        raise FileFormatError(
            f"{path} is packed and holds no model; unpack it, if it is a partition"
        )
    return model_from_bytes(data, str(path))


def model_to_bytes(model: Model) -> bytes:
    """The content of a model file; the same model gives the same bytes."""
    named = len(model.operation_names) == model.graph.operation_count
    return _core.model_bytes(
        graph=model.graph,
        outputs=model.outputs,
        feature_names=model.feature_names,
        output_names=model.output_names,
        operation_names=model.operation_names if named else (),
        input_shape=model.input_shape,
        decision=model.decision.kind,
        threshold=float(model.decision.threshold),
        source=model.source,
        notes=json.dumps(_notes(model)),
    )


def _notes(model: Model) -> dict[str, Any]:
    """What only Python knows; ranges and a schema stand in it only where there are any."""
    notes: dict[str, Any] = {"tail": asdict(model.tail)}
    if model.feature_ranges is not None:
        notes["feature_ranges"] = model.feature_ranges.tolist()
    if model.schema is not None:
        notes["schema"] = model.schema.to_dict()
        notes["made_up_names"] = list(model.made_up_names)
    return notes


def _schema_of(notes: dict[str, Any], features: tuple[str, ...]) -> Schema | None:
    if "schema" not in notes:
        return None
    schema = Schema.from_dict(notes["schema"])
    if schema.input_names != features:
        raise ValueError("its schema does not fit its inputs")
    return schema


def _made_up_names(notes: dict[str, Any], size: int) -> tuple[str, ...]:
    names = tuple(notes.get("made_up_names", ()))
    if len(names) not in (0, size) or not all(isinstance(name, str) for name in names):
        raise ValueError("its names do not fit its inputs")
    return names


def _ranges_of(notes: dict[str, Any], size: int) -> NDArray[np.float64] | None:
    if "feature_ranges" not in notes:
        return None
    ranges = np.array(notes["feature_ranges"], dtype=np.float64)
    if ranges.shape != (size, 2) or not np.isfinite(ranges).all():
        raise ValueError("its feature ranges do not fit its inputs")
    return frozen(ranges)


def model_from_bytes(data: bytes, name: str) -> Model:
    """The model in the content of a file; `name` stands in messages.

    Raises
    ------
    FileFormatError
        If it is foreign, truncated or damaged.
    """
    stored = _core.parse_model(data, name)
    try:
        # A file that C++ wrote has no notes: its outputs have no tail.
        notes = json.loads(stored.notes) if stored.notes else {}
        count = len(stored.outputs)
        tail = _tail_of(notes["tail"]) if notes else Tail.of(count)
        return Model(
            graph=stored.graph,
            form=_core.NormalForm(stored.graph, stored.outputs),
            outputs=stored.outputs,
            feature_names=tuple(stored.feature_names),
            output_names=tuple(stored.output_names) or tuple(f"y{i}" for i in range(count)),
            input_shape=tuple(stored.input_shape) or (stored.graph.input_size,),
            tail=tail,
            decision=Decision(stored.decision, stored.threshold),
            operation_names=tuple(stored.operation_names),
            source=stored.source,
            feature_ranges=_ranges_of(notes, stored.graph.input_size),
            schema=_schema_of(notes, tuple(stored.feature_names)),
            made_up_names=_made_up_names(notes, stored.graph.input_size),
        )
    except (InvalidInputError, LookupError, TypeError, ValueError, AttributeError) as problem:
        raise FileFormatError(f"{name} is damaged: {problem}") from None


def _tail_of(entry: dict[str, Any]) -> Tail:
    parts = tuple(
        TailPart(part["start"], part["stop"], tuple(_step_of(s) for s in part["steps"]))
        for part in entry["parts"]
    )
    return Tail(parts, tuple(entry["labels"]))


def _step_of(entry: dict[str, Any]) -> TailStep:
    names = ("groups", "scale", "shift")
    return TailStep(**{**entry, **{name: tuple(entry[name]) for name in names}})
