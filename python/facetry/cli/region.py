"""From the options of the command line to an analysis region."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidInputError, RegionError
from ..files.region_file import read_region
from ..regions.analysis_region import AnalysisRegion
from .files import points_of
from .option_values import read_limits

if TYPE_CHECKING:
    from ..models.model import Model
    from ..regions.region_parts import FeatureKey

__all__ = [
    "Interval",
    "feature_of",
    "has_region",
    "index_or_name",
    "interval",
    "intervals_of_all",
    "region_from_options",
    "say_zeros",
]


_MOST_DIGITS = 19  # Python refuses to read very long numbers


class Interval(NamedTuple):
    """LOW:HIGH, of one feature or (None) of all."""

    feature: str | None
    low: float
    high: float


def interval(text: str) -> Interval:
    """Parse LOW:HIGH or FEATURE=LOW:HIGH; a name may hold any character.

    Examples
    --------
    >>> interval("age=20:60")
    Interval(feature='age', low=20.0, high=60.0)
    """
    name, equals, limits = text.rpartition("=")
    low, colon, high = limits.partition(":")
    try:
        return Interval(name if equals else None, float(low), float(high if colon else "none"))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not LOW:HIGH or FEATURE=LOW:HIGH with two numbers"
        ) from None


def has_region(options: argparse.Namespace) -> bool:
    """Whether any option that makes a region was given."""
    return bool(options.box or options.cut or options.region)


def region_from_options(options: argparse.Namespace, model: Model) -> AnalysisRegion:
    """The region that --box, --cut (with --base) or --region say.

    Raises
    ------
    RegionError
        If the region is wrong.
    """
    if options.region:
        return read_region(options.region, read_limits(options))
    if options.cut:
        return _cut(options, model)
    return _box(options.box, model)


def _cut(options: argparse.Namespace, model: Model) -> AnalysisRegion:
    base = options.base
    if base is None:
        point = np.zeros(model.input_size)
        options.zeros = model.input_size - len(options.cut)  # said with the result
    else:
        point = points_of(options, base, model)
    if point.ndim == 2 and len(point) != 1:
        raise RegionError(f"--base needs one point, but {base} holds {len(point)}")
    return AnalysisRegion.cut(point.reshape(-1), _by_feature(options.cut, model, "--cut"))


def say_zeros(options: argparse.Namespace) -> None:
    """Beside a result of a cut without a base: what nobody gave a value is 0."""
    fixed = getattr(options, "zeros", 0)
    if fixed:
        print(
            f"facetry: note: without --base, the features that --cut does not name ({fixed}) are 0",
            file=sys.stderr,
        )


def _box(intervals: list[Interval], model: Model) -> AnalysisRegion:
    if all(entry.feature is not None for entry in intervals):
        return AnalysisRegion.box(_by_feature(intervals, model, "--box"))
    limits = intervals_of_all(intervals, model, "--box")
    return AnalysisRegion.box(limits[:, 0], limits[:, 1])


def intervals_of_all(intervals: list[Interval], model: Model, option: str) -> NDArray[np.float64]:
    """Limits of all features, shape (m, 2): one LOW:HIGH for all, features of their own after it.

    Features that get none are NaN.
    """
    general = [entry for entry in intervals if entry.feature is None]
    if len(general) > 1:
        raise InvalidInputError(f"{option} LOW:HIGH (for all features) is given more than once")
    limits = np.full((model.input_size, 2), np.nan)
    if general:
        limits[:] = general[0].low, general[0].high
    special = [entry for entry in intervals if entry.feature is not None]
    for feature, ends in _by_feature(special, model, option).items():
        limits[model.feature_index(feature)] = ends
    return limits


def _by_feature(
    intervals: list[Interval], model: Model, option: str
) -> dict[FeatureKey, tuple[float, float]]:
    result: dict[FeatureKey, tuple[float, float]] = {}
    for entry in intervals:
        if entry.feature is None:
            raise RegionError(f"{option} needs FEATURE=LOW:HIGH")
        feature = feature_of(entry.feature, model)
        if feature in result:
            raise RegionError(f"{option}: feature {entry.feature!r} is given twice")
        result[feature] = (entry.low, entry.high)
    return result


def feature_of(text: str, model: Model) -> FeatureKey:
    """A name; or an index, if it is a number that no feature has for a name."""
    return index_or_name(text, model.feature_names)


def index_or_name(text: str, names: Collection[str]) -> FeatureKey:
    """An index, if it is a whole number that is no name."""
    is_index = text not in names and text.isdecimal() and len(text) < _MOST_DIGITS
    return int(text) if is_index else text
