"""The formulas of VNN-LIB properties: linear terms, comparisons, disjunctive normal form."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .vnnlib_text import Node, TextError, check_time

__all__ = ["Comparison", "Formula", "alternatives", "read_formula"]

MOST_COMPARISONS = 2_000_000
"""In all alternatives of a property together: larger ones are refused, not expanded."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

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


def read_formula(node: Node, declared: Container[str]) -> Formula:
    """A formula in disjunctive normal form.

    Raises
    ------
    TextError
        For everything that is not ``and``, ``or``, ``<=`` or ``>=`` of linear terms.

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
        parts = [read_formula(item, declared) for item in node.items[1:]]
        if function == "or":
            return [product for part in parts for product in part]
        return list(_product(parts, node.line))
    if function in ("<=", ">="):
        return [(_comparison(node, declared),)]
    if function in ("<", ">"):
        raise TextError(f"'{function}' is strict; only <= and >= are supported", node.line)
    what = f"unknown function {function!r}" if function else f"{node} is no formula"
    raise TextError(f"{what}; known are and, or, <= and >=", node.line)


def alternatives(formulas: Sequence[Formula]) -> Iterator[Product]:
    """The alternatives of a conjunction of formulas.

    Raises
    ------
    TextError
        If there are too many.
    """
    line = max(
        (one.line for formula in formulas for product in formula for one in product), default=1
    )
    yield from _product(formulas, line)


def _product(parts: Sequence[Formula], line: int) -> Formula:
    # What has no alternatives goes first: long lists of limits are then copied once.
    common: Product = tuple(one for part in parts if len(part) == 1 for one in part[0])
    products: Formula = [common]
    for part in parts:
        check_time()
        if len(part) == 1:
            continue
        longest = max(map(len, products)) + max(map(len, part))
        if len(products) * len(part) * longest > MOST_COMPARISONS:
            raise TextError(
                f"the alternatives up to here hold more than {MOST_COMPARISONS} comparisons", line
            )
        products = [(*product, *more) for product in products for more in part]
    return products


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
    terms = [_linear(item, declared) for item in node.items[1:]]
    if not terms:
        raise TextError(f"'{function}' is empty", node.line)
    if function == "+":
        return _sum(terms)
    if function == "-":
        rest = terms[1:] if len(terms) > 1 else terms
        negative = [_scaled(term, Fraction(-1)) for term in rest]
        return _sum(terms[:1] + negative if len(terms) > 1 else negative)
    product: Linear = {None: Fraction(1)}
    for term in terms:
        if not _is_constant(product) and not _is_constant(term):
            raise TextError(f"{node} is not linear: it multiplies variables", node.line)
        factor, other = (product, term) if _is_constant(product) else (term, product)
        product = _scaled(other, factor.get(None, Fraction(0)))
    return product


def _word(word: str, declared: Container[str], line: int) -> Linear:
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
    for term in terms:
        for name, weight in term.items():
            total[name] = total.get(name, Fraction(0)) + weight
    return total


def _scaled(term: Linear, factor: Fraction) -> Linear:
    return {name: weight * factor for name, weight in term.items()}
