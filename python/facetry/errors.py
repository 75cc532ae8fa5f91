"""The exceptions facetry raises on purpose. All derive from `FacetryError`."""

from __future__ import annotations

import re

__all__ = [
    "FacetryError",
    "FileFormatError",
    "InvalidInputError",
    "MissingDependencyError",
    "ModelLoadError",
    "NumericalError",
    "PlaceError",
    "RegionError",
    "SolverError",
    "UnsupportedOperatorError",
]


_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, delete, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # changes of direction
    "\u2028\u2029"  # separators of lines and paragraphs
    "\ud800-\udfff]"  # halves of characters, which cannot be encoded
)
_BREAK = re.compile(r"\s*[\r\n]\s*")


def printable(text: str) -> str:
    r"""The text with control characters written as Python writes them.

    Examples
    --------
    >>> print(printable("a\x1b[2Jb\nc"))
    a\x1b[2Jb\nc
    """
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


class FacetryError(Exception):
    """Base class: catch this to catch every error that facetry raises on purpose.

    Its text is one line that is safe to print: control characters of names are escaped.
    """

    def __str__(self) -> str:
        return printable(_BREAK.sub(" ", super().__str__()))


class InvalidInputError(FacetryError, ValueError):
    """An argument is wrong: a name, a shape, a NaN, a value out of range."""


class PlaceError(InvalidInputError, IndexError):
    """A number of a region, a feature or an output is out of range."""


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
