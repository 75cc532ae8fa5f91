"""What single options hold: counts, seconds, and the limits of reading."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import NamedTuple

from ..base.read_limits import ReadLimits

__all__ = ["ReadLimit", "positive", "read_limit", "read_limits", "repeated_limit", "seconds"]

LIMITS = tuple(field.name for field in fields(ReadLimits))
"""The names of the limits."""

_DIGITS = 18  # of a whole number: more than anything has, fewer than Python refuses to read


class ReadLimit(NamedTuple):
    """NAME=N."""

    name: str
    value: int


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or len(text) > _DIGITS or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def seconds(text: str) -> float:
    """A finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def read_limit(text: str) -> ReadLimit:
    """Parse NAME=N.

    Examples
    --------
    >>> read_limit("nodes=1000000")
    ReadLimit(name='nodes', value=1000000)
    """
    name, equals, number = text.partition("=")
    if not equals or name not in LIMITS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=N with a name of {', '.join(LIMITS)}"
        )
    return ReadLimit(name, positive(number))


def read_limits(options: argparse.Namespace) -> ReadLimits:
    """How much files may hold, by all of --read-limit."""
    return ReadLimits(**dict(options.read_limit or ()))


def repeated_limit(options: argparse.Namespace) -> str | None:
    """What is wrong if a limit is given twice, or None."""
    names = [limit.name for limit in options.read_limit or ()]
    twice = [name for name in LIMITS if names.count(name) > 1]
    return f"--read-limit {twice[0]} is given twice" if twice else None
