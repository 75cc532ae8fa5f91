"""Splits the text of a VNN-LIB property into nested brackets and words that know their line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ..base.read_limits import ReadLimits, exceeded

__all__ = ["Interrupted", "Node", "TextError", "check_time", "read_nodes", "reading_while"]

_TOKEN = re.compile(r";[^\n]*|\n|[()]|[^\s();]+")
_OFTEN = 1024  # tokens between two looks at the clock


class TextError(Exception):
    """What is wrong with the text, and in which line (from 1)."""

    def __init__(self, message: str | Exception, line: int) -> None:
        super().__init__(str(message))
        self.line = line


class Interrupted(Exception):  # noqa: N818
    """There is no time to read on."""


_goes_on: ContextVar[Callable[[], bool] | None] = ContextVar("goes_on", default=None)


@contextmanager
def reading_while(goes_on: Callable[[], bool]) -> Iterator[None]:
    """What is read meanwhile raises Interrupted once `goes_on` says no."""
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


@dataclass(frozen=True, slots=True)
class Node:
    """A word, or a list in brackets.

    Attributes
    ----------
    word
        The word; None for a list.
    items
        What the list holds; empty for a word.
    line
        Where it begins.
    """

    word: str | None
    items: tuple[Node, ...]
    line: int

    @property
    def head(self) -> str | None:
        """The first word of a list: its command or function."""
        return self.items[0].word if self.items else None

    def __str__(self) -> str:
        text = self.word if self.word is not None else f"({' '.join(map(str, self.items))})"
        return text if len(text) <= 60 else f"{text[:57]}..."


def read_nodes(text: str, limits: ReadLimits | None = None) -> Iterator[Node]:
    """The text's lists, one by one.

    Parameters
    ----------
    limits
        How many words, and how deep brackets may be; the usual limits if left out.

    Raises
    ------
    TextError
        For brackets that do not match, words outside of them, or more than the limits.

    Examples
    --------
    >>> [str(node) for node in read_nodes("(a (b c)) ; note\\n(d)")]
    ['(a (b c))', '(d)']
    """
    limits = limits or ReadLimits()
    stack: list[tuple[int, list[Node]]] = []
    for token, line in _tokens(text, limits):
        if token == "(":
            if len(stack) == limits.nesting:
                raise TextError(exceeded(limits, "nesting", "brackets are nested deeply"), line)
            stack.append((line, []))
        elif not stack:
            raise TextError(f"{token!r} stands outside of all brackets", line)
        elif token == ")":
            start, items = stack.pop()
            node = Node(None, tuple(items), start)
            if stack:
                stack[-1][1].append(node)
            else:
                yield node
        else:
            stack[-1][1].append(Node(token, (), line))
    if stack:
        raise TextError("a bracket that opens here is never closed", stack[0][0])


def _tokens(text: str, limits: ReadLimits) -> Iterator[tuple[str, int]]:
    """The text's words and brackets with their lines; comments and spaces are left out."""
    line, words = 1, 0
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count % _OFTEN == 0:
            check_time()
        token = match.group()
        if token == "\n":
            line += 1
        elif token[0] != ";":
            words += 1
            if words > limits.words:
                raise TextError(exceeded(limits, "words", "the text is long"), line)
            yield token, line
