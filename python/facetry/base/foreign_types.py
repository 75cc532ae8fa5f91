"""Types of other packages, for signatures alone: nothing is imported at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import matplotlib.axes
    import pandas

    Axes: TypeAlias = matplotlib.axes.Axes
    DataFrame: TypeAlias = pandas.DataFrame

__all__ = ["Axes", "DataFrame"]
