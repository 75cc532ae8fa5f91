"""Whether there is time to read on: asked between small steps by all that reads for a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

__all__ = ["Interrupted", "check_time", "in_time", "reading_while"]

Item = TypeVar("Item")
_OFTEN = 256  # items between two looks at the clock


class Interrupted(Exception):  # noqa: N818
    """There is no time to read on."""


_goes_on: ContextVar[Callable[[], bool] | None] = ContextVar("goes_on", default=None)


@contextmanager
def reading_while(goes_on: Callable[[], bool]) -> Iterator[None]:
    """What is read meanwhile raises Interrupted once `goes_on` says no.

    Examples
    --------
    >>> with reading_while(lambda: False):
    ...     check_time()
    Traceback (most recent call last):
    ...
    facetry.base.reading_time.Interrupted
    >>> check_time()
    """
    before = _goes_on.set(goes_on)
    try:
        yield
    finally:
        _goes_on.reset(before)


def check_time() -> None:
    """Raise Interrupted if there is no time to read on; called between small steps."""
    goes_on = _goes_on.get()
    if goes_on is not None and not goes_on():
        raise Interrupted


def in_time(items: Iterable[Item]) -> Iterator[Item]:
    """The same items; `check_time` before the first and every few hundred of them."""
    for count, item in enumerate(items):
        if count % _OFTEN == 0:
            check_time()
        yield item
