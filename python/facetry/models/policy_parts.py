"""An agent's deterministic policy as data, wherever it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .torch_layers import Operator

__all__ = ["Action", "Policy", "Step"]

Array = NDArray[np.float64]
Step = tuple[str, Sequence[Operator]]
"""A layer's name and its operators."""


@dataclass(frozen=True, eq=False)
class Action:
    """What becomes of the last layer's values.

    Attributes
    ----------
    kind
        ``"choose"``: the highest is taken; ``"clip"``: they are kept within the limits;
        ``"squash"``: tanh, unless the last layer is one, stretched to the limits.
    low, high
        The limits of the action space, float64 (n,); None where an action is chosen.
    """

    kind: str
    low: Array | None = None
    high: Array | None = None


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy as data: the size of an observation, layers, and the action."""

    inputs: int
    steps: Sequence[Step]
    action: Action
    name: str
