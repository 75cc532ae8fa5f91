"""Data frames and Parquet: the only module that imports pandas and pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import MissingDependencyError
from .columns import Columns

if TYPE_CHECKING:
    import pandas

    DataFrame: TypeAlias = pandas.DataFrame

__all__ = ["data_frame", "write_parquet"]


def data_frame(columns: Columns) -> DataFrame:
    """The columns as a data frame.

    Raises
    ------
    MissingDependencyError
        If pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise MissingDependencyError(
            "data frames need pandas: pip install 'facetry[pandas]'"
        ) from None
    return pandas.DataFrame(columns)


def write_parquet(columns: Columns, path: Path) -> None:
    """Write the columns to a Parquet file.

    Raises
    ------
    MissingDependencyError
        If pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingDependencyError(
            "Parquet needs pyarrow: pip install 'facetry[parquet]', or write CSV or JSON"
        ) from None
    table = pyarrow.table({name: pyarrow.array(values) for name, values in columns.items()})
    pyarrow.parquet.write_table(table, path)
