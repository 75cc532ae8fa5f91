"""Frontiers: what a stopped search still has to do, as a value to save and to go on from."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.arguments import path_of, shown
from ..base.whole_file import write_whole
from ..errors import FileFormatError, InvalidInputError

__all__ = ["Frontier", "IntervalTuple"]

IntervalTuple = tuple[list[int], list[int], list[int], float, float]
"""A part of the search tree, as the core gives it: from, after, end and two positions."""

_FORMAT = "facetry frontier"
_VERSION = 1


@dataclass(frozen=True)
class Frontier:
    """What is left of a search, and how much of it is done.

    The regions that were taken and those that a search from this frontier finds are all regions,
    each once.

    Attributes
    ----------
    fingerprint
        A hash of the model, the region and the options that the search tree follows from. A search
        goes on from a frontier only with the same.
    intervals
        The parts of the search tree that are left; empty once the search is complete.
    regions, batches, undecided
        How many regions, batches and undecided cuts were taken before. After a region limit some
        undecided cuts may be counted again when the search goes on.
    """

    fingerprint: int
    intervals: tuple[IntervalTuple, ...]
    regions: int = 0
    batches: int = 0
    undecided: int = 0

    def __post_init__(self) -> None:
        """Check that all is what a search can go on from.

        Raises
        ------
        InvalidInputError
            If it is not.
        """
        for name in ("fingerprint", "regions", "batches", "undecided"):
            _check_number(getattr(self, name), name, 2**64 if name == "fingerprint" else 2**63)
        if not isinstance(self.intervals, tuple):
            raise InvalidInputError(f"intervals must be a tuple, not {shown(self.intervals)}")
        for interval in self.intervals:
            _check_interval(interval)

    @property
    def complete(self) -> bool:
        """Is nothing left?"""
        return not self.intervals

    def save(self, path: str | Path) -> None:
        """Write the frontier to a small file, whole or not at all.

        Raises
        ------
        InvalidInputError
            If the file cannot be written.
        """
        content = {
            "fingerprint": self.fingerprint,
            "intervals": [list(interval) for interval in self.intervals],
            "regions": self.regions,
            "batches": self.batches,
            "undecided": self.undecided,
        }
        text = json.dumps(content)
        whole = {"format": _FORMAT, "version": _VERSION, "check": _check(text), "content": content}
        write_whole(
            path_of(path, "path"), lambda temporary: temporary.write_text(json.dumps(whole))
        )

    @classmethod
    def open(cls, path: str | Path) -> Frontier:
        """Read a frontier that `save` wrote.

        Raises
        ------
        FileFormatError
            If the file is missing, foreign, truncated or damaged.
        """
        name = path_of(path, "path", error=FileFormatError)
        try:
            whole = json.loads(name.read_text())
        except FileNotFoundError:
            raise FileFormatError(f"{name}: no such file") from None
        except (OSError, ValueError, RecursionError) as problem:
            raise FileFormatError(f"{name} is not a whole facetry frontier: {problem}") from None
        if not isinstance(whole, dict) or whole.get("format") != _FORMAT:
            raise FileFormatError(f"{name} is not a facetry frontier")
        if whole.get("version") != _VERSION:
            raise FileFormatError(
                f"{name} has version {whole.get('version')} of the format; this release reads "
                f"version {_VERSION}"
            )
        content: Any = whole.get("content")
        if whole.get("check") != _check(json.dumps(content)):
            raise FileFormatError(f"{name} is damaged: its checksum is wrong")
        try:
            intervals = tuple(tuple(interval) for interval in content["intervals"])
            return cls(**{**content, "intervals": intervals})
        except (InvalidInputError, LookupError, TypeError) as problem:
            raise FileFormatError(f"{name} is damaged: {problem}") from None

    def require(self, fingerprint: int, what: str, anew: str = "leave it out") -> None:
        """Raise FileFormatError if the frontier is of another search; `anew` starts a new one."""
        if self.fingerprint != fingerprint:
            raise FileFormatError(
                f"{what} belongs to another model, region, cell kind, exactness or release; go on "
                f"with those it was made with; to start anew, {anew}"
            )


def _check_number(value: object, name: str, end: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < end:
        raise InvalidInputError(f"{name} must be a whole number from 0, not {shown(value)}")


def _check_interval(interval: object) -> None:
    """From, after and end are whole numbers, and two positions lie between 0 and 1."""
    if not isinstance(interval, tuple) or len(interval) != 5:
        raise InvalidInputError(f"an interval has five parts, not {shown(interval)}")
    for path, end in zip(interval[:3], (2**31, 2**64, 2**31), strict=True):
        if not isinstance(path, list):
            raise InvalidInputError(f"a place in the tree is a list, not {shown(path)}")
        for step in path:
            _check_number(step, "a step in the tree", end)
    for position in interval[3:]:
        if not isinstance(position, float) or not 0.0 <= position <= 1.0:
            raise InvalidInputError(f"a position lies between 0 and 1, not at {shown(position)}")


def _check(text: str) -> int:
    return zlib.crc32(text.encode())
