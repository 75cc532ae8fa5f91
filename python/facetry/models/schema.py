"""A schema: all features of a model, and which of its inputs each of them owns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base import doors
from ..base.arguments import shown
from ..base.frames import Column, Table, column_names, read_table
from ..base.points import WrongValue, points_array, refusal
from ..base.printable import counted, json_text
from ..base.read_json import parse_json
from ..base.read_limits import ReadLimits
from ..base.tables import are_generated, listed, nearest
from ..errors import InvalidInputError
from .feature import Feature
from .feature_codes import first_repeated, names_in
from .schema_form import schema_from_dict, schema_to_dict
from .schema_from_table import guessed

__all__ = ["Schema", "schema_for"]

Array = NDArray[np.float64]


class HasInputs(Protocol):
    """A model, as far as a schema is concerned."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of its inputs."""
        ...


@dataclass(frozen=True, repr=False)
class Schema:
    """The features of a model: what tables hold, and how the model's inputs encode it.

    Make one by hand, or with `from_table` from data, and give it to a model with
    `Model.with_schema`, or ``facetry.load(..., schema=)``. Immutable.

    Attributes
    ----------
    features
        All features, in the order that rows without names have.
    inputs
        The names of the model's inputs, in the model's order. By default those of the first
        feature, then those of the second, and so on.
    guesses
        For features that `from_table` made: (name, what it was guessed from). They do not count for
        equality.

    Raises
    ------
    InvalidInputError
        If two features have one name, or `inputs` are not the names of their inputs.

    Examples
    --------
    >>> schema = Schema([Feature("age", "integer", range=(18, 99)),
    ...                  Feature("sex", "categorical", categories=["F", "M"])])
    >>> schema.input_names
    ('age', 'sex_F', 'sex_M')
    >>> schema.encode({"sex": ["M", "F"], "age": [30, 41]}).tolist()
    [[30.0, 0.0, 1.0], [41.0, 1.0, 0.0]]
    >>> schema.decode([[30, 0, 1]])
    {'age': array([30]), 'sex': array(['M'], dtype=object)}
    """

    features: Sequence[Feature]
    inputs: Sequence[str] = ()
    guesses: Sequence[tuple[str, str]] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Check everything, and make tuples of lists."""
        given = self.features
        if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
            raise InvalidInputError(f"a schema needs a list of features, not {shown(given)}")
        features = tuple(given)
        for entry in features:
            if not isinstance(entry, Feature):
                raise InvalidInputError(f"a schema holds facetry.Feature, not {shown(entry)}")
        if not features:
            raise InvalidInputError("a schema needs at least one feature")
        repeated = first_repeated([entry.name for entry in features])
        if repeated is not None:
            raise InvalidInputError(f"the schema has two features {shown(repeated)}")
        owned = [name for entry in features for name in entry.input_names]
        twice = first_repeated(owned)
        if twice is not None:
            raise InvalidInputError(
                f"the input {shown(twice)} belongs to two features, or twice to one; name the "
                "inputs of one with Feature(inputs=)"
            )
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "inputs", _ordered(self.inputs, owned))
        object.__setattr__(self, "guesses", _pairs(self.guesses))

    # Made from data -----------------------------------------------------------------------------

    @classmethod
    def from_table(
        cls,
        frame: Any,
        model: HasInputs | None = None,
        *,
        overrides: Mapping[str, Feature] | None = None,
    ) -> Schema:
        """A schema guessed from a data frame; its text lists every guess.

        Bools are binary; so are whole numbers of which all are 0 or 1. Other whole numbers are
        integers, other numbers continuous; their ranges are those of the data. Texts are
        categories, sorted; columns of categories keep theirs, and are ordinal if these have an
        order. Of a model with named inputs the names tell how categories are encoded.

        Parameters
        ----------
        frame
            A data frame of pandas, polars or pyarrow, or another that narwhals reads, with a column
            for each feature; or a mapping from names to lists.
        model
            The model that it is for: then the encodings that fit its inputs are preferred.
        overrides
            From names of columns to features that are known better.

        Raises
        ------
        InvalidInputError
            If a column holds what is no feature, or an override is of no column.
        MissingDependencyError
            If narwhals is needed, and not installed.

        Examples
        --------
        >>> print(Schema.from_table({"age": [30, 41, 52], "sex": ["F", "M", "F"]}))
        Schema of 2 features in 3 inputs
          age  integer      30 to 52
          sex  categorical  'F', 'M' (one-hot)
        Guessed (change with Schema.with_feature, or overrides= of Schema.from_table):
          age: integer, because all values are whole; the range is that of 3 rows
          sex: categorical, because it holds texts; its categories are the 2 in 3 rows; one-hot
        """
        if column_names(frame) is None:
            raise InvalidInputError(
                "a schema is made from a table whose columns have names, such as a pandas "
                f"DataFrame, not {shown(type(frame).__name__)}"
            )
        table = read_table(frame, "the table", types=True)
        known = _overrides_in(overrides, table.names)
        inputs = None if model is None else _inputs_of(model)
        found = guessed(table, known, inputs)
        return cls(
            [entry for entry, _ in found], guesses=[(f.name, why) for f, why in found if why]
        )

    def with_feature(self, feature: Feature) -> Schema:
        """The same schema with another feature of the same name.

        Raises
        ------
        InvalidInputError
            If there is none of that name, or its inputs do not fit.

        Examples
        --------
        >>> schema = Schema.from_table({"age": [30, 41]})
        >>> schema.with_feature(Feature("age", range=(0, 99))).feature("age")
        Feature('age', 'continuous', range=(0.0, 99.0))
        """
        if not isinstance(feature, Feature):
            raise InvalidInputError(f"with_feature needs a facetry.Feature, not {shown(feature)}")
        place = self.names.index(self.feature(feature.name).name)
        features = [*self.features[:place], feature, *self.features[place + 1 :]]
        owned = [name for entry in features for name in entry.input_names]
        return Schema(
            features,
            self.inputs if set(owned) == set(self.input_names) else (),
            [pair for pair in self.guesses if pair[0] != feature.name],
        )

    # What it holds ------------------------------------------------------------------------------

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the features."""
        return tuple(entry.name for entry in self.features)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the model's inputs, in the model's order."""
        return tuple(self.inputs)

    @cached_property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """For each feature the numbers of its inputs in the model."""
        place = {name: index for index, name in enumerate(self.inputs)}
        return tuple(tuple(place[name] for name in entry.input_names) for entry in self.features)

    def inputs_of(self, name: str) -> tuple[int, ...]:
        """The numbers of a feature's inputs in the model; () if there is no such feature."""
        return self.places[self.names.index(name)] if name in self.names else ()

    @cached_property
    def ranges(self) -> Array:
        """The expected (low, high) of each input: float64 (m, 2), NaN where it is not known."""
        result = np.full((len(self.inputs), 2), np.nan)
        for entry, place in zip(self.features, self.places, strict=True):
            ends = entry.bounds()
            if ends is not None:
                result[list(place)] = ends
        return result

    def feature(self, name: str) -> Feature:
        """The feature of that name.

        Raises
        ------
        InvalidInputError
            If there is none; it names the nearest.
        """
        if isinstance(name, str) and name in self.names:
            return self.features[self.names.index(name)]
        near = nearest(name, self.names) if isinstance(name, str) else None
        hint = (
            f"the features are {listed(self.names)}" if near is None else f"did you mean {near!r}?"
        )
        raise InvalidInputError(f"the schema has no feature named {shown(name)}; {hint}")

    # Encoding -----------------------------------------------------------------------------------

    def encode(self, X: Any) -> Array:
        """The model's inputs of a table, or of rows: float64 of shape (N, m).

        Parameters
        ----------
        X
            A table with a column for each feature, in any order; or rows (N, k) with a value for
            each of the k features. Tables with a column for each input, and arrays of numbers with
            m columns, hold inputs already.

        Raises
        ------
        InvalidInputError
            If a column is missing, unknown or there twice, or a value is missing, no category, or
            not whole where it must be. It names the column and the row.
        """
        names = self.input_names
        return points_array(X, len(names), "X", features=names, schema=self)

    def decode(self, inputs: ArrayLike) -> dict[str, NDArray[Any]]:
        """The values of each feature in inputs of shape (N, m) or (m,): a column for each.

        Columns are float64, int64 (integers) or objects (categories), of shape (N,).

        Raises
        ------
        InvalidInputError
            If a row is not the encoding of any values; it names the row and the inputs.
        """
        rows = points_array(inputs, len(self.inputs), "the array")
        try:
            columns = self._decoded(rows)
        except WrongValue as wrong:
            raise refusal(wrong, Table(()), "the array") from None
        return dict(zip(self.names, columns, strict=True))

    def encoded(self, columns: Sequence[Column]) -> Array:
        """As `encode`, of one column for each feature; raises WrongValue."""
        result = np.empty((len(columns[0].values), len(self.inputs)))
        for entry, place, column in zip(self.features, self.places, columns, strict=True):
            result[:, list(place)] = entry.encoded(column.values)
        return result

    def check_inputs(self, rows: Array) -> None:
        """Raises WrongValue if a row of inputs is not the encoding of any values."""
        self._decoded(rows)

    def _decoded(self, rows: Array) -> list[NDArray[Any]]:
        pairs = zip(self.features, self.places, strict=True)
        return [entry.decoded(rows[:, list(place)]) for entry, place in pairs]

    # Reading, writing, showing ------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, strings and numbers that `from_dict` reads back."""
        return schema_to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Schema:
        """The schema that `to_dict` wrote.

        Raises
        ------
        InvalidInputError
            If `data` is no such description.
        """
        return cls(**schema_from_dict(data))

    def to_json(self) -> str:
        """JSON text that `from_json` reads back."""
        return json_text(self.to_dict())

    @classmethod
    def from_json(cls, text: str, *, limits: ReadLimits | None = None) -> Schema:
        """The schema that `to_json` wrote; `limits` says how much the text may hold.

        Raises
        ------
        InvalidInputError
            If `text` is not JSON, or no description of a schema.

        Examples
        --------
        >>> Schema.from_json('{"features": [{"name": "age", "kind": "integer"}]}').features
        (Feature('age', 'integer'),)
        """
        return cls.from_dict(parse_json(text, "the schema", limits, InvalidInputError))

    def __repr__(self) -> str:
        inputs = counted(len(self.inputs), "input")
        return f"Schema({counted(len(self.features), 'feature')}, {inputs}: {listed(self.names)})"

    def __str__(self) -> str:
        """All features, and every guess."""
        return str(doors.text_of(self))


def schema_for(schema: Schema, names: Sequence[str]) -> Schema:
    """The schema with its inputs in the order of a model's.

    Inputs are matched by name. A model without names of its own takes them in the schema's order.

    Parameters
    ----------
    schema
        The schema.
    names
        The names of the model's inputs.

    Raises
    ------
    InvalidInputError
        If it is for another model.
    """
    if not isinstance(schema, Schema):
        raise InvalidInputError(f"the schema must be a facetry.Schema, not {shown(schema)}")
    ours = schema.input_names
    own_names = not are_generated(names) or set(ours) == set(names)
    theirs = set(names)
    unknown = next((name for name in ours if own_names and name not in theirs), None)
    if len(ours) != len(names):
        several = [
            f"{entry.name!r} {entry.input_count}"
            for entry in schema.features
            if entry.input_count > 1
        ]
        more = f" ({', '.join(several[:5])})" if several else ""
        raise InvalidInputError(
            f"the schema is for another model: its {counted(len(schema.features), 'feature')} have "
            f"{counted(len(ours), 'input')}{more}, but the model has {counted(len(names), 'input')}"
            f"{'' if unknown is None else f', and none called {unknown!r}'}"
        )
    if not own_names:
        return schema
    if unknown is not None:
        near = nearest(unknown, [name for name in names if name not in ours])
        hint = f"did you mean {near!r}?" if near else f"the model's inputs are {listed(names)}"
        raise InvalidInputError(
            f"the schema is for another model: this one has no input {unknown!r}; {hint} (inputs "
            "are matched by name; Feature(inputs=) names those of a feature)"
        )
    return replace(schema, inputs=tuple(names))


def _ordered(given: Any, owned: list[str]) -> tuple[str, ...]:
    names = names_in(given, "inputs")
    if not names:
        return tuple(owned)
    given_names, owned_names = set(names), set(owned)
    missing = [name for name in owned if name not in given_names]
    unknown = [name for name in names if name not in owned_names]
    if missing or unknown:
        which = f"{missing[0]!r} is missing" if missing else f"{unknown[0]!r} belongs to no feature"
        raise InvalidInputError(f"inputs must name the inputs of all features: {which}")
    return names


def _pairs(given: Any) -> tuple[tuple[str, str], ...]:
    try:
        pairs = tuple((name, why) for name, why in given)
    except (TypeError, ValueError):
        pairs = ((None, None),)
    if not all(isinstance(name, str) and isinstance(why, str) for name, why in pairs):
        raise InvalidInputError(f"guesses are pairs of texts, not {shown(given)}")
    return pairs


def _overrides_in(given: Any, columns: Sequence[str]) -> dict[str, Feature]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidInputError(
            f"overrides must be a mapping from columns to features, not {shown(given)}"
        )
    for name, entry in given.items():
        if not isinstance(entry, Feature) or entry.name != name:
            raise InvalidInputError(
                f"overrides: that of {shown(name)} must be a facetry.Feature of this name, not "
                f"{shown(entry)}"
            )
        if name not in columns:
            near = nearest(name, columns)
            hint = f"did you mean {near!r}?" if near else f"the columns are {listed(columns)}"
            raise InvalidInputError(f"overrides: the table has no column {shown(name)}; {hint}")
    return dict(given)


def _inputs_of(model: Any) -> tuple[str, ...]:
    names = getattr(model, "feature_names", None)
    if not isinstance(names, tuple):
        raise InvalidInputError(f"the model must be one from facetry.load, not {shown(model)}")
    return getattr(model, "made_up_names", ()) or names
