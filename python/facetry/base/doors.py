"""What results offer and later rooms do: their text, HTML, pictures, tables and files.

An explanation can be printed, drawn and saved, but lives in a room that knows nothing of how that
is done. It asks here; `facetry.show` and `facetry.files` say how when the package is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Door", "draw", "html_of", "json_of", "read_json", "save", "table_of", "text_of"]

Way = TypeVar("Way", bound=Callable[..., Any])


class Door:
    """One thing that can be done with results; each kind of result has its way.

    Examples
    --------
    >>> size_of = Door("say its size")
    >>> @size_of.way_of(list)
    ... def size(result):
    ...     return len(result)
    >>> size_of([1, 2])
    2
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._ways: dict[type, Callable[..., Any]] = {}

    def way_of(self, kind: type) -> Callable[[Way], Way]:
        """Declares how it is done for one kind of result: a decorator."""

        def declare(way: Way) -> Way:
            self._ways[kind] = way
            return way

        return declare

    def of(self, kind: type) -> Callable[..., Any]:
        """How it is done for a kind of result, or for a class that it derives from."""
        for ancestor in kind.__mro__:
            if ancestor in self._ways:
                return self._ways[ancestor]
        raise TypeError(f"no way to {self._what} a {kind.__name__}; import facetry first")

    def __call__(self, result: object, *arguments: Any, **options: Any) -> Any:
        """Does it."""
        return self.of(type(result))(result, *arguments, **options)


text_of = Door("print")
html_of = Door("show as HTML")
json_of = Door("write as JSON")
read_json = Door("read from JSON")
"""Asked with a text: ``read_json.of(kind)(text)``."""
table_of = Door("make a data frame of")
draw = Door("draw")
save = Door("save")
