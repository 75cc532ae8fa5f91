"""Loads agents of Stable-Baselines3: their deterministic policy, from observation to action.

Read by the names of their parts, so that the package itself need not be imported: the layers from
the observation to the scores of actions (DQN, and PPO and A2C with a discrete action), or to the
action itself (SAC, TD3, DDPG, and PPO and A2C with a continuous one). What the agent then does is
kept: the highest score is chosen; a squashed action goes through tanh and is stretched to the
limits of the action space; another is clipped to them, as ``predict`` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.read_limits import ReadLimits, limits_of
from ..errors import FacetryError, ModelLoadError, UnsupportedOperatorError
from .model import Model
from .onnx.graph import Node, OnnxGraph, TensorType
from .onnx.model import model_from_graph
from .policy_parts import Action, Policy
from .torch_layers import OPSET, Operator, layer_operators

__all__ = ["load_policy"]


def load_policy(
    source: Any,
    *,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
    limits: ReadLimits | None = None,
) -> Model:
    """A model from an agent or a policy of Stable-Baselines3, or from the path of its zip.

    Observations are those the policy is given: if the agent was trained with ``VecNormalize``,
    normalised ones. Of a zip only numbers and plain text are read, nothing is unpickled.

    Raises
    ------
    UnsupportedOperatorError
        If the policy, its spaces or its activation is of a kind that is not read.
    ModelLoadError
        If the agent or the zip cannot be read.
    MissingDependencyError
        For a zip, if torch is not installed.
    """
    limits = limits_of(limits)
    try:
        if isinstance(source, (str, Path)):
            from .policy_zip import policy_of_zip  # only a zip needs torch

            policy = policy_of_zip(Path(source).expanduser(), limits)
        else:
            policy = _policy_of(source)
    except FacetryError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ModelLoadError(f"the agent cannot be read: {reason}") from error
    return model_from_graph(
        _graph(policy, limits),
        inputs=None,
        outputs=None,
        feature_names=feature_names,
        output_names=output_names,
        decision="none" if decision is None and policy.action.kind == "clip" else decision,
        source=policy.name,
    )


# From an object --------------------------------------------------------------------------------

_ACTORS = {
    "ActorCriticPolicy": ("pi_features_extractor", "mlp_extractor.policy_net", "action_net"),
    "DQNPolicy": ("q_net.features_extractor", "q_net.q_net"),
    "SACPolicy": ("actor.features_extractor", "actor.latent_pi", "actor.mu"),
    "TD3Policy": ("actor.features_extractor", "actor.mu"),
}
"""From the policy to its parts, in order; the first is the features extractor."""


def _policy_of(source: Any) -> Policy:
    policy = getattr(source, "policy", source)  # an agent has one
    kind = type(policy).__name__
    if kind not in _ACTORS or not type(policy).__module__.startswith("stable_baselines3."):
        raise UnsupportedOperatorError(
            f"the policy is a {kind}; of Stable-Baselines3 facetry reads {', '.join(_ACTORS)}. "
            "You can load its network alone, if that is a torch module"
        )
    extractor, *parts = [_part(policy, path) for path in _ACTORS[kind]]
    if type(extractor).__name__ != "FlattenExtractor":
        raise UnsupportedOperatorError(
            f"the policy has a {type(extractor).__name__}; facetry reads those without, which take "
            "their observation as it is"
        )
    steps = [
        (name, layer_operators(layer, name))
        for path, part in zip(_ACTORS[kind][1:], parts, strict=True)
        for name, layer in _layers(part, path)
    ]
    return Policy(
        _observation(policy.observation_space),
        steps,
        _action(policy, kind),
        f"Stable-Baselines3 {kind}",
    )


def _part(policy: Any, path: str) -> Any:
    part = policy
    for name in path.split("."):
        part = getattr(part, name)
    return part


def _layers(part: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The layers of a part in order: its own, or itself."""
    _require_no_hooks(part, path)
    if type(part).__name__ != "Sequential":
        yield path, part
        return
    for number, layer in enumerate(part):
        yield from _layers(layer, f"{path}.{number}")


def _require_no_hooks(part: Any, path: str) -> None:
    hooks = (getattr(part, kind, None) for kind in ("_forward_hooks", "_forward_pre_hooks"))
    if any(hooks) or "forward" in vars(part):
        raise UnsupportedOperatorError(
            f"layer {path!r} of the policy has a hook or another forward, which cannot be read"
        )


def _observation(space: Any) -> int:
    kind, shape = type(space).__name__, tuple(getattr(space, "shape", None) or ())
    if kind != "Box" or (str(space.dtype) == "uint8" and len(shape) == 3):
        what = "images" if kind == "Box" else f"of the kind {kind}"
        raise UnsupportedOperatorError(
            f"the observations of the agent are {what}; facetry reads Box spaces of numbers"
        )
    return int(np.prod(shape, dtype=np.int64))


def _action(policy: Any, kind: str) -> Action:
    space = policy.action_space
    if type(space).__name__ == "Discrete":
        return Action("choose")
    if type(space).__name__ != "Box":
        raise UnsupportedOperatorError(
            f"the actions of the agent are of the kind {type(space).__name__}; facetry reads "
            "Discrete and Box"
        )
    low, high = (np.asarray(end, dtype=np.float64).ravel() for end in (space.low, space.high))
    if kind == "ActorCriticPolicy" and policy.squash_output:
        raise UnsupportedOperatorError("the policy squashes actions in its distribution")
    return Action("clip" if kind == "ActorCriticPolicy" else "squash", low, high)


# As a graph ------------------------------------------------------------------------------------


def _graph(policy: Policy, limits: ReadLimits) -> OnnxGraph:
    chain = _Chain()
    for name, operators in policy.steps:
        for operator in operators:
            chain.add(name, operator)
    squashed = policy.action.kind == "squash" and chain.nodes[-1].op != "Tanh"
    for operator in [*([Operator("Tanh")] if squashed else []), *_acting(policy.action)]:
        chain.add("action", operator)
    return OnnxGraph(
        nodes=tuple(chain.nodes),
        constants=chain.constants,
        inputs=(TensorType("observation", ("batch", policy.inputs)),),
        outputs=(TensorType(chain.tensor, None),),
        opsets={"": OPSET},
        limits=limits,
    )


class _Chain:
    """Nodes one after the other."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.tensor = "observation"

    def add(self, name: str, operator: Operator) -> None:
        names = [f"constant_{len(self.constants) + i}" for i in range(len(operator.constants))]
        self.constants.update(zip(names, operator.constants, strict=True))
        made = f"{name}_{len(self.nodes)}"
        inputs = (self.tensor, *names)
        self.nodes.append(Node(name, operator.op, inputs, (made,), operator.attributes))
        self.tensor = made


def _acting(action: Action) -> Sequence[Operator]:
    if action.kind == "choose":
        return [Operator("ArgMax", {"axis": 1, "keepdims": 1})]
    assert action.low is not None and action.high is not None
    if action.kind == "clip":
        largest = np.finfo(np.float64).max
        low, high = np.maximum(action.low, -largest), np.minimum(action.high, largest)
        ends = [("Max", low, action.low), ("Min", high, action.high)]
        return [Operator(op, {}, [end]) for op, end, given in ends if np.isfinite(given).any()]
    half = (action.high - action.low) / 2
    if not np.all((half > 0) & np.isfinite(half)):
        raise ModelLoadError("the limits of the agent's actions are infinite, or no interval")
    return [Operator("Mul", {}, [half]), Operator("Add", {}, [action.low + half])]
