"""Text that is safe to show: what a file says must not steer the terminal that shows it.

Names come from files of others. An escape sequence in one could rename a window or clear the
screen, a line break could forge a line of output, a change of direction could turn words around.
"""

from __future__ import annotations

import json
from typing import Any

from ..errors import printable

__all__ = ["counted", "json_text", "printable"]


def counted(number: int, what: str) -> str:
    """A number with its word, of one or of many.

    Examples
    --------
    >>> counted(1, "region"), counted(2, "region")
    ('1 region', '2 regions')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def json_text(document: Any) -> str:
    """The document as JSON without control characters; `json` alone lets one of them through.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(document, allow_nan=False).replace("\x7f", "\\u007f")
