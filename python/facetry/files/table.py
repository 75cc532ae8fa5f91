"""Data frames and Parquet: the only module that imports pandas and pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..base.doors import table_of
from ..errors import MissingDependencyError
from ..results.explanation import Explanation
from .columns import Columns, explanation_columns

if TYPE_CHECKING:
    from ..base.foreign_types import DataFrame

__all__ = ["data_frame", "explanation_frame", "has_mark", "require_parquet", "write_parquet"]

_MARK = "facetry"
"""The key of what a Parquet file says of itself."""


@table_of.way_of(Explanation)
def explanation_frame(explanation: Explanation) -> DataFrame:
    """See `Explanation.to_pandas`."""
    return data_frame(explanation_columns(explanation))


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


def require_parquet() -> None:
    """See that Parquet can be written, before any work is done for it.

    Raises
    ------
    MissingDependencyError
        If pyarrow is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise MissingDependencyError(
            "Parquet needs pyarrow: pip install 'facetry[parquet]', or write another format: csv, "
            "or format='npz' for parts of regions"
        ) from None


def write_parquet(columns: Columns, path: Path, mark: str = "facetry") -> None:
    """Write the columns to a Parquet file that says what it is; raises as `require_parquet`."""
    require_parquet()
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({name: pyarrow.array(values) for name, values in columns.items()})
    pyarrow.parquet.write_table(table.replace_schema_metadata({_MARK: mark}), path)


def has_mark(path: Path, mark: str) -> bool:
    """Whether `write_parquet` wrote the file, with this mark."""
    require_parquet()
    import pyarrow
    import pyarrow.parquet

    try:
        known = pyarrow.parquet.read_schema(path).metadata or {}
    except (OSError, pyarrow.ArrowException):
        return False
    return bool(known.get(_MARK.encode()) == mark.encode())
