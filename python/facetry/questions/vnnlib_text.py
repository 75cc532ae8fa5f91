"""Splits the text of a VNN-LIB property into nested brackets and words that know their line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..base.read_limits import ReadLimits, exceeded, limits_of
from ..base.reading_time import check_time

__all__ = ["Node", "TextError", "read_nodes"]

_TOKEN = re.compile(r";[^\n]*|\n|[()]|[^\s();]+")
_PIECE = 2**16  # characters between two looks at the clock


class TextError(Exception):
    """What is wrong with the text, and in which line (from 1)."""

    def __init__(self, message: str | Exception, line: int) -> None:
        super().__init__(str(message))
        self.line = line


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
    limits = limits_of(limits)
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
    for token in _matches(text):
        if token == "\n":
            line += 1
        elif token[0] != ";":
            words += 1
            if words > limits.words:
                raise TextError(exceeded(limits, "words", "the text is long"), line)
            yield token, line


def _matches(text: str) -> Iterator[str]:
    """All that the pattern finds, piece by piece, with a look at the clock before each."""
    start, size = 0, _PIECE
    while start < len(text):
        check_time()
        end = min(start + size, len(text))
        for found in _TOKEN.finditer(text, start, end):
            if found.end() == end < len(text):  # it may go on behind the piece
                size = _PIECE if found.start() > start else 2 * size
                start = found.start()
                break
            yield found.group()
        else:
            start, size = end, _PIECE
