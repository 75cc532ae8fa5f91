"""How much reading a file may take: the limits that every reader keeps, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass, fields
from numbers import Integral
from typing import Any

from ..errors import FacetryError, InvalidInputError
from .arguments import shown

__all__ = ["Allowance", "ReadLimits", "exceeded", "limits_of"]


@dataclass(frozen=True)
class ReadLimits:
    """What a file may hold; larger ones are refused before they take memory or time.

    A file of a few bytes can ask for terabytes or for years: by large shapes, by functions or
    aliases that double, by packed zeros. The defaults are far above what networks that can be
    searched have; they keep reading within some gigabytes and minutes. A larger limit can be given
    where a file is read.

    Attributes
    ----------
    bytes
        Of a file, and of what is unpacked from a packed one (``.gz``).
    nodes
        Of a graph, once its local functions are written out; branches count too.
    elements
        Numbers in all arrays of a model together: weights, what is computed of them, inputs, and
        the terms of all sums and maxima (a convolution has one for each place and weight). Also
        the numbers in the boxes and conditions of a property.
    values
        Inputs of a model and results of its operations: each takes some hundred bytes.
    nesting
        Depth of brackets, of functions within functions and of branches within branches.
    words
        Of a text: words and brackets of a property, numbers of an .nnet file, entries of JSON and
        YAML, with all aliases written out.
    comparisons
        In all alternatives of a property together.

    Raises
    ------
    InvalidInputError
        If a limit is no whole number from 1.

    Examples
    --------
    >>> ReadLimits(nodes=1_000_000).nodes
    1000000
    """

    bytes: int = 2**30
    nodes: int = 100_000
    elements: int = 100_000_000
    values: int = 5_000_000
    nesting: int = 200
    words: int = 10_000_000
    comparisons: int = 2_000_000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
                raise InvalidInputError(
                    f"limit {field.name!r} must be a whole number from 1, not {shown(value)}"
                )


def limits_of(value: Any) -> ReadLimits:
    """The limits given, or the usual ones for None.

    Raises
    ------
    InvalidInputError
        If it is something else.
    """
    if value is None:
        return ReadLimits()
    if not isinstance(value, ReadLimits):
        raise InvalidInputError(f"limits must be a facetry.ReadLimits, not {shown(value)}")
    return value


def exceeded(
    limits: ReadLimits, name: str, what: str, error: type[FacetryError] = FacetryError
) -> FacetryError:
    """The error for a file that goes beyond a limit.

    Parameters
    ----------
    limits
        The limits in force.
    name
        The limit's name.
    what
        What is too large: the beginning of the message.
    error
        The class of the error.
    """
    return error(
        f"{what}: more than the limit of {getattr(limits, name)} {name} for reading; if the file "
        f"can be trusted, read it with limits=facetry.ReadLimits({name}=...)"
    )


class Allowance:
    """What is left of a limit that many steps of reading one file share.

    Parameters
    ----------
    limits
        The limits in force.
    name
        The limit shared.
    error
        The class of the error raised once nothing is left.

    Examples
    --------
    >>> left = Allowance(ReadLimits(elements=10), "elements")
    >>> left.spend(7, "the weights")
    >>> left.spend(7, "the bias")
    Traceback (most recent call last):
    ...
    facetry.errors.FacetryError: the bias: more than the limit of 10 elements for reading; if the \
file can be trusted, read it with limits=facetry.ReadLimits(elements=...)
    """

    def __init__(
        self, limits: ReadLimits, name: str, error: type[FacetryError] = FacetryError
    ) -> None:
        self.limits = limits
        self._name, self._error = name, error
        self._left = int(getattr(limits, name))

    def require(self, count: int, what: str) -> None:
        """An error if `count` is more than what is left; before memory is taken for it."""
        if count > self._left:
            raise exceeded(self.limits, self._name, what, self._error)

    def spend(self, count: int, what: str) -> None:
        """Take `count` away, or an error."""
        self.require(count, what)
        self._left -= count
