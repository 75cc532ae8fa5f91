"""The formulas of VNN-LIB properties: linear terms, comparisons, disjunctive normal form."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..base.read_limits import ReadLimits, exceeded, limits_of
from ..base.reading_time import check_time, in_time
from .vnnlib_text import Node, TextError

__all__ = ["Comparison", "Formula", "alternatives", "read_formula", "require_points"]

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

_MOST_BITS = 16_384
"""Of the numerator and denominator of a product: what doubles and a few products of them need is
far below, and longer ones would take ever more time."""

_MOST_CHARACTERS = 10_000
"""Of a number: its exact decimal digits are fewer, and reading more would take ever more time."""

Linear = dict[str | None, Fraction]
"""Weights of variables; under None the constant."""


@dataclass(frozen=True)
class Comparison:
    """``sum of weight x variable >= threshold``; without variables: ``0 >= threshold``.

    Attributes
    ----------
    weights
        From names to weights that are not 0: of outputs only, or of one input.
    threshold
        The right side.
    line
        Where it stands.
    """

    weights: dict[str, Fraction]
    threshold: Fraction
    line: int

    @property
    def limit(self) -> Fraction:
        """Of a comparison of one variable: the number that it is compared with."""
        (weight,) = self.weights.values()
        return self.threshold / weight

    def number(self, value: Fraction) -> float:
        """The nearest double of a number that belongs to this comparison."""
        try:
            return float(value)
        except OverflowError:
            raise TextError("a number is too large for double precision", self.line) from None


Product = tuple[Comparison, ...]
"""Comparisons that all hold."""
Formula = list[Product]
"""Alternatives of which one holds."""


def read_formula(node: Node, declared: Container[str], limits: ReadLimits | None = None) -> Formula:
    """A formula in disjunctive normal form.

    Parameters
    ----------
    limits
        How many comparisons its alternatives may hold; the usual limits if left out.

    Raises
    ------
    TextError
        For everything that is not ``and``, ``or``, ``<=`` or ``>=`` of linear terms, and for
        limits of one input that exclude each other where all of them hold.

    Examples
    --------
    >>> from facetry.questions.vnnlib_text import read_nodes
    >>> node, = read_nodes("(and (<= Y_0 1) (or (>= Y_1 2) (<= Y_1 Y_0)))")
    >>> [len(product) for product in read_formula(node, {"Y_0", "Y_1"})]
    [2, 2]
    """
    check_time()
    function = node.head
    if function in ("and", "or"):
        if len(node.items) < 2:
            raise TextError(f"'{function}' is empty", node.line)
        parts = [read_formula(item, declared, limits) for item in node.items[1:]]
        if function == "or":
            return [product for part in parts for product in part]
        return list(_product(parts, node.line, limits_of(limits)))
    if function in ("<=", ">="):
        return [(_comparison(node, declared),)]
    if function in ("<", ">"):
        raise TextError(f"'{function}' is strict; only <= and >= are supported", node.line)
    what = f"unknown function {function!r}" if function else f"{node} is no formula"
    raise TextError(f"{what}; known are and, or, <= and >=", node.line)


def alternatives(
    formulas: Sequence[Formula], limits: ReadLimits | None = None
) -> Iterator[Product]:
    """The alternatives of a conjunction of formulas.

    Raises
    ------
    TextError
        If there are too many, or none can hold as `read_formula` says.
    """
    line = max(
        (one.line for formula in in_time(formulas) for product in formula for one in product),
        default=1,
    )
    yield from _product(formulas, line, limits_of(limits))


def _product(parts: Sequence[Formula], line: int, limits: ReadLimits) -> Formula:
    # What has no alternatives goes first: long lists of limits are then copied once.
    common: Product = tuple(one for part in parts if len(part) == 1 for one in part[0])
    require_points(common)
    products: Formula = [common]
    for part in parts:
        check_time()
        if len(part) == 1:
            continue
        longest = max(map(len, products)) + max(map(len, part))
        if len(products) * len(part) * longest > limits.comparisons:
            raise TextError(exceeded(limits, "comparisons", "there are many alternatives"), line)
        products = [(*product, *more) for product in products for more in part]
    return products


def require_points(product: Product) -> None:
    """An error if the limits of one input, which all hold, exclude each other.

    Raises
    ------
    TextError
        It names the input and both limits.
    """
    lows: dict[str, Comparison] = {}
    highs: dict[str, Comparison] = {}
    for one in in_time(product):
        if len(one.weights) != 1:
            continue
        ((name, weight),) = one.weights.items()
        if name[0] != "X":
            continue
        if weight > 0 and (name not in lows or one.limit > lows[name].limit):
            lows[name] = one
        if weight < 0 and (name not in highs or one.limit < highs[name].limit):
            highs[name] = one
    for name in lows.keys() & highs.keys():
        low, high = lows[name], highs[name]
        if low.limit > high.limit:
            raise TextError(
                f"the box is inverted: {name} is at least {low.number(low.limit):g} (line "
                f"{low.line}) and at most {high.number(high.limit):g} (line {high.line})",
                max(low.line, high.line),
            )


def _comparison(node: Node, declared: Container[str]) -> Comparison:
    if len(node.items) != 3:
        raise TextError(f"'{node.head}' compares two terms, not {len(node.items) - 1}", node.line)
    left, right = (_linear(item, declared) for item in node.items[1:])
    if node.head == "<=":
        left, right = right, left
    difference = _sum([left, _scaled(right, Fraction(-1))])
    threshold = -difference.pop(None, Fraction(0))
    weights = {name: weight for name, weight in difference.items() if name and weight}
    inputs = [name for name in weights if name[0] == "X"]
    if inputs and len(inputs) < len(weights):
        raise TextError(f"{node} mixes inputs and outputs, which is not supported", node.line)
    if len(inputs) > 1:
        raise TextError(f"{node} joins several inputs; inputs may only have limits", node.line)
    return Comparison(weights, threshold, node.line)


def _linear(node: Node, declared: Container[str]) -> Linear:
    if node.word is not None:
        return _word(node.word, declared, node.line)
    function = node.head
    if function not in ("+", "-", "*"):
        what = f"unknown function {function!r}" if function else f"{node} is no term"
        raise TextError(f"{what}; terms are made of +, - and *", node.line)
    terms = [_linear(item, declared) for item in in_time(node.items[1:])]
    if not terms:
        raise TextError(f"'{function}' is empty", node.line)
    if function == "+":
        return _sum(terms)
    if function == "-":
        rest = terms[1:] if len(terms) > 1 else terms
        negative = [_scaled(term, Fraction(-1)) for term in rest]
        return _sum(terms[:1] + negative if len(terms) > 1 else negative)
    return _multiplied(terms, node)


def _multiplied(terms: Sequence[Linear], node: Node) -> Linear:
    """The product of terms: the numbers first, so that a long sum is multiplied once."""
    factor, sums = Fraction(1), [term for term in terms if not _is_constant(term)]
    if len(sums) > 1:
        raise TextError(f"{node} is not linear: it multiplies variables", node.line)
    for term in in_time(terms):
        if _is_constant(term):
            factor *= term.get(None, Fraction(0))
            _require_short(factor, node)
    result: Linear = _scaled(sums[0], factor) if sums else {None: factor}
    for weight in result.values():
        _require_short(weight, node)
    return result


def _require_short(number: Fraction, node: Node) -> None:
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > _MOST_BITS:
        raise TextError(
            f"a product is too large or too small for double precision: {node}", node.line
        )


def _word(word: str, declared: Container[str], line: int) -> Linear:
    if len(word) > _MOST_CHARACTERS:
        raise TextError(f"{word[:20]}... is too long: {len(word)} characters", line)
    if _NUMBER.fullmatch(word):
        value = float(word)
        if not math.isfinite(value):
            raise TextError(f"{word} is too large for double precision", line)
        return {None: Fraction(value)}
    if word not in declared:
        raise TextError(f"{word!r} is not declared", line)
    return {word: Fraction(1)}


def _is_constant(term: Linear) -> bool:
    return all(name is None or weight == 0 for name, weight in term.items())


def _sum(terms: Iterable[Linear]) -> Linear:
    total: Linear = {}
    for term in in_time(terms):
        for name, weight in term.items():
            total[name] = total.get(name, Fraction(0)) + weight
    return total


def _scaled(term: Linear, factor: Fraction) -> Linear:
    return {name: weight * factor for name, weight in term.items()}
