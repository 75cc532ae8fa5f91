"""JSON that others wrote: no key twice, within limits, and one kind of error for what is wrong."""

from __future__ import annotations

import json
from typing import Any

from ..errors import FacetryError
from .arguments import shown, text_of
from .read_limits import ReadLimits, exceeded, limits_of

__all__ = ["parse_json", "require_depth"]


def parse_json(text: Any, source: str, limits: ReadLimits | None, error: type[FacetryError]) -> Any:
    """What JSON text says.

    Raises
    ------
    error
        If it is not JSON, gives a key twice, or goes beyond ``words`` or ``nesting``.

    Examples
    --------
    >>> parse_json('{"a": [1]}', "the text", None, FacetryError)
    {'a': [1]}
    """
    text = text_of(text, source, error=error)
    limits = limits_of(limits)
    if text.count(",") + text.count("[") + text.count("{") > limits.words:
        raise exceeded(limits, "words", f"{source} is long", error)

    def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """JSON keeps the last of equal keys silently; one given twice is a mistake."""
        result: dict[str, Any] = {}
        for key, value in pairs:
            if key in result:
                raise error(f"{shown(key)} is given twice")
            result[key] = value
        return result

    try:
        data = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=without_repetition)
    except RecursionError:
        raise exceeded(limits, "nesting", f"{source} is nested deeply", error) from None
    except ValueError as problem:  # also numbers of thousands of digits
        if isinstance(problem, FacetryError):
            raise
        raise error(f"{source} is not valid JSON: {problem}") from None
    require_depth(data, source, limits, error)
    return data


def require_depth(data: Any, source: str, limits: ReadLimits, error: type[FacetryError]) -> None:
    """An error if lists and mappings are nested deeper than the limit.

    Raises
    ------
    error
        It names the limit.
    """
    level, depth = [data], 0
    while level := [
        part
        for whole in level
        if isinstance(whole, (list, dict))
        for part in (whole.values() if isinstance(whole, dict) else whole)
    ]:
        depth += 1
        if depth > limits.nesting:
            raise exceeded(limits, "nesting", f"{source} is nested deeply", error)
