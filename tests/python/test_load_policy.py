"""Agents of Stable-Baselines3: by what their parts are named, and the package itself if there."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facetry import MissingDependencyError, ModelLoadError, UnsupportedOperatorError, load

R = np.random.default_rng(11)
X = R.normal(size=(40, 3))


class Tensor:
    """What a torch tensor does when its numbers are asked for."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __getattr__(self, name: str) -> Any:
        if name in ("detach", "cpu", "double"):
            return lambda: self
        if name == "numpy":
            return lambda: self.array
        raise AttributeError(name)


def made(kind: str, module: str, **parts: Any) -> Any:
    part = type(kind, (), {"__module__": module})()
    for name, value in parts.items():
        setattr(part, name, value)
    return part


def layer(kind: str, **parts: Any) -> Any:
    return made(kind, "torch.nn.modules.made", **parts)


def linear(inputs: int, outputs: int) -> Any:
    weight, bias = R.normal(size=(outputs, inputs)), R.normal(size=outputs)
    return layer("Linear", weight=Tensor(weight), bias=Tensor(bias))


class Sequential(list[Any]):
    """Named as torch's."""


def space(kind: str, **parts: Any) -> Any:
    return made(kind, "gymnasium.spaces", **parts)


OBSERVED = space("Box", shape=(3,), dtype="float32")
CHOICE = space("Discrete", n=4)
LIMITS = space("Box", low=np.array([-2.0, 0.0]), high=np.array([2.0, 5.0]))
FLAT = made("FlattenExtractor", "stable_baselines3.common.torch_layers")


def policy(kind: str, action: Any, **parts: Any) -> Any:
    common = {"observation_space": OBSERVED, "action_space": action, "squash_output": False}
    return made(kind, "stable_baselines3.made.policies", **{**common, **parts})


def dense(values: np.ndarray, *layers: Any) -> np.ndarray:
    """The formula: ReLU between the layers."""
    for number, part in enumerate(layers):
        values = np.maximum(values, 0) if number else values
        values = values @ part.weight.array.T + part.bias.array
    return values


A, B, C = linear(3, 6), linear(6, 4), linear(6, 2)
RELU = layer("ReLU")


def test_scores_of_choices() -> None:
    net = made("QNetwork", "x", features_extractor=FLAT, q_net=Sequential([A, RELU, B]))
    model = load(policy("DQNPolicy", CHOICE, q_net=net))
    np.testing.assert_allclose(model(X), dense(X, A, B), atol=1e-12)
    assert model.predict(X).ravel().tolist() == dense(X, A, B).argmax(axis=1).tolist()
    assert (model.tail.kind, model.decision.kind) == ("argmax", "highest")


def actor_critic(action: Any, head: Any, **parts: Any) -> Any:
    extractor = made("MlpExtractor", "x", policy_net=Sequential([A, RELU]))
    usual = {"pi_features_extractor": FLAT, "mlp_extractor": extractor, "action_net": head}
    return policy("ActorCriticPolicy", action, **{**usual, **parts})


def test_actions_are_clipped() -> None:
    model = load(made("PPO", "stable_baselines3.ppo.ppo", policy=actor_critic(LIMITS, C)))
    np.testing.assert_allclose(model(X), np.clip(dense(X, A, C), LIMITS.low, LIMITS.high))
    assert model.decision.kind == "none"
    assert load(actor_critic(CHOICE, B)).output_size == 4


@pytest.mark.parametrize("kind", ["SACPolicy", "TD3Policy"])
def test_actions_are_squashed(kind: str) -> None:
    parts: dict[str, Any] = {"features_extractor": FLAT}
    if kind == "SACPolicy":
        parts |= {"latent_pi": Sequential([A, RELU]), "mu": C}
    else:
        parts |= {"mu": Sequential([A, RELU, C, layer("Tanh")])}
    model = load(policy(kind, LIMITS, actor=made("Actor", "x", **parts)))
    logits = dense(X, A, C)
    np.testing.assert_allclose(model(X), logits, atol=1e-12)
    stretched = LIMITS.low + 0.5 * (np.tanh(logits) + 1) * (LIMITS.high - LIMITS.low)
    np.testing.assert_allclose(model.predict(X), stretched, atol=1e-12)
    assert model.tail.kind == "tanh"


def test_what_is_refused() -> None:
    class Own(dict[str, Any]):
        pass

    hooked = linear(3, 6)
    hooked._forward_hooks = {0: print}
    net = made("QNetwork", "x", features_extractor=FLAT, q_net=Sequential([hooked, RELU, B]))
    images = space("Box", shape=(3, 8, 8), dtype="uint8")
    cnn = made("NatureCNN", "stable_baselines3.common.torch_layers")
    cases: list[tuple[Any, str]] = [
        (policy("DQNPolicy", CHOICE, q_net=net), "hook"),
        (actor_critic(space("MultiDiscrete"), B), "MultiDiscrete"),
        (actor_critic(CHOICE, B, observation_space=space("Discrete", n=3)), "Discrete"),
        (actor_critic(CHOICE, B, observation_space=images), "images"),
        (actor_critic(CHOICE, B, pi_features_extractor=cnn), "NatureCNN"),
        (actor_critic(LIMITS, C, squash_output=True), "squashes"),
        (policy("MultiInputPolicy", CHOICE), "MultiInputPolicy"),
    ]
    for source, message in cases:
        with pytest.raises(UnsupportedOperatorError, match=message):
            load(source)
    with pytest.raises(ModelLoadError, match="cannot be read"):
        load(policy("DQNPolicy", CHOICE))


def test_zips_that_hold_no_agent(tmp_path: Path) -> None:
    path = tmp_path / "agent.zip"
    path.write_bytes(b"PK no zip")
    with pytest.raises(ModelLoadError, match="cannot read the agent"):
        load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other", "text")
    with pytest.raises(ModelLoadError, match="lacks data"):
        load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data", "{no JSON")
        archive.writestr("policy.pth", b"no weights")
    with pytest.raises(ModelLoadError, match="no JSON"):
        load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data", json.dumps({}))
        archive.writestr("policy.pth", b"no weights")
    with pytest.raises((ModelLoadError, MissingDependencyError), match=r"torch|cannot be read"):
        load(path)


def test_agents_of_the_package(tmp_path: Path) -> None:
    gym = pytest.importorskip("gymnasium", reason="stable-baselines3 is optional")
    agents = pytest.importorskip("stable_baselines3", reason="stable-baselines3 is optional")
    torch = pytest.importorskip("torch")

    class World(gym.Env):  # type: ignore[misc]
        def __init__(self, action: Any) -> None:
            self.observation_space, self.action_space = gym.spaces.Box(-1, 1, (3,)), action

    choice = gym.spaces.Discrete(4)
    limits = gym.spaces.Box(np.float32([-2, 0]), np.float32([2, 5]))
    points = X.astype(np.float32)
    for name, action in [
        ("PPO", choice), ("PPO", limits), ("A2C", limits), ("DQN", choice), ("SAC", limits),
        ("TD3", limits), ("DDPG", limits),
    ]:  # fmt: skip
        options = {"net_arch": [6, 5], "activation_fn": torch.nn.ReLU}
        agent = getattr(agents, name)("MlpPolicy", World(action), policy_kwargs=options)
        agent.save(tmp_path / "agent.zip")
        expected = agent.predict(points, deterministic=True)[0].reshape(len(points), -1)
        for source in (agent, agent.policy, tmp_path / "agent.zip"):
            np.testing.assert_allclose(load(source).predict(points), expected, atol=1e-5)
