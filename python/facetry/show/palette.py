"""Colours that people with any colour vision can tell apart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

__all__ = ["CHOICES", "DIVERGING", "SEQUENTIAL", "colours_of", "region_colour"]

_MOST = 400  # colours that differ enough to be told apart at all

CHOICES = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#DDDDDD",
    "#332288",
    "#661100",
)
"""Okabe and Ito's colours, then grey and two dark ones of Tol's, for choices."""

SEQUENTIAL = "Blues_r"
"""Colour map of ranks: the darker, the more important."""

DIVERGING = "PuOr"
"""Colour map of signed weights: orange lowers the output, purple raises it."""


def colours_of(present: Iterable[int], size: int) -> dict[int, str]:
    """Colours of the numbers (below `size`) that a picture shows: each its own.

    With up to ten numbers in all each has the same colour in every picture. Beyond some hundred
    shown ones they repeat.

    Examples
    --------
    >>> len(set(colours_of(range(5, 55), 100).values()))
    50
    """
    shown = sorted(set(present))
    few = size <= len(CHOICES)
    known = list(CHOICES)
    if not few and len(shown) > len(known):
        known = _many(min(len(shown), _MOST))
    return {number: known[(number if few else i) % len(known)] for i, number in enumerate(shown)}


def region_colour(index: int) -> str:
    """A colour for region `index`, other than that of the next ones; every tenth has the same."""
    return CHOICES[7 * index % len(CHOICES)]


@lru_cache(maxsize=8)
def _many(count: int) -> list[str]:
    """So many colours, the ten first: each next one as far from all before it as there is one."""
    steps = range(16, 256, 32)
    found = [_numbers(colour) for colour in CHOICES]
    free = [(r, g, b) for r in steps for g in steps for b in steps if 120 < r + g + b < 660]
    gaps = [min(_gap(colour, other) for other in found) for colour in free]
    while len(found) < count:
        best = max(range(len(free)), key=gaps.__getitem__)
        found.append(free[best])
        gaps = [min(gap, _gap(colour, free[best])) for gap, colour in zip(gaps, free, strict=True)]
    return ["#{:02X}{:02X}{:02X}".format(*colour) for colour in found]


def _numbers(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _gap(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    """How different two colours look, roughly: green counts most, blue least."""
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return 3 * red * red + 4 * green * green + 2 * blue * blue
