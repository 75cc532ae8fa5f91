"""Analysis regions: where in input space a question about a model is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..base.arguments import flag_of, shown
from ..base.checks import finite_array, frozen
from ..base.frames import column_names
from ..base.printable import counted, json_text
from ..base.read_json import parse_json
from ..base.read_limits import ReadLimits
from ..base.tables import column_order
from ..errors import InvalidInputError, RegionError
from ..models.model import Model
from .region_parts import (
    FeatureInterval,
    FeatureKey,
    FeatureLimits,
    bounds_of,
    check_one_row,
    columns_in,
    constraints_of,
    margin_of,
)
from .resolution import resolved
from .table_parts import Cloud, ColumnLabels, cloud_of, labels_text, point_of, shown_limits
from .written_form import checked_kind, columns_of, features_of, labels_of, region_to_dict

__all__ = ["AnalysisRegion", "FeatureKey", "FeatureLimits"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class AnalysisRegion:
    """A bounded convex part of input space, independent of any model until it is used.

    Build one with `box`, `cut`, `polytope`, `around`, `from_data` or `point`, and narrow it with
    `where`. Names of features are looked up when the region is used with a model.

    Attributes
    ----------
    kind
        ``"box"``, ``"cut"`` or ``"polytope"``.
    low, high
        Limits of all inputs, float64 of shape (m,), or () if one number stands for all inputs;
        of a cut: both are its base; None where `bounds` or `A` say it all.
    bounds
        The intervals given by feature: (feature, low, high).
    A, b
        Linear constraints ``A @ x <= b``: float64 of shapes (r, m) and (r,); None if there are
        none.
    shape
        The shape in which the limits were given, if it had several axes: it is then compared with
        that of the model's input. Else ().
    columns
        The names of the columns of the table that `low` and `high` (of a hull: `A`) come from, by
        which the model's features are found. Else ().
    labels
        For columns of that table that hold labels: (column, labels), which the model's schema
        encodes when the region is used. Texts are 0 in `low` and `high`.

    Examples
    --------
    >>> AnalysisRegion.box([0, 0], [1, 2]).where([[1, 1]], [2])
    AnalysisRegion.box([0, 0], [1, 2]).where(1 constraint)
    """

    kind: str
    low: Array | None = None
    high: Array | None = None
    bounds: tuple[FeatureInterval, ...] = ()
    A: Array | None = None
    b: Array | None = None
    shape: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    labels: tuple[ColumnLabels, ...] = ()

    # Constructors ---------------------------------------------------------------------------

    @classmethod
    def box(
        cls,
        low: ArrayLike | FeatureLimits,
        high: ArrayLike | None = None,
    ) -> AnalysisRegion:
        """All inputs between `low` and `high`.

        Parameters
        ----------
        low, high
            The limits: shape (m,) or the model's input shape, or one number for all inputs. Or
            `low` alone: a mapping from every feature to its (low, high). Equal limits fix it.

        Raises
        ------
        RegionError
            If a limit is NaN or infinite, a low is above its high, or the shapes differ.

        Examples
        --------
        >>> AnalysisRegion.box(0, 1)
        AnalysisRegion.box(0, 1)
        >>> AnalysisRegion.box({"age": (20, 60), "dose": (0, 2.5)})
        AnalysisRegion.box({'age': (20, 60), 'dose': (0, 2.5)})
        """
        if isinstance(low, Mapping):
            if high is not None:
                raise RegionError("box: give either a mapping of features or low and high")
            return cls("box", bounds=bounds_of(low, "box"))
        if high is None:
            raise RegionError("box: high is missing; give low and high, or a mapping of features")
        check_one_row(low, "box: low", "min")
        check_one_row(high, "box: high", "max")
        lower = finite_array(low, "box: low", error=RegionError)
        upper = finite_array(high, "box: high", error=RegionError)
        return cls._limits(lower, upper, columns=columns_in("box", low, high))

    @classmethod
    def _limits(
        cls, low: Array, high: Array, kind: str = "box", columns: tuple[str, ...] = ()
    ) -> AnalysisRegion:
        if low.ndim and high.ndim and low.shape != high.shape:
            raise RegionError(f"{kind}: low has shape {low.shape}, but high has {high.shape}")
        low, high = np.array(np.broadcast_arrays(low, high))
        crossed = np.flatnonzero(low > high)
        if crossed.size:
            at = f" of input {crossed[0]}" if low.ndim else ""
            low_value, high_value = low.flat[crossed[0]], high.flat[crossed[0]]
            raise RegionError(f"{kind}: low{at} ({low_value:g}) is above high ({high_value:g})")
        shape = low.shape if low.ndim > 1 else ()
        flat = (-1,) if low.ndim else ()
        return cls(
            kind,
            frozen(low.reshape(flat).copy()),
            frozen(high.reshape(flat).copy()),
            shape=shape,
            columns=columns if len(columns) == low.size else (),
        )

    @classmethod
    def cut(cls, base: ArrayLike, features: FeatureLimits) -> AnalysisRegion:
        """All inputs fixed at `base`, except the named ones, which vary between their limits.

        Parameters
        ----------
        base
            The values of the other inputs: shape (m,) or the model's input shape, or one number
            for all; or a row of a table, or a mapping, with a value for each feature (categories
            by their labels). Its values of the varying features are not used.
        features
            From each varying feature (a name or an index into the flattened input) to its
            (low, high); at least one.

        Raises
        ------
        RegionError
            If `base` or a limit is NaN or infinite, a low is above its high, or `base` is a data
            frame of several rows.

        Examples
        --------
        >>> AnalysisRegion.cut([5, 0, 0], {"age": (20, 60), 2: (0, 1)})
        AnalysisRegion.cut([5, 0, 0], {'age': (20, 60), 2: (0, 1)})
        """
        check_one_row(base, "cut: base")
        values, found = point_of(base, "cut: base")
        bounds = bounds_of(features, "cut")
        region = cls._limits(values, values, "cut", found.columns)
        return replace(region, bounds=bounds, labels=found.labels)

    @classmethod
    def polytope(cls, A: ArrayLike, b: ArrayLike) -> AnalysisRegion:
        """All x with ``A @ x <= b``; it must be bounded.

        Parameters
        ----------
        A
            float64 of shape (r, m), one constraint per row.
        b
            float64 of shape (r,).

        Raises
        ------
        RegionError
            If the shapes do not fit or a value is NaN or infinite. An empty or unbounded
            polytope is reported when the region is used.

        Examples
        --------
        >>> AnalysisRegion.polytope([[1, 1], [-1, 0], [0, -1]], [1, 0, 0])
        AnalysisRegion.polytope(3 constraints on 2 inputs)
        """
        rows, limits = constraints_of(A, b, "polytope")
        return cls("polytope", A=rows, b=limits, columns=columns_in("polytope", A))

    @classmethod
    def around(
        cls, points: ArrayLike, margin: ArrayLike = 0.0, *, hull: bool = False
    ) -> AnalysisRegion:
        """The bounding box, or the convex hull, of a cloud of points.

        Parameters
        ----------
        points
            Shape (N, m) or (N, *input_shape); or one point (m,). Or a table; of columns with
            labels all that are there belong to the box, once a model's schema says what they are.
        margin
            How much further each number may go, >= 0: one number, or shape (m,). Faces of a hull
            move outwards just so far that every point within the margin of the cloud is inside.
        hull
            Whether to take the convex hull. The cloud may then span at most 6 dimensions.

        Raises
        ------
        RegionError
            If a value is NaN or infinite, a margin is negative, or the hull has too many
            dimensions.

        Examples
        --------
        >>> AnalysisRegion.around([[0, 0], [1, 2]], margin=0.5)
        AnalysisRegion.box([-0.5, -0.5], [1.5, 2.5])
        """
        found = cloud_of(points, "around: points")
        cloud = found.rows
        slack = margin_of(margin, cloud.shape[1])
        if not flag_of(hull, "around: hull"):
            return cls._of_cloud(found, cloud.min(axis=0) - slack, cloud.max(axis=0) + slack)
        texts = next((held for held in found.labels if not held.are_numbers), None)
        if texts is not None:
            raise RegionError(
                f"around: a hull needs numbers, but column {texts.column!r} holds "
                f"{labels_text(texts.labels)}; encode the table first: model.points(frame)"
            )
        try:
            normals, offsets = _core.convex_hull(cloud)
        except InvalidInputError as problem:
            raise RegionError(f"around: {problem}") from None
        region = cls.polytope(normals, offsets + np.abs(normals) @ slack)
        return replace(region, columns=found.columns)

    @classmethod
    def _of_cloud(cls, cloud: Cloud, low: Array, high: Array) -> AnalysisRegion:
        """A box with the labels of a table; they have no margin."""
        held = {entry.column for entry in cloud.labels if not entry.are_numbers}
        plain = np.array([name not in held for name in cloud.columns or [None] * low.size])
        region = cls._limits(low * plain, high * plain, columns=cloud.columns)
        return replace(region, labels=cloud.labels)

    @classmethod
    def from_data(cls, X: ArrayLike, sigmas: float = 3.0) -> AnalysisRegion:
        """Each feature within so many standard deviations of its mean.

        Parameters
        ----------
        X
            Data: shape (N, m) or (N, *input_shape), or a table; of columns with labels all that
            are there belong to the box.
        sigmas
            How many standard deviations to each side, > 0.

        Raises
        ------
        RegionError
            If a value is NaN or infinite, or `sigmas` is not a positive number.

        Examples
        --------
        >>> AnalysisRegion.from_data([[0.0], [2.0]], sigmas=3)
        AnalysisRegion.box([-2], [4])
        """
        found = cloud_of(X, "from_data: X")
        rows = found.rows
        width = finite_array(sigmas, "from_data: sigmas", error=RegionError)
        if width.ndim or width <= 0:
            raise RegionError(f"from_data: sigmas must be a positive number, not {shown(sigmas)}")
        mean, deviation = rows.mean(axis=0), rows.std(axis=0)
        return cls._of_cloud(found, mean - width * deviation, mean + width * deviation)

    @classmethod
    def point(cls, x: ArrayLike) -> AnalysisRegion:
        """A single point: its one region is that of the network's state there.

        Examples
        --------
        >>> AnalysisRegion.point([1, 2.5])
        AnalysisRegion.point([1, 2.5])
        """
        check_one_row(x, "point: x")
        values, found = point_of(x, "point: x")
        return replace(cls._limits(values, values, columns=found.columns), labels=found.labels)

    def where(self, A: ArrayLike, b: ArrayLike) -> AnalysisRegion:
        """This region, narrowed by ``A @ x <= b``.

        Parameters
        ----------
        A
            float64 of shape (r, m), or (m,) for one constraint. The columns are all m inputs.
        b
            float64 of shape (r,), or a number for one constraint.

        Examples
        --------
        >>> AnalysisRegion.box(0, 1).where([1, -1], 0)
        AnalysisRegion.box(0, 1).where(1 constraint)
        """
        rows, limits = constraints_of(A, b, "where")
        names = column_names(A)
        if self.columns and self.kind == "polytope":
            if names is None:
                raise RegionError(
                    "where: this hull has named columns; give A as a data frame with the same ones"
                )
            rows = frozen(rows[:, column_order(names, self.columns, "where: A", error=RegionError)])
        elif names is not None:
            raise RegionError("where: give A as an array with a column per input of the model")
        if self.A is None or self.b is None:
            return replace(self, A=rows, b=limits)
        if self.A.shape[1] != rows.shape[1]:
            raise RegionError(
                f"where: A has {rows.shape[1]} columns, but the constraints before it "
                f"have {self.A.shape[1]}; give one column per input"
            )
        joined = frozen(np.vstack([self.A, rows])), frozen(np.concatenate([self.b, limits]))
        return replace(self, A=joined[0], b=joined[1])

    # Use ------------------------------------------------------------------------------------

    def resolve(self, model: Model) -> _core.Region:
        """This region in the inputs of `model`.

        Raises
        ------
        RegionError
            If the region does not fit the model, or is empty or unbounded.
        InvalidInputError
            If the model has no feature of a given name.
        """
        return resolved(self, model)

    # Reading, writing, showing --------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, strings and floats that `from_dict` reads back exactly."""
        return region_to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> AnalysisRegion:
        """The region that `to_dict` (or a person, see `facetry.regions.written_form`) wrote.

        Raises
        ------
        RegionError
            If `data` is not such a description.
        """
        kind = checked_kind(data)
        region = cls._from_body(kind, data[kind])
        columns = columns_of(data[kind], region)
        region = replace(region, columns=columns, labels=labels_of(data[kind], columns))
        where = data.get("where")
        return region if where is None else region.where(where["A"], where["b"])

    @classmethod
    def _from_body(cls, kind: str, body: Mapping[str, Any]) -> AnalysisRegion:
        if kind == "polytope":
            return cls.polytope(body["A"], body["b"])
        if kind == "cut":
            return cls.cut(body["base"], features_of(body["features"], kind))
        if "features" in body:
            if set(body) & {"low", "high"}:
                raise RegionError("box: give either features or low and high")
            return cls.box(features_of(body["features"], kind))
        if "low" not in body:
            raise RegionError("box: the key 'low' is missing")
        return cls.box(body["low"], body.get("high"))

    def to_json(self) -> str:
        """JSON text that `from_json` reads back exactly."""
        return json_text(self.to_dict())

    @classmethod
    def from_json(cls, text: str, *, limits: ReadLimits | None = None) -> AnalysisRegion:
        """The region that `to_json` wrote; `limits` says how much the text may hold.

        Raises
        ------
        RegionError
            If `text` is not JSON, or not the description of a region.

        Examples
        --------
        >>> AnalysisRegion.from_json('{"box": {"low": [0, 0], "high": [1, 1]}}')
        AnalysisRegion.box([0, 0], [1, 1])
        """
        return cls.from_dict(parse_json(text, "the region", limits, RegionError))

    def __eq__(self, other: object) -> bool:
        """Whether both were given the same way with the same numbers."""
        return isinstance(other, AnalysisRegion) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        more = 0 if self.A is None or self.kind == "polytope" else len(self.A)
        tail = f".where({counted(more, 'constraint')})" if more else ""
        return f"AnalysisRegion.{self._repr_start()}{tail}"

    def _repr_start(self) -> str:
        if self.kind == "polytope" and self.A is not None:
            rows, inputs = counted(len(self.A), "constraint"), counted(self.A.shape[1], "input")
            return f"polytope({rows} on {inputs})"
        bounds = ", ".join(f"{f!r}: ({low:g}, {high:g})" for f, low, high in self.bounds)
        if self.low is None or self.high is None:
            return f"box({{{bounds}}})"
        low, high = (
            shown_limits(ends, self.columns, self.labels) for ends in (self.low, self.high)
        )
        if self.kind == "cut":
            return f"cut({low}, {{{bounds}}})"
        if np.array_equal(self.low, self.high) and all(len(h.labels) == 1 for h in self.labels):
            return f"point({low})"
        return f"box({low}, {high})"
