"""The written form of an analysis region: JSON or YAML, for saved results and for people.

A region is one of these, with an optional ``where``::

    {"box": {"low": [0, 0], "high": [1, 1]}}           limits of all inputs, or one number for all
    {"box": {"features": {"age": [20, 60], ...}}}      every feature by name
    {"cut": {"base": [5, 0, 0], "features": {"age": [20, 60], "dose": [0, 2]}}}
    {"polytope": {"A": [[1, 1], [-1, 0], [0, -1]], "b": [1, 0, 0]}}
    {..., "where": {"A": [[1, -1]], "b": [0]}}

Beside limits of all inputs (beside ``A`` of a polytope) ``columns`` may name the inputs, in order.
Of columns that hold categories ``labels`` says which: {"sex": ["F", "M"]}; texts are 0 in the
limits. Features may also be a list of [feature, low, high], where a feature is a name or an
index: this is what facetry writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import shown
from ..errors import RegionError
from .region_parts import FeatureInterval, FeatureKey
from .table_parts import ColumnLabels

__all__ = [
    "RegionParts",
    "checked_kind",
    "columns_of",
    "features_of",
    "labels_of",
    "region_to_dict",
]

Array = NDArray[np.float64]


class RegionParts(Protocol):
    """The fields of an analysis region."""

    @property
    def kind(self) -> str: ...
    @property
    def low(self) -> Array | None: ...
    @property
    def high(self) -> Array | None: ...
    @property
    def bounds(self) -> tuple[FeatureInterval, ...]: ...
    @property
    def A(self) -> Array | None: ...  # noqa: N802
    @property
    def b(self) -> Array | None: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def labels(self) -> tuple[ColumnLabels, ...]: ...


_KEYS = {
    "box": {"low", "high", "features", "columns", "labels"},
    "cut": {"base", "features", "columns", "labels"},
    "polytope": {"A", "b", "columns"},
    "where": {"A", "b"},
}


def region_to_dict(region: RegionParts) -> dict[str, Any]:
    """Plain lists, strings and floats; see `AnalysisRegion.to_dict`."""
    if region.kind == "polytope":
        return {"polytope": _constraints_to_dict(region) | _columns(region)}
    body: dict[str, Any] = {}
    if region.kind == "cut":
        body["base"] = _plain(region.low, region.shape)
    elif region.low is not None:
        body["low"] = _plain(region.low, region.shape)
        body["high"] = _plain(region.high, region.shape)
    if region.bounds:
        body["features"] = [list(bound) for bound in region.bounds]
    result: dict[str, Any] = {region.kind: body | _columns(region)}
    if region.A is not None:
        result["where"] = _constraints_to_dict(region)
    return result


def _columns(region: RegionParts) -> dict[str, Any]:
    names: dict[str, Any] = {"columns": list(region.columns)} if region.columns else {}
    held = {name: list(labels) for name, labels in region.labels}
    return names | ({"labels": held} if held else {})


def _constraints_to_dict(region: RegionParts) -> dict[str, Any]:
    return {"A": _plain(region.A), "b": _plain(region.b)}


def _plain(array: NDArray[np.float64] | None, shape: tuple[int, ...] = ()) -> Any:
    assert array is not None
    return (array.reshape(shape) if shape else array).tolist()


def checked_kind(data: Any) -> str:
    """The kind of region that `data` describes, if it has that form.

    Raises
    ------
    RegionError
        If it has not.
    """
    if not isinstance(data, Mapping):
        raise RegionError("a region is written as a mapping with the key box, cut or polytope")
    kinds = [kind for kind in ("box", "cut", "polytope") if kind in data]
    unknown = [key for key in data if key not in _KEYS]
    if len(kinds) != 1 or unknown:
        found = ", ".join(map(repr, data)) or "none"
        raise RegionError(
            f"a region has one of the keys box, cut, polytope, and may have where; found {found}"
        )
    for key in data:
        _check_body(key, data[key])
    return str(kinds[0])


def _check_body(key: str, body: Any) -> None:
    if not isinstance(body, Mapping):
        raise RegionError(f"{key}: a mapping is needed, with keys from {sorted(_KEYS[key])}")
    unknown = sorted(str(name) for name in set(body) - _KEYS[key])
    if unknown:
        raise RegionError(f"{key}: unknown key {shown(unknown[0])}; known are {sorted(_KEYS[key])}")
    needed = {"box": (), "cut": ("base", "features")}.get(key, ("A", "b"))
    missing = [name for name in needed if name not in body]
    if missing:
        raise RegionError(f"{key}: the key {missing[0]!r} is missing")


def columns_of(body: Mapping[str, Any], region: RegionParts) -> tuple[str, ...]:
    """The names of the inputs, if the region's limits have some."""
    names = body.get("columns", [])
    limits = region.A[0] if region.kind == "polytope" and region.A is not None else region.low
    size = 0 if limits is None else limits.size
    texts = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not texts or (names and len(names) != size):
        raise RegionError(f"{region.kind}: columns must be a list of {size} names")
    return tuple(names)


def labels_of(body: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[ColumnLabels, ...]:
    """The labels of the columns that hold some."""
    written = body.get("labels", {})
    if not isinstance(written, Mapping) or not set(written) <= set(columns):
        raise RegionError("labels must be a mapping from columns to lists of labels")
    for name, labels in written.items():
        scalars = isinstance(labels, list) and all(
            isinstance(label, (str, int, float)) for label in labels
        )
        if not scalars or not labels:
            raise RegionError(f"labels of {shown(name)} must be a list of texts or numbers")
    return tuple(ColumnLabels(name, tuple(labels)) for name, labels in written.items())


def features_of(written: Any, kind: str) -> dict[FeatureKey, tuple[float, float]]:
    """Limits by feature, from a mapping or a list of [feature, low, high]."""
    if isinstance(written, Mapping):
        return dict(written)
    result: dict[FeatureKey, tuple[float, float]] = {}
    for entry in written if isinstance(written, list) else [written]:
        if not isinstance(entry, list) or len(entry) != 3 or isinstance(entry[0], (list, dict)):
            raise RegionError(f"{kind}: features are [feature, low, high], not {shown(entry)}")
        if entry[0] in result:
            raise RegionError(f"{kind}: feature {shown(entry[0])} is given twice")
        result[entry[0]] = (entry[1], entry[2])
    return result
