"""The exceptions facetry raises on purpose. All derive from `FacetryError`."""

from __future__ import annotations

__all__ = [
    "FacetryError",
    "FileFormatError",
    "InvalidInputError",
    "MissingDependencyError",
    "ModelLoadError",
    "NumericalError",
    "RegionError",
    "SolverError",
    "UnsupportedOperatorError",
]


class FacetryError(Exception):
    """Base class: catch this to catch every error that facetry raises on purpose."""


class InvalidInputError(FacetryError, ValueError):
    """An argument is wrong: a name, a shape, a NaN, a value out of range."""


class RegionError(InvalidInputError):
    """An analysis region is empty, unbounded or does not fit the model."""


class ModelLoadError(FacetryError):
    """A model cannot be read: damaged, incomplete, or of an unknown format."""


class UnsupportedOperatorError(ModelLoadError):
    """A model holds an operator that is not piecewise linear, or is not known."""


class FileFormatError(FacetryError):
    """A result file or a property file is foreign, truncated or damaged."""


class MissingDependencyError(FacetryError, ImportError):
    """An optional package is needed for this call; the message says which to install."""


class NumericalError(FacetryError):
    """Double precision was not enough for this step; the message says which."""


class SolverError(FacetryError):
    """A solver of the MILP engine came to no answer; it says nothing about what was asked."""
