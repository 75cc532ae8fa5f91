"""What is known of how features vary: expected ranges and standard deviations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.arguments import shown
from ..base.checks import finite_array, frozen
from ..base.frames import is_table, table_values
from ..base.printable import counted
from ..base.tables import are_generated
from ..errors import InvalidInputError
from ..models.model import Model, check_model
from ..regions.region_parts import FeatureLimits
from .explanation import SCALES

__all__ = ["FeatureScales", "FeatureSigmas"]

Array = NDArray[np.float64]
FeatureSigmas = Mapping[Any, float]
"""From features to their standard deviation."""


@dataclass(frozen=True, eq=False)
class FeatureScales:
    """How much each feature is expected to vary, as far as that is known.

    Attributes
    ----------
    ranges
        Expected ranges, float64 (m, 2), or None if not known.
    sigmas
        Standard deviations, float64 (m,), or None if not known.
    """

    ranges: Array | None = None
    sigmas: Array | None = None

    def __post_init__(self) -> None:
        """Check what was given, and make arrays of lists."""
        if self.ranges is not None:
            ranges = finite_array(self.ranges, "ranges")
            if ranges.ndim != 2 or ranges.shape[1] != 2 or (ranges[:, 0] > ranges[:, 1]).any():
                raise InvalidInputError("ranges must hold a (low, high) for each feature")
            object.__setattr__(self, "ranges", frozen(ranges))
        if self.sigmas is not None:
            sigmas = finite_array(self.sigmas, "sigmas")
            if sigmas.ndim != 1 or (sigmas < 0).any():
                raise InvalidInputError("sigmas must hold a number from 0 for each feature")
            object.__setattr__(self, "sigmas", frozen(sigmas))

    @classmethod
    def known(cls, scales: FeatureScales | None) -> FeatureScales:
        """The scales given, or those that know nothing.

        Raises
        ------
        InvalidInputError
            If they are something else.
        """
        if scales is None:
            return cls()
        if not isinstance(scales, FeatureScales):
            raise InvalidInputError(
                f"scales must be a FeatureScales, such as Explainer.scales, not {shown(scales)}"
            )
        return scales

    @classmethod
    def of(
        cls,
        model: Model,
        *,
        data: ArrayLike | None = None,
        feature_ranges: ArrayLike | FeatureLimits | None = None,
        feature_sigmas: ArrayLike | FeatureSigmas | None = None,
    ) -> FeatureScales:
        """From declared values and data; see `facetry.Explainer`.

        Raises
        ------
        InvalidInputError
            If a shape or a name is wrong, or a feature has none.
        """
        check_model(model)
        return cls(_ranges(model, feature_ranges, data), _sigmas(model, feature_sigmas, data))

    def chosen(self, scale: str | None) -> str:
        """The scale that will be used: `scale` itself, or the first that is known if it is None.

        Raises
        ------
        InvalidInputError
            If there is no such scale, or what it needs is not known.

        Examples
        --------
        >>> FeatureScales().chosen(None)
        'none'
        """
        if scale is None:
            known = {"range": self.ranges, "sigma": self.sigmas}
            return next((name for name, values in known.items() if values is not None), "none")
        if not isinstance(scale, str) or scale not in SCALES:
            raise InvalidInputError(f"scale must be one of {', '.join(SCALES)}, not {shown(scale)}")
        if scale == "range" and self.ranges is None:
            raise InvalidInputError(
                "scale='range' needs the expected range of each feature (not the width of the "
                "region): give feature_ranges= or data= to Explainer, or scales=FeatureScales.of("
                "model, ...) with one of them to a function"
            )
        if scale == "sigma" and self.sigmas is None:
            raise InvalidInputError(
                "scale='sigma' needs the standard deviation of each feature: give feature_sigmas= "
                "or data= to Explainer, or scales=FeatureScales.of(model, ...) with one of them to "
                "a function"
            )
        return scale

    def factors(self, scale: str, size: int) -> Array:
        """What the coefficients of `size` features are multiplied by: float64 (size,).

        Parameters
        ----------
        scale
            A scale that `chosen` gave.

        Raises
        ------
        InvalidInputError
            If the scales are of another number of features.
        """
        for values in (self.ranges, self.sigmas):
            if values is not None and len(values) != size:
                raise InvalidInputError(
                    f"the scales are of {counted(len(values), 'feature')}, but the model has {size}"
                )
        if scale == "range" and self.ranges is not None:
            return np.array(self.ranges[:, 1] - self.ranges[:, 0])
        if scale == "sigma" and self.sigmas is not None:
            return np.array(self.sigmas)
        return np.ones(size)


def _ranges(
    model: Model,
    declared: ArrayLike | FeatureLimits | None,
    data: ArrayLike | None,
) -> Array | None:
    """The expected range of each feature: float64 (m, 2), or None if nothing is known.

    A declared range wins over that of the data (their smallest and largest value); without both,
    those that the model's file states hold.
    """
    if declared is None and data is None:
        return model.feature_ranges
    known = np.full((model.input_size, 2), np.nan)
    if data is not None:
        rows = model.points(data, "data")
        known[:, 0], known[:, 1] = rows.min(axis=0), rows.max(axis=0)
    if declared is not None:
        _declare(model, known, declared, "feature_ranges")
    crossed = np.flatnonzero(known[:, 0] > known[:, 1])
    if crossed.size:
        name, (low, high) = model.feature_names[crossed[0]], known[crossed[0]]
        raise InvalidInputError(
            f"feature_ranges: low of feature {name!r} ({low:g}) is above high ({high:g})"
        )
    return frozen(known)


def _sigmas(
    model: Model,
    declared: ArrayLike | FeatureSigmas | None,
    data: ArrayLike | None,
) -> Array | None:
    """The standard deviation of each feature: float64 (m,), or None if nothing is known.

    A declared one wins over that of the data.
    """
    known = np.full((model.input_size,), np.nan)
    if data is not None:
        rows = model.points(data, "data")
        known = rows.std(axis=0)
    if declared is not None:
        _declare(model, known, declared, "feature_sigmas")
    if (known < 0).any():
        name = model.feature_names[np.flatnonzero(known < 0)[0]]
        raise InvalidInputError(f"feature_sigmas: that of feature {name!r} is negative")
    return None if declared is None and data is None else frozen(known)


def _declare(model: Model, known: Array, declared: Any, what: str) -> None:
    """Write the declared values over `known`, and see that none is left unknown."""
    declared = _by_name(model, declared)
    if isinstance(declared, Mapping):
        for feature, value in declared.items():
            entry = finite_array(value, f"{what}: feature {shown(feature)}")
            _check_shape(entry, known.shape[1:], f"{what}: the value of feature {shown(feature)}")
            known[model.feature_index(feature)] = entry
        _check_complete(model, known, what)
        return
    values = finite_array(declared, what)
    _check_shape(values, known.shape, what)
    known[...] = values


def _by_name(model: Model, declared: Any) -> Any:
    """A table whose rows (or entries) have the names of features, as a mapping from them."""
    names = getattr(declared, "index", None) if is_table(declared) else None
    if names is None or callable(names) or are_generated(model.feature_names):
        return declared
    listed = list(names)
    if not all(isinstance(name, str) for name in listed):
        return declared
    return dict(zip(listed, table_values(declared), strict=True))


def _check_shape(values: Array, shape: tuple[int, ...], what: str) -> None:
    if values.shape != shape:
        raise InvalidInputError(f"{what} must have shape {shape}, not {values.shape}")


def _check_complete(model: Model, known: Array, what: str) -> None:
    missing = np.flatnonzero(np.isnan(known.reshape(len(known), -1)).any(axis=1))
    if missing.size:
        names = ", ".join(repr(model.feature_names[index]) for index in missing[:5])
        more = ", ..." if missing.size > 5 else ""
        verb = "has" if missing.size == 1 else "have"
        raise InvalidInputError(
            f"{what}: {counted(missing.size, 'feature')} {verb} none ({names}{more}); "
            "give all of them, or data to take the others from"
        )
