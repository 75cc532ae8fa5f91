"""Results as named columns: the common form behind CSV, Parquet and data frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..results.explanation import Explanation
from ..search.partition import Partition

__all__ = ["Columns", "explanation_columns", "partition_columns"]

Columns = dict[str, NDArray[Any]]
"""Equally long columns by name, in order."""


def explanation_columns(explanation: Explanation) -> Columns:
    """One row per region (or point), output and feature.

    Columns: region (or point), output, feature, weight, rank, coefficient, intercept, volume; of a
    query also choice, runner_up and other_choice, where they were asked for.
    """
    shape = explanation.coef.shape
    feature_names = np.array(explanation.feature_names, dtype=object)
    output_names = np.array(explanation.output_names, dtype=object)

    def spread(values: NDArray[Any], axes: tuple[int, ...]) -> NDArray[Any]:
        return np.array(np.broadcast_to(np.expand_dims(values, axes), shape)).ravel()

    columns = {
        explanation.subject: spread(np.arange(len(explanation)), (1, 2)),
        "output": spread(output_names, (0, 2)),
        "feature": spread(feature_names, (0, 1)),
        "weight": explanation.weights.ravel(),
        "rank": explanation.ranks.ravel(),
        "coefficient": explanation.coef.ravel(),
        "intercept": spread(explanation.intercept, (2,)),
    }
    if explanation.subject == "region":
        columns["volume"] = spread(explanation.volumes, (1, 2))
    choices = np.array(explanation.choice_names, dtype=object)
    chosen = (
        ("choice", explanation.top),
        ("runner_up", explanation.runner_up),
        ("other_choice", explanation.other_choice),
    )
    for name, numbers in chosen:
        if numbers is not None:
            columns[name] = spread(choices[numbers], (1, 2))
    return columns


def partition_columns(partition: Partition) -> Columns:
    """One row per region and output: the linear model, the volume, and a point inside.

    Columns: region, output, volume, intercept, ``d(feature)`` for the coefficient of each feature,
    and ``at(feature)`` for the point.
    """
    count, outputs, _ = partition.coef.shape
    names = np.array(partition.model.output_names, dtype=object)
    columns: Columns = {
        "region": np.repeat(np.arange(count), outputs),
        "output": np.tile(names, count),
        "volume": np.repeat(partition.volumes, outputs),
        "intercept": partition.intercept.ravel(),
    }
    rows = partition.coef.reshape(count * outputs, -1)
    points = np.repeat(partition.interior_points, outputs, axis=0)
    for index, name in enumerate(partition.model.feature_names):
        columns[f"d({name})"] = rows[:, index]
        columns[f"at({name})"] = points[:, index]
    return columns
