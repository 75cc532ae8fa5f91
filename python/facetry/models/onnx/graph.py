"""An ONNX graph as plain data: what the lowering reads, independent of the onnx package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.read_limits import ReadLimits

__all__ = ["Dimension", "Node", "OnnxGraph", "TensorType"]

Dimension = int | str | None
"""A fixed size, the name of a symbolic axis, or None where the file says nothing."""


@dataclass(frozen=True)
class TensorType:
    """Name, shape and kind of element of a tensor.

    Attributes
    ----------
    shape
        None if the file does not say.
    kind
        ``"float"``, ``"int"``, ``"bool"``, ``"string"``, or ``"other"`` (maps, sequences, unknown).
    """

    name: str
    shape: tuple[Dimension, ...] | None
    kind: str = "float"


@dataclass(frozen=True, eq=False)
class Node:
    """One step of the graph; an input or output left out has the name ""."""

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    domain: str = ""
    proto: Any = None

    @property
    def layer(self) -> str:
        """The name for a reader: the node's own, else that of its first output."""
        return self.name or next((name for name in self.outputs if name), self.op)

    def __str__(self) -> str:
        kind = f"{self.domain}.{self.op}" if self.domain else self.op
        if self.name:
            return f"node {self.name!r} ({kind})"
        return f"the unnamed {kind} node that makes tensor {self.layer!r}"


@dataclass(frozen=True, eq=False)
class OnnxGraph:
    """A whole graph.

    Attributes
    ----------
    constants
        The initializers, in the file's own types.
    inputs, outputs
        The graph's true inputs (no initializers) and its outputs, in order.
    opsets
        The version of each operator domain; "" is ONNX's own.
    metadata
        The texts the file carries beside the graph.
    limits
        How much may be read of it.
    """

    nodes: tuple[Node, ...]
    constants: Mapping[str, NDArray[Any]]
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    opsets: Mapping[str, int]
    metadata: Mapping[str, str] = field(default_factory=dict)
    limits: ReadLimits = field(default_factory=ReadLimits)

    @property
    def opset(self) -> int:
        """The version of ONNX's own operators."""
        return self.opsets.get("", 0)

    def stored_names(self, key: str, size: int) -> list[str] | None:
        """Names that the metadata holds as a JSON list, if there are `size` different texts."""
        try:
            names = json.loads(self.metadata.get(key, ""))
        except ValueError:
            return None
        fits = isinstance(names, list) and len(names) == size
        if not fits or not all(isinstance(name, str) for name in names):
            return None
        return names if len(set(names)) == size else None

    @cached_property
    def producers(self) -> dict[str, Node]:
        """The node that makes each tensor."""
        return {name: node for node in self.nodes for name in node.outputs if name}

    def constant(self, name: str) -> NDArray[Any] | None:
        """A tensor that is an initializer or made by a Constant node; None if it is neither."""
        if name in self.constants:
            return self.constants[name]
        node = self.producers.get(name)
        value = node.attributes.get("value") if node is not None and node.op == "Constant" else None
        return value if isinstance(value, np.ndarray) else None
