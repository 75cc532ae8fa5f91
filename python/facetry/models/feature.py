"""A feature: what a person knows one thing about a case as, and the model inputs that encode it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.arguments import chosen_of, shown, text_of
from ..base.checks import finite_array
from ..base.frames import Table, column_of, is_missing
from ..base.points import WrongValue, refusal
from ..base.printable import counted
from ..errors import InvalidInputError
from . import feature_codes as codes_of

__all__ = ["ACTIONS", "KINDS", "Feature", "Label"]

Array = NDArray[np.float64]
Label = str | int | float | bool
"""A category: a text, a number, or True or False."""

KINDS = ("continuous", "integer", "binary", "categorical", "ordinal")
ACTIONS = ("free", "immutable", "increase", "decrease")
_LABELLED = ("binary", "categorical", "ordinal")
_ENCODINGS = {
    "continuous": ("value",),
    "integer": ("value",),
    "binary": ("codes",),
    "categorical": ("one-hot", "codes"),
    "ordinal": ("codes", "one-hot"),
}
"""For each kind how it may be encoded; the first is what is taken."""


@dataclass(frozen=True, repr=False)
class Feature:
    """One feature of a model: its values, how they are encoded, and what may be done to it.

    Attributes
    ----------
    name
        The name, which is that of its column in tables.
    kind
        ``"continuous"``; ``"integer"``; ``"binary"``, of two values; ``"categorical"``; or
        ``"ordinal"``, of categories with an order.
    categories
        Of the last three: all values (texts, numbers or bools), of an ordinal feature from the
        lowest. A binary feature has 0 and 1 if none are given; True and False are the same.
    range
        Of a continuous or integer feature: the expected (low, high), or None. Values outside are
        not refused.
    step
        Of an integer feature: what its values are apart, counted from the low end of the range, or
        from 0.
    unit
        What numbers are counted in, for people.
    action
        What a person may do to it: ``"free"``, ``"immutable"``, ``"increase"`` (only) or
        ``"decrease"`` (only).
    encoding
        ``"value"``: one input, the number itself. ``"one-hot"``: an input for each category, 1 for
        its own and 0 for others; that of `drop` is left out. ``"codes"``: the numbers of `codes`.
        By default one-hot for categorical features, codes for binary and ordinal ones.
    codes
        For each category its number, if they are in one input, or its row of numbers (an
        embedding). By default 0, 1, ...
    drop
        Of one-hot: the category without an input.
    inputs
        The names of the model's inputs that it owns. By default its own name; of one-hot the name,
        ``_`` and the category, as pandas and scikit-learn name them; else numbered names.

    Raises
    ------
    InvalidInputError
        If an attribute is wrong, or does not go with the kind.

    Examples
    --------
    >>> Feature("age", "integer", range=(18, 99), unit="years", action="increase")
    Feature('age', 'integer', range=(18, 99), unit='years', action='increase')
    >>> sex = Feature("sex", "categorical", categories=["F", "M", "X"], drop="X")
    >>> sex.input_names
    ('sex_F', 'sex_M')
    >>> sex.encode(["M", "X"]).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    >>> sex.decode([[0, 1], [0, 0]]).tolist()
    ['M', 'X']
    """

    name: str
    kind: str = "continuous"
    categories: Sequence[Label] = ()
    range: tuple[float, float] | None = None
    step: int = 1
    unit: str = ""
    action: str = "free"
    encoding: str = ""
    codes: Sequence[float | Sequence[float]] = ()
    drop: Label | None = None
    inputs: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Check everything, make tuples of lists, and fill in what the kind says."""
        if not text_of(self.name, "a feature's name"):
            raise InvalidInputError("a feature's name is empty; give a text")
        what = f"feature {shown(self.name)}"
        chosen_of(self.kind, f"{what}: kind", KINDS)
        chosen_of(self.action, f"{what}: action", ACTIONS)
        text_of(self.unit, f"{what}: unit")
        self._set("categories", codes_of.categories_in(self.categories, self.kind, what))
        self._set("step", codes_of.step_in(self.step, self.kind, what))
        if self.range is not None:
            self._set("range", codes_of.range_in(self.range, self.kind, what))
        self._check_encoding(what)
        if self.kind == "categorical" and self.action in ("increase", "decrease"):
            raise InvalidInputError(
                f"{what}: categories without an order do not {self.action}; give action 'free' or "
                "'immutable', or kind 'ordinal'"
            )
        names = codes_of.names_in(self.inputs, f"{what}: inputs")
        if names and len(names) != self.input_count:
            owned = counted(self.input_count, "input")
            raise InvalidInputError(
                f"{what}: inputs has {counted(len(names), 'name')}, but it is encoded in {owned}"
            )
        self._set("inputs", names)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _check_encoding(self, what: str) -> None:
        choices = _ENCODINGS[self.kind]
        text_of(self.encoding, f"{what}: encoding")
        self._set("codes", codes_of.list_in(self.codes, f"{what}: codes"))
        if self.encoding == "" and len(self.codes):
            self._set("encoding", "codes")
        if self.encoding == "" and self.drop is not None:
            self._set("encoding", "one-hot")
        chosen = choices[0] if self.encoding == "" else self.encoding
        self._set("encoding", chosen_of(chosen, f"{what} ({self.kind}): encoding", choices))
        if self.drop is not None and self.encoding != "one-hot":
            raise InvalidInputError(f"{what}: drop goes with encoding 'one-hot'")
        if self.drop is not None and self._number_of(self.drop) is None:
            raise InvalidInputError(
                f"{what}: drop must be one of its categories, not {shown(self.drop)}"
            )
        if len(self.codes) and self.encoding != "codes":
            raise InvalidInputError(f"{what}: codes goes with encoding 'codes'")
        if self.encoding == "codes":
            self._set("codes", codes_of.codes_in(self.codes, len(self.categories), what))
        if self.input_count == 0:
            raise InvalidInputError(f"{what}: its one category is dropped: no input is left")

    # What it owns -------------------------------------------------------------------------------

    @property
    def is_labelled(self) -> bool:
        """Whether its values are categories."""
        return self.kind in _LABELLED

    @property
    def input_count(self) -> int:
        """How many inputs of the model it owns."""
        if self.encoding == "one-hot":
            return len(self.categories) - (self.drop is not None)
        return 1 if self.encoding == "value" else int(self.rows.shape[1])

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of these inputs."""
        if self.inputs:
            return tuple(self.inputs)
        if self.encoding == "one-hot":
            labels = [label for i, label in enumerate(self.categories) if i != self._dropped]
            return tuple(f"{self.name}_{label}" for label in labels)
        count = self.input_count
        return (self.name,) if count == 1 else tuple(f"{self.name}_{i}" for i in range(count))

    @cached_property
    def rows(self) -> Array:
        """For each category its codes: float64 of shape (categories, inputs); else (0, inputs)."""
        if self.encoding != "codes":
            return np.zeros((0, self.input_count))
        return np.array(self.codes, dtype=np.float64).reshape(len(self.categories), -1)

    def bounds(self) -> Array | None:
        """The expected (low, high) of each of its inputs: float64 (inputs, 2), or None."""
        if self.encoding == "codes":
            return np.column_stack([self.rows.min(axis=0), self.rows.max(axis=0)])
        if self.encoding == "one-hot":
            return np.tile([0.0, 1.0], (self.input_count, 1))
        return None if self.range is None else np.array([self.range], dtype=np.float64)

    # Encoding -----------------------------------------------------------------------------------

    def encode(self, values: ArrayLike | Sequence[Label]) -> Array:
        """The inputs of values: float64 of shape (N, inputs).

        Parameters
        ----------
        values
            Categories, or numbers: shape (N,).

        Raises
        ------
        InvalidInputError
            If a value is missing, no category, or no whole number where one is needed; it names
            the first such row.

        Examples
        --------
        >>> Feature("size", "ordinal", categories=["S", "M", "L"]).encode(["L", "S"]).tolist()
        [[2.0], [0.0]]
        """
        listed = codes_of.values_in(values, f"the values of feature {self.name!r}")
        column = column_of(self.name, listed)
        if not listed:
            return np.zeros((0, self.input_count))
        try:
            return self.encoded(column.values)
        except WrongValue as wrong:
            raise refusal(wrong, Table((column,)), "the column") from None

    def decode(self, inputs: ArrayLike) -> NDArray[Any]:
        """The values whose inputs these are: float64, int64 or objects (categories), shape (N,).

        Parameters
        ----------
        inputs
            Shape (N, inputs), or (N,) if there is one.

        Raises
        ------
        InvalidInputError
            If a row is not the encoding of any value: a group of two ones, a code that no category
            has, 2.5 of an integer feature.
        """
        array = finite_array(inputs, f"the inputs of feature {self.name!r}")
        array = array.reshape(-1, 1) if array.ndim == 1 and self.input_count == 1 else array
        if array.ndim != 2 or array.shape[1] != self.input_count:
            raise InvalidInputError(
                f"the inputs of feature {self.name!r} must have shape (N, {self.input_count}), not "
                f"{np.shape(array)}"
            )
        try:
            return self.decoded(array)
        except WrongValue as wrong:
            raise refusal(wrong, Table(()), "the array") from None

    def encoded(self, values: NDArray[Any]) -> Array:
        """As `encode`, of the values of a column as `base.frames` reads them; raises WrongValue."""
        if not self.is_labelled:
            numbers = self._numbers(values)
            return numbers.reshape(-1, 1)
        found = codes_of.numbers_of(values, self._places)
        bad = np.flatnonzero(found < 0)
        if bad.size:
            value = codes_of.as_given(values[bad[0]])
            what, why = "a missing value", _FILL
            if not is_missing(value):
                what = shown(value)
                why = codes_of.no_category(value, self.name, self.categories)
            raise WrongValue(int(bad[0]), [self.name], what, why, bad.size)
        if self.encoding == "one-hot":
            return codes_of.one_hot(found, len(self.categories), self._dropped)
        return np.asarray(self.rows[found])

    def decoded(self, inputs: Array) -> NDArray[Any]:
        """As `decode`, of finite inputs of shape (N, inputs); raises WrongValue."""
        if self.kind == "continuous":
            return np.array(inputs[:, 0])
        if self.kind == "integer":
            self._check_whole(inputs[:, 0])
            return inputs[:, 0].astype(np.int64)
        if self.encoding == "one-hot":
            found = codes_of.of_one_hot(inputs, self._dropped)
        else:
            found = codes_of.rows_in(inputs, self.rows)
        bad = np.flatnonzero(found < 0)
        if bad.size:
            what, why = codes_of.no_code(inputs[bad[0]], self.name, self.encoding)
            raise WrongValue(int(bad[0]), self.input_names, what, why, bad.size)
        labels = np.empty(len(self.categories), dtype=object)
        labels[:] = self.categories
        return np.asarray(labels[found])

    def _numbers(self, values: NDArray[Any]) -> Array:
        if values.dtype.kind != "f":
            wrong = (not isinstance(v, (Real, np.bool_)) for v in values)
            row = next((place for place, bad in enumerate(wrong) if bad), 0)
            if values[row] is None:
                raise WrongValue(row, [self.name], "a missing value", _FILL)
            raise WrongValue(
                row, [self.name], shown(values[row]), f"it is no number, and {self.name!r} is "
                f"{'an integer' if self.kind == 'integer' else 'a continuous'} feature",
            )  # fmt: skip
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            what = "NaN" if np.isnan(values[bad[0]]) else "an infinite value"
            why = _FILL if np.isnan(values[bad[0]]) else "give finite numbers"
            raise WrongValue(int(bad[0]), [self.name], what, why, bad.size)
        if self.kind == "integer":
            self._check_whole(values)
        return np.asarray(values, dtype=np.float64)

    def _check_whole(self, values: Array) -> None:
        """That values of an integer feature are so many steps from the low end of its range."""
        start = 0.0 if self.range is None else float(self.range[0])
        bad = np.flatnonzero(np.fmod(values - start, self.step) != 0)
        bad = np.union1d(bad, np.flatnonzero(values != np.floor(values)))
        if bad.size:
            steps = f" that are whole steps of {self.step} from {start:g}" if self.step > 1 else ""
            raise WrongValue(
                int(bad[0]), self.input_names if self.inputs else [self.name],
                f"{float(values[bad[0]])!r}",
                f"{self.name!r} is an integer feature; give whole numbers{steps}", bad.size,
            )  # fmt: skip

    # Messages -----------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> dict[Any, int]:
        """From each category to its number."""
        return {label: number for number, label in enumerate(self.categories)}

    @cached_property
    def _dropped(self) -> int | None:
        """The number of the category without an input."""
        return None if self.drop is None else self._number_of(self.drop)

    def _number_of(self, label: Any) -> int | None:
        try:
            return self._places.get(label)
        except TypeError:  # what cannot be a key is no category
            return None

    def label_of_text(self, text: str) -> Any:
        """The category that a text of a file stands for; the text itself if it is none.

        Examples
        --------
        >>> Feature("grade", "ordinal", categories=[1, 2, 3]).label_of_text("2.0")
        2
        >>> Feature("sex", "binary", categories=["F", "M"]).label_of_text("Q")
        'Q'
        """
        plain = text.strip()
        if plain in self._places:
            return plain
        for label in self.categories:
            if not isinstance(label, str) and str(label).lower() == plain.lower():
                return label
        spoken = {"true": True, "false": False}
        try:
            value: Any = spoken[plain.lower()] if plain.lower() in spoken else float(plain)
        except ValueError:
            return plain if plain else None
        number = self._number_of(value)
        return plain if number is None else self.categories[number]

    def usual(self) -> dict[str, Any]:
        """What each attribute is if it is not given, for a feature of this kind."""
        result = {field.name: field.default for field in fields(self)}
        result["encoding"] = _ENCODINGS[self.kind][0]
        if self.kind == "binary" and repr(self.categories) == "(0, 1)":
            result["categories"] = self.categories
        if self.encoding == "codes" and tuple(self.codes) == tuple(range(len(self.categories))):
            result["codes"] = self.codes
        return result

    def __repr__(self) -> str:
        """As it would be written: what is not given by the kind."""
        usual = self.usual()
        given = [
            f"{field.name}={_written(field.name, getattr(self, field.name))}"
            for field in fields(self)[2:]
            if getattr(self, field.name) != usual[field.name]
        ]
        return f"Feature({', '.join([repr(self.name), repr(self.kind), *given])})"


_FILL = "fill it in, or leave the row out"


def _written(name: str, value: Any) -> str:
    return repr(list(value) if isinstance(value, tuple) and name != "range" else value)
