"""Limits by the features of a schema, as limits of the inputs that encode them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import shown
from ..base.points import WrongValue
from ..base.tables import advice_for_regions, column_order
from ..errors import RegionError
from ..models.feature import Feature
from ..models.model import Model
from ..models.schema import Schema
from .table_parts import ColumnLabels, labels_text
from .written_form import RegionParts

__all__ = ["limits_by_feature", "order_by_feature", "schema_of_columns"]

Array = NDArray[np.float64]
_ENCODE = "encode the table first: model.points(frame)"


def schema_of_columns(region: RegionParts, model: Model) -> Schema | None:
    """The model's schema, if a region's columns are features of it, not inputs of the model."""
    if not region.columns or model.schema is None:
        return None
    given = set(region.columns)
    of_features = len(given & set(model.schema.names))
    return model.schema if of_features >= len(given & set(model.feature_names)) else None


def limits_by_feature(
    region: RegionParts, schema: Schema, varying: Collection[int]
) -> tuple[Array, Array]:
    """The limits of all inputs, float64 (m,) each, of a box or cut with a column per feature.

    A feature of categories has those that the table holds: each of its inputs goes from the
    smallest to the largest of their codes.

    Parameters
    ----------
    region
        The region.
    schema
        The schema of its model.
    varying
        Inputs that get limits of their own: their values are not looked at.

    Raises
    ------
    RegionError
        If a column is missing or unknown, or a value is none of its feature.
    """
    assert region.low is not None and region.high is not None
    order = _columns_of(region, schema)
    labels = {held.column: held for held in region.labels}
    size = len(schema.input_names)
    low, high = np.zeros(size), np.zeros(size)
    for feature, place, column in zip(schema.features, schema.places, order, strict=True):
        if set(place) <= set(varying):
            continue
        ends = (float(region.low[column]), float(region.high[column]))
        try:
            rows = _rows(region.kind, feature, ends, labels)
        except WrongValue as wrong:
            raise RegionError(
                f"{region.kind}: {wrong.what} in column {feature.name!r}: {wrong.why}"
            ) from None
        low[list(place)], high[list(place)] = rows.min(axis=0), rows.max(axis=0)
    return low, high


def _columns_of(region: RegionParts, schema: Schema) -> list[int]:
    """For each feature of the schema its column."""
    return column_order(
        region.columns,
        schema.names,
        region.kind,
        error=RegionError,
        by_place=False,
        advice=advice_for_regions,
    )


def _rows(
    kind: str, feature: Feature, ends: tuple[float, float], labels: Mapping[str, ColumnLabels]
) -> Array:
    """Inputs of a feature that span those of the region: float64 (n, inputs)."""
    held = labels.get(feature.name)
    if held is not None and (feature.is_labelled or not held.are_numbers):
        return feature.encoded(_objects(held.labels))
    if not feature.is_labelled:
        fixed = ends[0] == ends[1]
        return feature.encoded(np.array(ends[:1])) if fixed else np.array(ends).reshape(2, 1)
    if ends[0] == ends[1]:
        return feature.encoded(np.array(ends[:1]))
    numbers = [c for c in feature.categories if not isinstance(c, str)]
    between = [c for c in numbers if ends[0] <= float(c) <= ends[1]]
    if not between:
        raise RegionError(
            f"{kind}: no category of feature {feature.name!r} is from {ends[0]:g} to {ends[1]:g}; "
            f"they are {labels_text(feature.categories)}"
        )
    if feature.kind == "categorical" and len(between) > 2:
        raise RegionError(
            f"{kind}: which categories of feature {feature.name!r} are meant by {ends[0]:g} to "
            f"{ends[1]:g} is not known; {_ENCODE}"
        )
    return feature.encoded(_objects(between))


def _objects(values: Any) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def order_by_feature(region: RegionParts, schema: Schema) -> list[int]:
    """For each input its column, of a hull with a column per feature: none may be encoded.

    Raises
    ------
    RegionError
        If some feature is encoded otherwise.
    """
    for feature in schema.features:
        plain = feature.encoding == "value" or (
            feature.input_count == 1
            and not any(isinstance(c, str) for c in feature.categories)
            and list(map(float, feature.categories)) == feature.rows[:, 0].tolist()
        )
        if not plain:
            raise RegionError(
                f"{region.kind}: feature {shown(feature.name)} is encoded, so that no hull of its "
                f"values can be used; {_ENCODE}"
            )
    order = _columns_of(region, schema)
    result = [0] * len(order)
    for column, place in zip(order, schema.places, strict=True):
        result[place[0]] = column
    return result
