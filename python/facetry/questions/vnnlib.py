"""VNN-LIB properties: boxes of inputs, and what outputs are a counterexample there.

The file is a list of commands in brackets. ``(declare-const X_0 Real)`` names inputs X_0, X_1, ...
and outputs Y_0, Y_1, ...; ``(assert F)`` states what holds at a counterexample. F is ``and``,
``or``, or ``<=`` and ``>=`` between terms of ``+``, ``-``, ``*``, numbers and variables; ``;``
begins a comment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import path_of, text_of
from ..base.checks import frozen
from ..base.read_file import read_text
from ..base.read_limits import ReadLimits, exceeded, limits_of
from ..base.reading_time import check_time, in_time
from ..errors import FileFormatError
from .vnnlib_formula import Comparison, Formula, alternatives, read_formula, require_points
from .vnnlib_text import Node, TextError, read_nodes

__all__ = ["Conjunction", "Property", "PropertyCase"]

Array = NDArray[np.float64]

_VARIABLE = re.compile(r"([XY])_(0|[1-9]\d{0,8})")


@dataclass(frozen=True, eq=False)
class Conjunction:
    """Linear conditions on the outputs y that all hold: ``weights @ y >= thresholds``.

    Attributes
    ----------
    weights, thresholds
        float64 (c, n) and (c,); c may be 0: then every output fulfils them.
    """

    weights: Array
    thresholds: Array

    def margins(self, outputs: Array) -> Array:
        """By how much the least fulfilled condition is fulfilled: float64 (N,) for (N, n)."""
        if len(self.thresholds) == 0:
            return np.full(len(outputs), np.inf)
        margins: Array = (outputs @ self.weights.T - self.thresholds).min(axis=1)
        return margins


@dataclass(frozen=True, eq=False)
class PropertyCase:
    """A box of inputs, and alternatives for the outputs: one of them must hold.

    Attributes
    ----------
    low, high
        float64 (m,): the box, with its sides.
    conjunctions
        The alternatives.
    """

    low: Array
    high: Array
    conjunctions: tuple[Conjunction, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Property:
    """What a counterexample is: an input in the box of a case whose outputs fulfil one alternative.

    Numbers are read as the nearest doubles, and sums of them are rounded once. Limits of an input
    that exclude each other where all of them hold are an error of the file. Where several
    disjunctions are combined, those combinations whose limits exclude each other are left out, and
    so are alternatives that cannot hold; without cases nothing is a counterexample.

    Attributes
    ----------
    input_size, output_size
        The numbers m and n of declared inputs X_i and outputs Y_j.
    cases
        The boxes, in the order of the file.
    source
        The file's name, or "text".

    Examples
    --------
    >>> found = Property.parse('''
    ... (declare-const X_0 Real) (declare-const Y_0 Real) (declare-const Y_1 Real)
    ... (assert (>= X_0 -1)) (assert (<= X_0 2.5))
    ... (assert (or (<= Y_0 Y_1) (and (>= Y_0 3) (<= (+ Y_0 (* 2 Y_1)) 4)))) ; unsafe
    ... ''')
    >>> found
    Property(1 input, 2 outputs, 1 case)
    >>> found.cases[0].low, found.cases[0].high
    (array([-1.]), array([2.5]))
    >>> [one.weights.tolist() for one in found.cases[0].conjunctions]
    [[[-1.0, 1.0]], [[1.0, 0.0], [-1.0, -2.0]]]
    >>> [one.thresholds.tolist() for one in found.cases[0].conjunctions]
    [[0.0], [3.0, -4.0]]
    """

    input_size: int
    output_size: int
    cases: tuple[PropertyCase, ...]
    source: str = "text"

    @classmethod
    def read(cls, path: str | Path, *, limits: ReadLimits | None = None) -> Property:
        """The property in a .vnnlib file, which may be packed with gzip.

        Parameters
        ----------
        path
            The file: UTF-8, or what its byte-order mark says.
        limits
            How much the file may hold; see `facetry.ReadLimits`.

        Raises
        ------
        FileFormatError
            If the file cannot be read, or as `parse`.
        """
        path = path_of(path, "property", error=FileFormatError)
        limits = limits_of(limits)
        text = read_text(path, limits, FileFormatError, "the property")
        return cls.parse(text, source=str(path), limits=limits)

    @classmethod
    def parse(
        cls, text: str, *, source: str = "text", limits: ReadLimits | None = None
    ) -> Property:
        """The property in a text.

        Parameters
        ----------
        text
            Commands as in the module's description.
        source
            What to call the text in messages.
        limits
            How much the text may hold; see `facetry.ReadLimits`.

        Raises
        ------
        FileFormatError
            If the text is not of this form: the message names the construct and its line. Strict
            inequalities, conditions that mix inputs and outputs or several inputs, inputs without
            limits, inverted boxes, and all other commands and functions are refused.

        Examples
        --------
        >>> Property.parse("(declare-const X_0 Real)\\n(assert (< X_0 1))")
        Traceback (most recent call last):
        ...
        facetry.errors.FileFormatError: text, line 2: '<' is strict; only <= and >= are supported
        """
        text_of(text, "a property", error=FileFormatError)
        try:
            text = text.removeprefix("\ufeff")
            limits = limits_of(limits)
            return _property(read_nodes(text, limits), source, limits)
        except TextError as fault:
            raise FileFormatError(f"{source}, line {fault.line}: {fault}") from None

    def __repr__(self) -> str:
        counts = [(self.input_size, "input"), (self.output_size, "output")]
        counts.append((len(self.cases), "case"))
        text = ", ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in counts)
        return f"Property({text})"


def _property(nodes: Iterator[Node], source: str, limits: ReadLimits) -> Property:
    declared: dict[str, int] = {}
    formulas: list[Formula] = []
    for node in nodes:
        command = node.head
        if command == "declare-const":
            _declare(node, declared)
        elif command == "assert":
            if len(node.items) != 2:
                raise TextError("assert takes one formula", node.line)
            formulas.append(read_formula(node.items[1], declared, limits))
        else:
            what = f"command {command!r}" if command else f"{node} where a command should be"
            raise TextError(f"unknown {what}; known are declare-const and assert", node.line)
    inputs, outputs = _sizes(declared)
    cases = _cases(formulas, declared, (inputs, outputs), limits)
    return Property(inputs, outputs, cases, source)


def _cases(
    formulas: list[Formula], declared: dict[str, int], sizes: tuple[int, int], limits: ReadLimits
) -> tuple[PropertyCase, ...]:
    inputs, outputs = sizes
    grouped: dict[tuple[bytes, bytes], tuple[Array, Array, list[Conjunction]]] = {}
    numbers, inverted = 0, None
    for conditions in alternatives(formulas, limits):
        check_time()
        numbers += 2 * inputs + outputs * len(conditions)
        if numbers > limits.elements:
            line = max(declared.values())
            raise TextError(exceeded(limits, "elements", "the boxes and conditions are many"), line)
        box = _box(conditions, inputs)
        conjunction = _conjunction(conditions, outputs)
        _require_limits(box, declared)
        low, high = box
        if np.any(low > high):
            inverted = conditions
            continue
        if conjunction is None:
            continue
        key = (low.tobytes(), high.tobytes())
        grouped.setdefault(key, (low, high, []))[2].append(conjunction)
    if inverted is not None and not grouped:
        require_points(inverted)
    return tuple(
        PropertyCase(frozen(low), frozen(high), tuple(found))
        for low, high, found in grouped.values()
    )


def _declare(node: Node, declared: dict[str, int]) -> None:
    words = [item.word for item in node.items[1:]]
    if len(words) != 2 or words[1] != "Real" or words[0] is None:
        raise TextError(f"{node}: a declaration is (declare-const NAME Real)", node.line)
    name = words[0]
    if not _VARIABLE.fullmatch(name):
        raise TextError(
            f"{name!r} is no name: inputs are X_0, X_1, ..., outputs Y_0, ...", node.line
        )
    if name in declared:
        raise TextError(f"{name} is declared twice, first in line {declared[name]}", node.line)
    declared[name] = node.line


def _sizes(declared: dict[str, int]) -> tuple[int, int]:
    """How many inputs and outputs there are; the numbers must have no gaps."""
    sizes = []
    for letter, what in (("X", "input"), ("Y", "output")):
        size = sum(name[0] == letter for name in declared)
        if size == 0:
            raise TextError(f"no {what} {letter}_0 is declared", 1)
        missing = [i for i in range(size) if f"{letter}_{i}" not in declared]
        if missing:
            last = max(declared[name] for name in declared if name[0] == letter)
            raise TextError(f"{letter}_{missing[0]} is not declared, but others after it are", last)
        sizes.append(size)
    return sizes[0], sizes[1]


def _box(conditions: tuple[Comparison, ...], size: int) -> tuple[Array, Array]:
    """The intersection of all limits of inputs; infinite where there is none."""
    low, high = np.full(size, -math.inf), np.full(size, math.inf)
    for condition in in_time(conditions):
        names = [name for name in condition.weights if name[0] == "X"]
        if not names:
            continue
        (name,) = names  # the formula's reader admits no more
        weight, index = condition.weights[name], int(name[2:])
        limit = condition.number(condition.threshold / weight)
        if weight > 0:
            low[index] = max(low[index], limit)
        else:
            high[index] = min(high[index], limit)
    return low, high


def _require_limits(box: tuple[Array, Array], declared: dict[str, int]) -> None:
    for limits, what in zip(box, ("lower", "upper"), strict=True):
        without = np.flatnonzero(np.isinf(limits))
        if without.size:
            name = f"X_{without[0]}"
            raise TextError(f"{name} has no {what} limit in some case", declared[name])


def _conjunction(conditions: tuple[Comparison, ...], size: int) -> Conjunction | None:
    """The conditions on outputs; None if one of them, without variables, is false."""
    rows, thresholds = [], []
    for condition in in_time(conditions):
        if not condition.weights:
            if condition.threshold > 0:
                return None
            continue
        if any(name[0] == "X" for name in condition.weights):
            continue
        row = np.zeros(size)
        for name, weight in condition.weights.items():
            row[int(name[2:])] = condition.number(weight)
        rows.append(row)
        thresholds.append(condition.number(condition.threshold))
    weights = np.array(rows, dtype=np.float64).reshape(len(rows), size)
    return Conjunction(frozen(weights), frozen(np.array(thresholds, dtype=np.float64)))
