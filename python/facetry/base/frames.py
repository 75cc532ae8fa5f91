"""Tables of any package as named columns: the only module that imports narwhals.

A table is a data frame, a row of one (a series), a mapping from names, or a list of such mappings.
Data frames are read through narwhals: pandas, polars, pyarrow and what else it knows. Without it
those of pandas and polars are read by their own methods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidInputError, MissingDependencyError
from .arguments import shown
from .printable import counted

__all__ = [
    "Column",
    "Table",
    "column_names",
    "column_of",
    "is_missing",
    "is_table",
    "read_table",
    "table_values",
]

NUMBERS = ("bool", "integer", "float")
"""Kinds of columns whose values are numbers."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        What it is called.
    values
        float64 of shape (N,) if all values are numbers or bools, NaN where one is missing; else
        objects of shape (N,), None where one is missing.
    kind
        ``"bool"``, ``"integer"``, ``"float"``, ``"text"``, ``"object"`` (a mixture), or what else
        the table calls it, such as a time.
    categories, ordered
        The categories of a column that has them, in its order, and whether that order means
        something; else () and False.
    """

    name: str
    values: NDArray[Any]
    kind: str
    categories: tuple[Any, ...] = ()
    ordered: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether `values` are numbers."""
        return bool(self.values.dtype.kind == "f")


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length.

    Attributes
    ----------
    columns
        In their order.
    single
        Whether it was one row, so that messages need not say which.
    lines
        Of a file: for each row its line, for messages; else ().
    """

    columns: tuple[Column, ...]
    single: bool = False
    lines: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0


def is_table(value: object) -> bool:
    """Whether the value is a data frame or a series."""
    if _is_arrow(value):
        return True
    if isinstance(value, type) or not callable(getattr(value, "to_numpy", None)):
        return False
    return hasattr(value, "columns") or hasattr(value, "index") or hasattr(value, "name")


def _is_arrow(value: object) -> bool:
    """Whether it is a table as pyarrow has them: its `columns` are no names."""
    named = hasattr(value, "column_names") and hasattr(value, "num_rows")
    return named and not isinstance(value, type)


def column_names(value: Any) -> tuple[str, ...] | None:
    """The names of a table's columns, or of a series' entries; None if they are no texts.

    Examples
    --------
    >>> column_names({"age": 30, "sex": "F"}), column_names([1, 2]), column_names({0: 1})
    (('age', 'sex'), None, None)
    """
    if isinstance(value, Table):
        return value.names
    found: tuple[Any, ...] = ()
    if isinstance(value, Mapping):
        found = tuple(value)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        found = tuple(value[0])
    elif _is_arrow(value):
        found = tuple(value.column_names)
    elif is_table(value):
        names = getattr(value, "columns", None)
        if names is None:
            names = getattr(value, "index", None)
        found = () if names is None or callable(names) else tuple(names)
    return found if found and all(isinstance(name, str) for name in found) else None


def read_table(
    value: Any,
    name: str = "X",
    *,
    error: type[InvalidInputError] = InvalidInputError,
    types: bool = False,
) -> Table:
    """The columns of a table whose columns have names (see `column_names`).

    Parameters
    ----------
    value
        The table.
    name, error
        For messages.
    types
        Whether the types of columns must be known: then narwhals is needed for data frames.

    Raises
    ------
    InvalidInputError
        If a name is there twice, or columns differ in length.
    MissingDependencyError
        If narwhals is needed, and not installed.

    Examples
    --------
    >>> table = read_table({"age": [30, 40], "sex": ["F", None]})
    >>> [(column.name, column.kind, column.values.tolist()) for column in table.columns]
    [('age', 'integer', [30.0, 40.0]), ('sex', 'text', ['F', None])]
    """
    if isinstance(value, Table):
        return value
    _check_not_repeated(column_names(value) or (), name, error)
    if isinstance(value, Mapping):
        return _of_mapping(value, name, error)
    if isinstance(value, list):
        return _of_mapping(_joined(value, name, error), name, error)
    if not hasattr(value, "columns"):
        index = [str(entry) for entry in value.index]
        entries = zip(index, np.asarray(value.to_numpy(), dtype=object), strict=True)
        return Table(tuple(column_of(label, [entry]) for label, entry in entries), single=True)
    return Table(_of_frame(value, types))


def _check_not_repeated(names: Sequence[str], what: str, error: type[InvalidInputError]) -> None:
    if len(set(names)) < len(names):
        repeated = next(name for name in names if list(names).count(name) > 1)
        raise error(f"{what}: there are several columns {repeated!r}; keep one of them")


def _joined(rows: Sequence[Any], name: str, error: type[InvalidInputError]) -> dict[str, list[Any]]:
    """Rows, each a mapping from the same names, as columns."""
    names = list(rows[0])
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping) or set(row) != set(names):
            raise error(
                f"{name}: row {number} (counted from 0) has other names than row 0; give each row "
                "as a mapping from the same names"
            )
    return {label: [row[label] for row in rows] for label in names}


def _of_mapping(value: Mapping[str, Any], name: str, error: type[InvalidInputError]) -> Table:
    single = all(_is_one(entry) for entry in value.values())
    lists: dict[str, list[Any]] = {}
    for label, entry in value.items():
        if not single and (_is_one(entry) or not isinstance(entry, Iterable)):
            raise error(
                f"{name}: column {label!r} has one value, but others have a list of them; give a "
                "list for each column"
            )
        lists[label] = [entry] if single else list(entry)
    first = next(iter(lists))
    for label, entries in lists.items():
        if len(entries) != len(lists[first]):
            raise error(
                f"{name}: column {label!r} has {counted(len(entries), 'value')}, but {first!r} has "
                f"{len(lists[first])}"
            )
    return Table(tuple(column_of(*item) for item in lists.items()), single)


def _is_one(entry: Any) -> bool:
    return not isinstance(entry, (list, tuple, range)) and np.ndim(entry) == 0


def _of_frame(frame: Any, types: bool) -> tuple[Column, ...]:
    numeric = _of_numeric_frame(frame)
    if numeric is not None:
        return numeric
    try:
        import narwhals.stable.v1 as narwhals
    except ImportError:
        if not types and not _is_arrow(frame):
            return tuple(_by_own_methods(frame, name) for name in frame.columns)
        raise MissingDependencyError(
            "reading this table needs narwhals: pip install 'facetry[tables]'"
        ) from None
    try:
        known = narwhals.from_native(frame, eager_only=True)
    except TypeError:  # no frame that narwhals knows
        if types:
            raise InvalidInputError(
                f"the table must be a data frame that narwhals reads, such as one of pandas, "
                f"polars or pyarrow, not {shown(type(frame).__name__)}"
            ) from None
        return tuple(_by_own_methods(frame, name) for name in frame.columns)
    return tuple(_from_narwhals(known[name], narwhals) for name in known.columns)


_KIND_OF_DTYPE = {"b": "bool", "i": "integer", "u": "integer", "f": "float"}


def _of_numeric_frame(frame: Any) -> tuple[Column, ...] | None:
    """The columns of a pandas frame of numbers and bools alone, at once; None of others."""
    kinds = [getattr(kind, "kind", "O") for kind in getattr(frame, "dtypes", ())]
    if not kinds or not all(isinstance(kind, str) and kind in _KIND_OF_DTYPE for kind in kinds):
        return None
    try:
        values = np.asarray(frame.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError):  # not as pandas has it
        return None
    columns = zip(frame.columns, values.T, kinds, strict=True)
    return tuple(Column(name, column, _KIND_OF_DTYPE[kind]) for name, column, kind in columns)


def _by_own_methods(frame: Any, name: str) -> Column:
    values = np.asarray(frame[name].to_numpy())
    if values.dtype.kind in _KIND_OF_DTYPE:
        return Column(name, values.astype(np.float64), _KIND_OF_DTYPE[values.dtype.kind])
    return column_of(name, values.tolist(), kind=_other_kind(values))


def _other_kind(values: NDArray[Any]) -> str | None:
    return None if values.dtype.kind in "OUS" else values.dtype.name


def _from_narwhals(series: Any, narwhals: Any) -> Column:
    """A column of narwhals; which of its types are numbers, and which have categories."""
    name, dtype = series.name, series.dtype
    if dtype.is_numeric() and dtype != narwhals.Decimal:
        kind = "integer" if dtype.is_integer() else "float"
        return Column(name, np.asarray(series.to_numpy(), dtype=np.float64), kind)
    if dtype == narwhals.Boolean and not series.null_count():
        return Column(name, np.asarray(series.to_numpy(), dtype=np.float64), "bool")
    categories: tuple[Any, ...] = ()
    ordered = False
    if dtype in (narwhals.Categorical, narwhals.Enum):
        categories = tuple(series.cat.get_categories().to_list())
        ordered = _has_order(series, narwhals)
    plain = (narwhals.Boolean, narwhals.String, narwhals.Object)
    simple = bool(categories) or dtype in plain or dtype == narwhals.Decimal
    found = column_of(name, series.to_list(), kind=None if simple else str(dtype))
    if dtype in (narwhals.Categorical, narwhals.Enum):
        return Column(name, found.values, found.kind, categories, ordered)
    return found


def _has_order(series: Any, narwhals: Any) -> bool:
    """Whether the order of its categories was declared; polars orders its Categorical anyhow."""
    if series.implementation.is_polars():
        return bool(series.dtype == narwhals.Enum)
    return bool(narwhals.is_ordered_categorical(series))


def column_of(name: str, values: Iterable[Any], kind: str | None = None) -> Column:
    """A column of any Python values; numbers and bools become float64.

    Parameters
    ----------
    name, values
        The column.
    kind
        What it is called if that is known already: its values then stay objects.

    Examples
    --------
    >>> column_of("a", [True, None]).values, column_of("a", [1, "b", None]).kind
    (array([ 1., nan]), 'object')
    """
    listed = list(values)
    types = set(map(type, listed))  # most columns are of one: then nothing is asked value by value
    known = kind or _kind_of(listed, types)
    if known in NUMBERS:
        return Column(name, _floats(listed, types), known)
    array = np.empty(len(listed), dtype=object)
    array[:] = _with_none(listed, types)
    return Column(name, array, known)


def _with_none(values: list[Any], types: set[type]) -> list[Any]:
    """The values, with None for all that are missing."""
    if all(issubclass(kind, (str, int)) for kind in types):
        return values
    return [None if is_missing(value) else value for value in values]


def _floats(values: list[Any], types: set[type]) -> NDArray[np.float64]:
    if all(issubclass(kind, (float, bool, np.bool_)) for kind in types):
        return np.array(values, dtype=np.float64)
    numbers = [np.nan if is_missing(value) else _float(value) for value in values]
    return np.array(numbers, dtype=np.float64)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return float("inf") if value > 0 else float("-inf")


_KINDS: tuple[tuple[str, Any], ...] = (
    ("text", str),
    ("bool", (bool, np.bool_)),
    ("integer", Integral),
    ("float", (Real, np.bool_)),
)


def _kind_of(values: list[Any], types: set[type]) -> str:
    """What the values are, by their types; missing ones tell nothing."""
    present = {kind for kind in types if not _means_missing(kind)}
    floats = {kind for kind in present if issubclass(kind, (float, np.floating))}
    if floats < present and all(is_missing(value) for value in values if type(value) in floats):
        present -= floats  # NaN among texts: pandas writes missing ones so
    if not present:
        return "float"
    for name, kinds in _KINDS:
        if all(issubclass(kind, kinds) for kind in present):
            return name
    return "object"


_MISSING = ("NoneType", "NAType", "NaTType")


def _means_missing(kind: type) -> bool:
    return kind.__name__ in _MISSING


def is_missing(value: Any) -> bool:
    """Whether it stands for no value: None, NaN, and those of pandas."""
    if isinstance(value, (float, np.floating)):
        return bool(np.isnan(value))
    return _means_missing(type(value))


def table_values(value: Any) -> NDArray[Any]:
    """The numbers of a table as an array: columns of bools are 0 and 1 where others are numbers.

    What is not a number stays in an array of objects, for the caller to refuse.
    """
    if _is_arrow(value):
        columns = read_table(value).columns
        return _numbers(np.array([column.values for column in columns]).T)
    kinds = getattr(value, "dtypes", None)
    listed = [kinds] if hasattr(kinds, "kind") or kinds is None else list(kinds)
    if listed and all(getattr(kind, "kind", "O") in "iufb" for kind in listed):
        try:
            return np.asarray(value.to_numpy(dtype=np.float64, na_value=np.nan))
        except TypeError:  # not as pandas has it
            pass
    return _numbers(np.asarray(value.to_numpy()))


def _numbers(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind == "O" and all(isinstance(v, (Real, np.bool_)) for v in array.flat):
        return array.astype(np.float64)
    return array
