"""Which tensors of a traced module share memory: what is read after a step wrote over its input."""

from __future__ import annotations

from .torch_layers import unknown

__all__ = ["Memory"]


class Memory:
    """Follows the tensors of a trace, in the order of its steps.

    A step that works in place, such as ``ReLU(inplace=True)``, changes its input: whoever reads
    that tensor later finds the result. A tensor of another shape that looks into the same memory
    changes, too, and there is no node for what it becomes: it is refused when it is read.

    Examples
    --------
    >>> memory = Memory()
    >>> memory.made("h")
    >>> memory.overwritten("h", "relu")
    >>> memory.current("h")
    'relu'
    """

    def __init__(self) -> None:
        self._storage: dict[str, int] = {}
        self._view: dict[str, int] = {}
        self._now: dict[str, str] = {}
        self._stale: set[str] = set()
        self._kept: set[int] = set()

    def made(self, name: str) -> None:
        """A tensor with memory of its own."""
        self._storage[name] = self._view[name] = len(self._storage)

    def kept(self, name: str) -> None:
        """A tensor that the module keeps from call to call: it must not be written over."""
        self.made(name)
        self._kept.add(self._storage[name])

    def seen(self, name: str, source: str, *, whole: bool) -> None:
        """A tensor that looks into the memory of another: all of it as it is, or reshaped."""
        number = len(self._storage)
        self._storage[name] = self._storage[source]
        self._view[name] = self._view[source] if whole else number

    def overwritten(self, name: str, made: str) -> None:
        """A step wrote its result, the tensor `made`, over the tensor `name`.

        Raises
        ------
        UnsupportedOperatorError
            If the module keeps that tensor.
        """
        storage, view = self._storage[name], self._view[name]
        if storage in self._kept:
            raise unknown(f"step {made!r} writes over a tensor that the module keeps")
        for other in [other for other, place in self._storage.items() if place == storage]:
            if self._view[other] == view:
                self._now[other] = made
            else:
                self._stale.add(other)
        self._storage[made], self._view[made] = storage, view

    def current(self, name: str) -> str:
        """The tensor that is read under a name now.

        Raises
        ------
        UnsupportedOperatorError
            If it was changed through another one.
        """
        if name in self._stale:
            raise unknown(f"tensor {name!r} is read after a step wrote over its memory")
        return self._now.get(name, name)
