"""The result of an explanation: feature weights, and where they hold. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..base import doors
from ..base.arguments import place_of, shown
from ..base.printable import counted
from ..errors import InvalidInputError
from ..regions.analysis_region import AnalysisRegion
from ..search.partition import Partition
from ..search.region_arrays import Halfspaces
from .ranking import ranks_of

if TYPE_CHECKING:
    from ..base.foreign_types import Axes, DataFrame

__all__ = ["SCALES", "Explanation"]

SCALES = {
    "range": "change of the output while the feature crosses its whole expected range",
    "sigma": "change of the output while the feature moves by one standard deviation",
    "none": "change of the output per unit of the feature",
}
"""The scales of feature weights, and what a weight says in each."""


STATUSES = ("complete", "time_limit", "region_limit", "memory_limit", "cancelled")


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Signed feature weights of each linear region (or at each point), and their ranks.

    K is the number of regions or points, q that of the explained outputs, m that of the features.

    Attributes
    ----------
    subject
        ``"region"`` or ``"point"``: what the K entries are.
    feature_names, output_names
        Names, of lengths m and q.
    scale
        ``"range"``, ``"sigma"`` or ``"none"``; `SCALES` says what a weight means in each.
    factors
        float64 (m,): what each coefficient is multiplied by to give the weight.
    coef, intercept
        float64 (K, q, m) and (K, q): the linear models, in input units.
    interior_points
        float64 (K, m): a point inside each region, or the points themselves.
    volumes
        float64 (K,): volumes in the free dimensions; NaN where they are not known (above six
        dimensions, and where the time limit came first).
    free_features
        Indices of the features that vary on the analysis region; for points, of all.
    one_sided
        bool (K,): True where a unit vanishes on the region, so that the coefficients of features
        fixed by the analysis region hold towards one side only.
    region
        The analysis region, or None for points without one.
    status, coverage, undecided
        Why the search stopped, the share of the volume that was done (NaN if not known), and the
        number of places thinner than the tolerance.
    exactness
        The level: ``"float"`` is double precision, ``"safe"`` says that the regions
        are proven; coefficients are in double precision at both.
    validity
        The halfspaces of each region, if asked for.
    choice_names, top, runner_up, other_choice
        Of a query: the names of the choices, and for each region the number of the model's choice
        there and of its second choice, int64 (K,); None where they were not asked for. Of two
        models that were compared `other_choice` is that of the second model.
    cells
        How many cells a query's search visited; 0 otherwise.
    partition
        The partition that was described, or the regions of a query's answer, for `plot`; neither
        compared nor written.
    """

    subject: str
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...]
    scale: str
    factors: NDArray[np.float64]
    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]
    interior_points: NDArray[np.float64]
    volumes: NDArray[np.float64]
    free_features: tuple[int, ...]
    one_sided: NDArray[np.bool_]
    region: AnalysisRegion | None = None
    status: str = "complete"
    coverage: float = 1.0
    undecided: int = 0
    exactness: str = "float"
    validity: Halfspaces | None = None
    choice_names: tuple[str, ...] = ()
    top: NDArray[np.int64] | None = None
    runner_up: NDArray[np.int64] | None = None
    other_choice: NDArray[np.int64] | None = None
    cells: int = 0
    partition: Partition | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Check that all shapes belong together, and protect the arrays."""
        _check_choice("subject", self.subject, ("region", "point"))
        _check_choice("scale", self.scale, tuple(SCALES))
        _check_choice("status", self.status, STATUSES)
        _check_choice("exactness", self.exactness, ("float", "safe"))
        count, outputs, features = len(self), len(self.output_names), len(self.feature_names)
        expected = {
            "factors": (features,),
            "coef": (count, outputs, features),
            "intercept": (count, outputs),
            "interior_points": (count, features),
            "volumes": (count,),
            "one_sided": (count,),
        }
        for name in ("top", "runner_up", "other_choice"):
            if getattr(self, name) is not None:
                expected[name] = (count,)
        numbers = [getattr(self, name) for name in ("top", "runner_up", "other_choice")]
        for own in numbers:
            if own is not None and np.any((own < 0) | (own >= len(self.choice_names))):
                raise InvalidInputError("a choice has no name in choice_names")
        for name, shape in expected.items():
            _check_shape(name, getattr(self, name), shape)
            getattr(self, name).setflags(write=False)
        _check_validity(self.validity, count, features)
        if any(not 0 <= index < features for index in self.free_features):
            raise InvalidInputError(f"free_features must lie between 0 and {features - 1}")

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Signed feature weights ``coef * factors``: float64 (K, q, m)."""
        return np.asarray(self.coef * self.factors)

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """Ranks of the weights: int64 (K, q, m); 1 is the largest magnitude, equal ones share."""
        return ranks_of(self.weights)

    def __len__(self) -> int:
        """The number K of regions or points."""
        return len(self.coef)

    def ranking(self, index: int, output: int = 0) -> tuple[str, ...]:
        """The feature names of one region (or point), the largest weight first."""
        row = place_of(index, len(self), self.subject)
        column = place_of(output, len(self.output_names), "output")
        order = np.argsort(self.ranks[row, column], kind="stable")
        return tuple(self.feature_names[feature] for feature in order)

    def halfspaces(self, index: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The validity region of entry `index`: (A, b) with ``A @ x <= b``.

        Raises
        ------
        InvalidInputError
            If validity regions were not asked for.
        """
        if self.validity is None:
            raise InvalidInputError(
                "this explanation holds no validity regions; ask for them with validity="
            )
        place = place_of(index, len(self), self.subject)
        rows = slice(*self.validity.offsets[[place, place + 1]])
        return self.validity.A[rows], self.validity.b[rows]

    def to_json(self) -> str:
        """JSON text: weights and ranks for readers, and all that `from_json` reads back exactly."""
        return str(doors.json_of(self))

    @classmethod
    def from_json(cls, text: str) -> Explanation:
        """The explanation that `to_json` wrote.

        Raises
        ------
        FileFormatError
            If the text is damaged, or something else.
        """
        explanation: Explanation = doors.read_json.of(cls)(text)
        return explanation

    def to_pandas(self) -> DataFrame:
        """One row per region (or point), output and feature.

        Raises
        ------
        MissingDependencyError
            If pandas is not installed.
        """
        frame: DataFrame = doors.table_of(self)
        return frame

    def plot(self, **options: Any) -> Axes:
        """Draw the regions of a two-dimensional partition; see `facetry.plot_partition`.

        Raises
        ------
        InvalidInputError
            If there is no partition (points, or read from a file), or it is not 2-dimensional.
        """
        axes: Axes = doors.draw(self, **options)
        return axes

    def __eq__(self, other: object) -> bool:
        """Whether all values are the same; the partition is not compared."""
        return isinstance(other, Explanation) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return (
            f"<Explanation: {counted(len(self), self.subject)}, "
            f"{counted(len(self.output_names), 'output')}, "
            f"{counted(len(self.feature_names), 'feature')}, scale {self.scale!r}>"
        )

    def __str__(self) -> str:
        return str(doors.text_of(self))

    def _repr_html_(self) -> str:
        return str(doors.html_of(self))


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise InvalidInputError(f"{name} must be one of {', '.join(choices)}, not {shown(value)}")


def _check_shape(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise InvalidInputError(f"{name} must have shape {shape}, not {array.shape}")


def _check_validity(validity: Halfspaces | None, count: int, features: int) -> None:
    if validity is None:
        return
    rows = len(validity.A)
    _check_shape("validity.offsets", validity.offsets, (count + 1,))
    _check_shape("validity.A", validity.A, (rows, features))
    _check_shape("validity.b", validity.b, (rows,))
    ends = validity.offsets[0], validity.offsets[-1]
    if ends != (0, rows) or (np.diff(validity.offsets) < 0).any():
        raise InvalidInputError(f"validity.offsets must ascend from 0 to {rows}")
