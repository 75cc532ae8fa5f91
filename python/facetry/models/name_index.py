"""Features and outputs given by name or by index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from numbers import Integral

from ..base.arguments import shown
from ..base.tables import are_generated
from ..errors import InvalidInputError

__all__ = ["index_of"]


def index_of(key: str | int, names: tuple[str, ...], what: str) -> int:
    """The index of a feature or an output, from its name or its index.

    Raises
    ------
    InvalidInputError
        If there is none; it names the nearest.
    """
    if isinstance(key, str):
        if key in names:
            return names.index(key)
        raise InvalidInputError(f"no {what} is named {shown(key)}; {_hint(key, names, what)}")
    if isinstance(key, bool) or not isinstance(key, Integral):
        raise InvalidInputError(f"a {what} is a name or an index, not {shown(key)}")
    if not 0 <= key < len(names):
        raise InvalidInputError(
            f"{what} index {key} is out of range: the model has {len(names)}, 0 to {len(names) - 1}"
        )
    return int(key)


def _hint(key: str, names: Sequence[str], what: str) -> str:
    made_up = are_generated(names) or all(re.fullmatch(r"y\d+", name) for name in names)
    if made_up and not re.fullmatch(r"[xy]\d+", key):
        few = ", ".join(names[:2]) + (", ..." if len(names) > 2 else "")
        return f"the model has none but made-up names ({few}): load it with {what}_names="
    near = get_close_matches(key, names, n=3)
    if near:
        return "did you mean " + " or ".join(map(repr, near)) + "?"
    shown = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
    return f"the names are {shown}"
