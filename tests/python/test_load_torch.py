"""PyTorch modules, where torch is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from facetry.errors import ModelLoadError, UnsupportedOperatorError
from facetry.models.load import load

torch = pytest.importorskip("torch", reason="torch is optional")
nn = torch.nn
F = torch.nn.functional


def settle(module: Any) -> Any:
    """Random but lively parameters and statistics."""
    torch.manual_seed(0)
    for part in module.modules():
        if hasattr(part, "running_mean"):
            part.running_mean.uniform_(-0.5, 0.5)
            part.running_var.uniform_(0.5, 2.0)
    return module.eval()


def agree(module: Any, shape: tuple[int, ...] = ()) -> Any:
    settle(module)
    if shape:
        module.example_input_array = torch.zeros(1, *shape)
    model = load(module)
    X = np.random.default_rng(0).normal(size=(9, model.input_size))
    with torch.no_grad():
        Y = module.double()(torch.tensor(X.reshape(9, *model.input_shape))).numpy()
    np.testing.assert_allclose(model.predict(X), Y.reshape(9, -1), atol=1e-12)
    return model


LAYERS = {
    "ReLU": nn.ReLU(),
    "LeakyReLU": nn.LeakyReLU(0.2),
    "PReLU": nn.PReLU(),
    "PReLU per channel": nn.PReLU(6),
    "Hardtanh": nn.Hardtanh(-0.4, 0.7),
    "ReLU6": nn.ReLU6(),
    "Hardsigmoid": nn.Hardsigmoid(),
    "Softshrink": nn.Softshrink(0.1),
    "BatchNorm1d": nn.BatchNorm1d(6),
    "BatchNorm1d plain": nn.BatchNorm1d(6, affine=False),
    "Dropout": nn.Dropout(0.5),
    "Identity": nn.Identity(),
    "Flatten": nn.Flatten(),
    "Sequential": nn.Sequential(nn.Linear(6, 6, bias=False), nn.ReLU()),
}
ENDS = {
    "Softmax": nn.Softmax(dim=1),
    "LogSoftmax": nn.LogSoftmax(dim=-1),
    "Sigmoid": nn.Sigmoid(),
    "Tanh": nn.Tanh(),
    "Softplus": nn.Softplus(),
    "ELU": nn.ELU(0.7),
    "SELU": nn.SELU(),
    "CELU": nn.CELU(0.7),
}


@pytest.mark.parametrize("name", LAYERS)
def test_hidden_layer(name: str) -> None:
    agree(nn.Sequential(nn.Linear(4, 6), LAYERS[name], nn.Linear(6, 3)))


@pytest.mark.parametrize("name", ENDS)
def test_tail(name: str) -> None:
    model = agree(nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3), ENDS[name]))
    assert model.tail.kind == {"LogSoftmax": "log_softmax"}.get(name, name.lower())


def test_lone_layer_and_decision() -> None:
    assert agree(nn.Linear(3, 2)).decision.kind == "highest"
    assert agree(nn.Sequential(nn.Linear(3, 1), nn.Sigmoid())).decision.kind == "threshold"


def test_convolutions_and_pooling() -> None:
    agree(
        nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1, stride=2),
            nn.BatchNorm2d(4),
            nn.PReLU(4),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(4, 4, 2, groups=2, dilation=2, padding="same"),
            nn.AvgPool2d(3, stride=1, padding=1),
            nn.Flatten(),
            nn.Linear(36, 3),
        ),
        (2, 11, 11),
    )
    agree(nn.Sequential(nn.Conv1d(2, 3, 3), nn.AvgPool1d(2), nn.MaxPool1d(2)), (2, 11))
    agree(nn.Sequential(nn.Conv2d(1, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()), (1, 6, 6))
    agree(nn.Sequential(nn.Conv2d(1, 3, 3), nn.AdaptiveMaxPool2d((1, 1))), (1, 6, 6))


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(5, 5)
        self.shift = nn.Parameter(torch.ones(5) / 3)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.first(x))
        x = x + F.leaky_relu(self.second(x), 0.3) * 2 - self.shift
        x = torch.cat([x, x.clamp(min=0.1, max=0.6), 1 - torch.abs(x)], dim=1)
        x = torch.maximum(x, torch.flatten(-x, 1) / 4)
        return torch.softmax(x.view(-1, 15), dim=1)


def test_own_forward() -> None:
    model = agree(Residual())
    assert model.tail.kind == "softmax"


def test_cut() -> None:
    module = settle(nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)))
    with pytest.raises(UnsupportedOperatorError, match="smooth") as caught:
        load(module)
    name = str(caught.value).split("outputs='")[1].split("'")[0]
    assert load(module, outputs=name).output_size == 6


class Branching(nn.Module):
    def forward(self, x: Any) -> Any:
        return x if x.sum() > 0 else -x


@pytest.mark.parametrize(
    ("module", "error", "part"),
    [
        (nn.Sequential(nn.Conv2d(1, 2, 3)), ModelLoadError, "example_input_array"),
        (
            nn.Sequential(nn.Linear(2, 2), nn.GELU(), nn.Linear(2, 2)),
            UnsupportedOperatorError,
            "smooth",
        ),
        (
            nn.Sequential(nn.Linear(2, 2), nn.SiLU(), nn.Linear(2, 2)),
            UnsupportedOperatorError,
            "smooth",
        ),
        (
            nn.Sequential(nn.Linear(2, 2), nn.LSTM(2, 2)),
            UnsupportedOperatorError,
            "torch.onnx.export",
        ),
        (
            nn.Sequential(nn.Linear(2, 2), nn.AdaptiveAvgPool1d(2)),
            UnsupportedOperatorError,
            "export",
        ),
        (nn.Sequential(Branching(), nn.Linear(2, 2)), ModelLoadError, "cannot be traced"),
    ],
)
def test_refused(module: Any, error: type[Exception], part: str) -> None:
    with pytest.raises(error, match=part):
        load(module)
