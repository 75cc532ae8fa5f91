"""The deterministic policy in a zip of Stable-Baselines3: weights and plain text, no pickles.

``policy.pth`` holds the weights by name; the file ``data`` holds JSON with descriptions of the
policy's class, of spaces and of options as text, beside pickles that are left alone.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.read_limits import ReadLimits, exceeded
from ..errors import ModelLoadError, UnsupportedOperatorError
from .policy_parts import Action, Policy, Step
from .torch_layers import Operator
from .torch_model import read_weights

__all__ = ["policy_of_zip"]

Array = NDArray[np.float64]
Weights = Mapping[str, Array]

_AGENTS = {
    "stable_baselines3.dqn.": (("q_net.q_net",), "ReLU", "choose"),
    "stable_baselines3.sac.": (("actor.latent_pi", "actor.mu"), "ReLU", "squash"),
    "stable_baselines3.td3.": (("actor.mu",), "ReLU", "squash"),
    "stable_baselines3.common.": (("mlp_extractor.policy_net", "action_net"), "Tanh", "clip"),
}
"""From the package of the policy's class: its parts, its usual activation, and what it does."""
_ACTIVATIONS = {
    "ReLU": Operator("Relu"),
    "Tanh": Operator("Tanh"),
    "ELU": Operator("Elu", {"alpha": 1.0}),
    "LeakyReLU": Operator("LeakyRelu", {"alpha": 0.01}),
    "Sigmoid": Operator("Sigmoid"),
    "Identity": Operator("Identity"),
}
"""As Stable-Baselines3 makes them: without arguments."""
_HARMLESS = {
    *("net_arch", "activation_fn", "ortho_init", "log_std_init", "optimizer_class"),
    *("optimizer_kwargs", "n_critics", "normalize_images", "share_features_extractor"),
    *("use_sde", "use_expln"),
}
_OBJECT = "load the agent with stable_baselines3 and pass agent.policy"
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*(?:e[-+]?[0-9]+)?|inf)")


def policy_of_zip(path: Path, limits: ReadLimits) -> Policy:
    """The policy in a zip.

    Raises
    ------
    ModelLoadError
        If the file is damaged, no agent, or beyond the limits.
    UnsupportedOperatorError
        If the agent is of a kind that weights and text do not say enough about.
    MissingDependencyError
        If torch is not installed.
    """
    if not path.exists():
        raise ModelLoadError(f"there is no file {path}")
    described, weights = _contents(path, limits)
    try:
        data = json.loads(described.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelLoadError(f"{path} is damaged: its file data is no JSON") from error
    if not isinstance(data, dict):
        raise ModelLoadError(f"{path} is damaged: its file data describes no agent")
    return _policy(data, read_weights(weights, str(path)))


def _contents(path: Path, limits: ReadLimits) -> tuple[bytes, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = []
            for name in ("data", "policy.pth"):
                if archive.getinfo(name).file_size > limits.bytes:
                    raise exceeded(
                        limits, "bytes", f"{name} in {path} is too large", ModelLoadError
                    )
                with archive.open(name) as part:
                    parts.append(part.read(limits.bytes))
            return parts[0], parts[1]
    except KeyError:
        raise ModelLoadError(
            f"{path} is no agent of Stable-Baselines3: it lacks data or policy.pth"
        ) from None
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, ValueError, RuntimeError) as error:
        raise ModelLoadError(f"cannot read the agent {path}: {error}") from error


def _policy(data: Mapping[str, Any], weights: Weights) -> Policy:
    home = str(_entry(data, "policy_class").get("__module__", ""))
    known = next((agent for start, agent in _AGENTS.items() if home.startswith(start)), None)
    if known is None:
        raise UnsupportedOperatorError(
            f"the zip holds a policy of {home or 'an unknown class'}, which facetry does not read"
        )
    parts, usual, kind = known
    if any(".features_extractor." in f".{name}" for name in weights) or data.get("use_sde"):
        raise UnsupportedOperatorError(
            f"the agent has a features extractor or explores by its state (gSDE): {_OBJECT}"
        )
    activation = _activation(data, usual)
    steps = _steps(weights, parts, activation)
    if kind == "squash" and len(parts) == 1:
        steps.append((parts[0], [Operator("Tanh")]))
    inputs = steps[0][1][0].constants[0].shape[0]
    return Policy(inputs, steps, _action(data, kind), f"Stable-Baselines3 zip ({home})")


def _entry(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    entry = data.get(name)
    return entry if isinstance(entry, dict) else {}


def _activation(data: Mapping[str, Any], usual: str) -> Operator:
    options = _entry(data, "policy_kwargs")
    unknown = sorted(key for key in options if not key.startswith(":") and key not in _HARMLESS)
    if unknown:
        raise UnsupportedOperatorError(f"the policy has the option {unknown[0]!r}: {_OBJECT}")
    if ":serialized:" in options and not set(options) - {":serialized:", ":type:"}:
        raise UnsupportedOperatorError(f"the options of the policy are only pickled: {_OBJECT}")
    text = str(options.get("activation_fn", f".{usual}'"))
    name = text.rpartition(".")[2].strip("'>")
    if name not in _ACTIVATIONS:
        raise UnsupportedOperatorError(f"the activation of the policy is {text}: {_OBJECT}")
    return _ACTIVATIONS[name]


def _steps(weights: Weights, parts: tuple[str, ...], activation: Operator) -> list[Step]:
    """Linear layers with the activation after each but the last."""
    layers = [name for part in parts for name in _linear(weights, part)]
    if not layers:
        raise ModelLoadError(f"the zip holds no weights named {parts[0]}")
    steps: list[Step] = []
    for number, name in enumerate(layers):
        product, shift = weights[f"{name}.weight"], weights[f"{name}.bias"]
        if product.ndim != 2 or shift.shape != product.shape[:1]:
            raise UnsupportedOperatorError(f"layer {name!r} of the agent is not linear: {_OBJECT}")
        steps.append((name, [Operator("MatMul", {}, [product.T]), Operator("Add", {}, [shift])]))
        if number + 1 < len(layers):
            steps.append((name, [activation]))
    return steps


def _linear(weights: Weights, part: str) -> list[str]:
    """The layers of a part in order: itself, or those it numbers."""
    if f"{part}.weight" in weights:
        return [part]
    pattern = re.compile(re.escape(part) + r"\.([0-9]+)\.weight")
    numbers = sorted(int(found[1]) for name in weights if (found := pattern.fullmatch(name)))
    if numbers != list(range(0, 2 * len(numbers), 2)):
        raise UnsupportedOperatorError(
            f"the layers of {part} are not linear ones with activations between them: {_OBJECT}"
        )
    return [f"{part}.{number}" for number in numbers]


def _action(data: Mapping[str, Any], kind: str) -> Action:
    for name, kinds in (("observation_space", ("Box",)), ("action_space", ("Box", "Discrete"))):
        found = str(_entry(data, name).get(":type:", "")).rpartition(".")[2].strip("'>")
        if found not in kinds:
            raise UnsupportedOperatorError(
                f"the {name} of the agent is {found or 'not stated'}; facetry reads "
                f"{' and '.join(kinds)}"
            )
    space = _entry(data, "action_space")
    if "Discrete" in str(space[":type:"]):
        return Action("choose")
    low, high = (_numbers(space, end) for end in ("low", "high"))
    return Action(kind, low, high)


def _numbers(space: Mapping[str, Any], name: str) -> Array:
    text = str(space.get(name, ""))
    if "..." in text or not (found := _NUMBER.findall(text)):
        raise UnsupportedOperatorError(f"the zip does not state the limits of actions: {_OBJECT}")
    # as text they are single precision, rounded
    return np.array([np.float64(np.float32(number)) for number in found])
