"""An analysis region in the inputs of a model: names looked up, sizes checked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.printable import counted
from ..base.tables import advice_for_regions, column_order
from ..errors import RegionError
from ..models.model import Model, check_model
from .by_schema import limits_by_feature, order_by_feature, schema_of_columns
from .region_parts import FeatureKey
from .table_parts import labels_text
from .written_form import RegionParts

__all__ = ["resolved"]

Array = NDArray[np.float64]


def resolved(region: RegionParts, model: Model) -> _core.Region:
    """See `AnalysisRegion.resolve`."""
    if not hasattr(model, "feature_names"):
        check_model(model)
    low, high = _limits_for(region, model)
    return _core.Region(low, high, *_constraints_for(region, model))


def _limits_for(region: RegionParts, model: Model) -> tuple[Array, Array]:
    size = model.input_size
    if region.low is None or region.high is None:
        low, high = np.full(size, -np.inf), np.full(size, np.inf)
    elif schema := schema_of_columns(region, model):
        varying = {model.feature_index(feature) for feature, *_ in region.bounds}
        low, high = limits_by_feature(region, schema, varying)
    else:
        order = _order(region, model) if region.columns else None  # names tell more than sizes
        _check_no_labels(region)
        _check_size(region, model)
        low, high = np.array(region.low + np.zeros(size)), np.array(region.high + np.zeros(size))
        if order is not None:
            low, high = low[order], high[order]
    _apply_bounds(region, model, low, high)
    return low, high


def _check_no_labels(region: RegionParts) -> None:
    """Where columns are inputs of the model, none may hold labels."""
    texts = next((held for held in region.labels if not held.are_numbers), None)
    if texts is not None:
        name, labels = texts
        raise RegionError(
            f"{region.kind}: column {name!r} holds {labels_text(labels)}, which are no numbers; "
            "give the model a schema that says the categories: "
            "model.with_schema(facetry.Schema.from_table(frame, model))"
        )


def _check_size(region: RegionParts, model: Model) -> None:
    assert region.low is not None
    given = region.shape[1:] if region.shape[:1] == (1,) else region.shape
    expected = tuple(model.input_shape)
    if len(given) > 1 and given != expected and len(expected) > 1:
        raise RegionError(
            f"{region.kind}: the limits have shape {given}, but the model's input has {expected}"
        )
    if region.low.ndim and region.low.size != model.input_size:
        raise RegionError(
            f"{region.kind}: {counted(region.low.size, 'value')} "
            f"{'was' if region.low.size == 1 else 'were'} given, "
            f"but the model has {counted(model.input_size, 'input')}{_one_row(region, model)}"
        )


def _one_row(region: RegionParts, model: Model) -> str:
    """Advice, where what was given looks like a table of points."""
    is_table = len(region.shape) == 2 and region.shape[1] == model.input_size
    return "; give one point, such as a row, rows[0], or the mean, rows.mean(axis=0)" * is_table


def _order(region: RegionParts, model: Model) -> list[int]:
    """For each feature of the model, its place in the table that the region comes from."""
    return column_order(
        region.columns,
        model.feature_names,
        region.kind,
        error=RegionError,
        advice=advice_for_regions,
    )


def _apply_bounds(region: RegionParts, model: Model, low: Array, high: Array) -> None:
    given: dict[int, FeatureKey] = {}
    for feature, lower, upper in region.bounds:
        index = model.feature_index(feature)
        if index in given:
            raise RegionError(
                f"{region.kind}: feature {model.feature_names[index]!r} is given twice, "
                f"as {given[index]!r} and as {feature!r}"
            )
        given[index] = feature
        low[index], high[index] = lower, upper
    if region.kind == "box" and region.low is None:
        _check_all_given(model, given)


def _check_all_given(model: Model, given: Mapping[int, FeatureKey]) -> None:
    missing = [name for i, name in enumerate(model.feature_names) if i not in given]
    if missing:
        shown = ", ".join(map(repr, missing[:5])) + (", ..." if len(missing) > 5 else "")
        raise RegionError(
            f"box: {len(missing)} of {model.input_size} features have no limits ({shown}); "
            "give all of them, or use cut to fix the others at a base point"
        )


def _constraints_for(region: RegionParts, model: Model) -> tuple[Array, Array]:
    size = model.input_size
    order = None
    if region.kind == "polytope" and region.columns:
        schema = schema_of_columns(region, model)
        order = order_by_feature(region, schema) if schema else _order(region, model)
    if region.A is None or region.b is None:
        return np.zeros((0, size)), np.zeros(0)
    if region.A.shape[1] != size:
        raise RegionError(
            f"the constraints have {counted(region.A.shape[1], 'column')}, but the model has "
            f"{counted(size, 'input')}; "
            "give one column per input"
        )
    return (region.A if order is None else region.A[:, order]), region.b
