"""Colours that people with any colour vision can tell apart."""

from __future__ import annotations

__all__ = ["CHOICES", "DIVERGING", "SEQUENTIAL", "choice_colour"]

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


def choice_colour(index: int) -> str:
    """The colour of choice number `index`; after ten they repeat."""
    return CHOICES[index % len(CHOICES)]
