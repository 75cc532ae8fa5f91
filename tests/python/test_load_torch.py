"""PyTorch modules, where torch is installed."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from facetry.errors import ModelLoadError, UnsupportedOperatorError
from facetry.models.load import load

torch = pytest.importorskip("torch", reason="torch is optional")
nn = torch.nn
prune = importlib.import_module("torch.nn.utils.prune")
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
    module = settle(
        nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 3))
    )
    with pytest.raises(UnsupportedOperatorError, match="smooth") as caught:
        load(module)
    name = str(caught.value).split("outputs='")[1].split("'")[0]
    assert load(module, outputs=name).output_size == 6


class Net(nn.Module):
    """Two layers, and after them what is given: a function of the module and the hidden tensor."""

    def __init__(self, rest: Any) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(4, 6), nn.Linear(6, 6), nn.Linear(6, 6)
        self.act, self.norm = nn.ReLU(inplace=True), nn.BatchNorm1d(6)
        self.drop, self.same = nn.Dropout(inplace=False), nn.Identity()
        self.register_buffer("low", torch.tensor([0.0, 0.1, 0.2, 0.3, 0.4, 0.5]))
        self.rest = rest

    def forward(self, x: Any) -> Any:
        return self.rest(self, self.b(F.relu(self.a(x))))


def _augmented(s: Any, h: Any) -> Any:
    kept = h
    h += s.c(h)
    return kept + s.act(h)


IN_PLACE = {
    "the input read after the layer": lambda s, h: s.act(h) + h,
    "the input read before and after": lambda s, h: h + s.act(h) + h,
    "a residual block before activation": lambda s, h: s.c(s.act(s.norm(h))) + h,
    "a residual block after activation": lambda s, h: s.c(s.act(h)) + h,
    "functions": lambda _, h: F.relu(h, inplace=True) * 2 + h,
    "the underscore": lambda _, h: torch.relu_(h) + h,
    "a method": lambda _, h: h.clamp_(-0.2, 0.3) - 3 * h,
    "sums": lambda s, h: h.add_(s.c(h)) + h,
    "one after the other": lambda _, h: F.leaky_relu_(F.relu6(h, inplace=True), 0.1) + h,
    "through dropout": lambda s, h: s.act(s.drop(h)) + h,
    "through the identity": lambda s, h: s.act(s.same(h)) + h,
    "through contiguous": lambda s, h: s.act(h.contiguous()) + h,
    "not through a copy": lambda s, h: s.act(h.clone()) + h,
    "not through a sum": lambda s, h: s.act(h + 0.5) + h,
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_a_tensor_changed_in_place_is_read_as_it_is_then(name: str) -> None:
    agree(Net(IN_PLACE[name]))


ARGUMENTS = {
    "softplus beta": lambda _, h: F.softplus(h, beta=5),
    "softplus beta by position": lambda _, h: F.softplus(h, 2, 40),
    "softplus layer": lambda _, h: nn.functional.softplus(h),
    "elu": lambda _, h: F.elu(h, alpha=0.3),
    "elu by position": lambda _, h: F.elu(h, 0.3),
    "celu": lambda _, h: F.celu(h, 0.4),
    "leaky": lambda s, h: s.c(F.leaky_relu(h, negative_slope=0.2)),
    "hardtanh": lambda s, h: s.c(F.hardtanh(h, max_val=0.2)),
    "relu6": lambda s, h: s.c(F.relu6(6 * h)),
    "hardsigmoid": lambda s, h: s.c(F.hardsigmoid(h)),
    "softshrink": lambda s, h: s.c(F.softshrink(h, 0.1)),
    "threshold": lambda s, h: s.c(F.threshold(h, 0.2, 0.2)),
    "clamp": lambda s, h: s.c(torch.clamp(h, None, 0.2)),
    "clamp_min": lambda s, h: s.c(h.clamp_min(-0.1)),
    "input by name": lambda s, h: s.c(F.relu(input=h)),
    "dropout of evaluation": lambda s, h: F.dropout(h, training=s.training),
    "softmax": lambda _, h: F.softmax(h, dim=1),
    "softmax without an axis": lambda _, h: F.softmax(h),
    "add by name": lambda s, h: torch.add(input=h, other=s.low),
    "cat by name": lambda _, h: torch.cat(tensors=(h, -h), dim=-1),
}


@pytest.mark.filterwarnings("ignore:Implicit dimension")
@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_are_passed_on(name: str) -> None:
    agree(Net(ARGUMENTS[name]))


REFUSED = {
    "threshold of softplus": (lambda _, h: F.softplus(h, threshold=0.1), "threshold 0.1"),
    "dropout in training": (lambda _, h: F.dropout(h), "module.eval"),
    "a bound that is a tensor": (lambda s, h: torch.clamp(h, s.low), "computed or missing 'min'"),
    "a slope that is a tensor": (lambda s, h: F.leaky_relu(h, s.low[0]), "getitem|negative_slope"),
    "a factor of the sum": (lambda _, h: torch.add(h, h, alpha=2), "add"),
    "a rounded quotient": (lambda _, h: torch.div(h, 2, rounding_mode="floor"), "div"),
    "a threshold that jumps": (lambda _, h: F.threshold(h, 0.1, 0.0), "not continuous"),
    "the batch's axis": (lambda _, h: F.softmax(h, dim=0), "over the batch"),
    "the batch's axis, from the end": (lambda _, h: F.softmax(h, dim=-2), "axis of the batch"),
    "joined along the batch": (lambda _, h: torch.cat([h, h]), "axis 0"),
    "a type": (lambda _, h: F.softmax(h, dim=1, dtype=torch.float64), "dtype"),
    "flattened with the batch": (lambda _, h: torch.flatten(h), "flattens axes 0"),
    "a size of the input": (lambda _, h: h.view(h.size(0), -1), "export"),
    "a mapping": (lambda _, h: {"y": h}, "does not return tensors"),
    "a view of what is written over": (
        lambda s, h: s.act(h.view(-1, 3)).view(-1, 6) + h, "wrote over its memory",
    ),
    "a view read after": (
        lambda s, h: (h.view(-1, 3), s.act(h))[0], "wrote over its memory",
    ),
    "a buffer written over": (lambda s, h: s.low.add_(1) + h, "does not compute what was read"),
    "a sum that the trace shows as another": (_augmented, "does not compute what was read"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused(name: str) -> None:
    rest, part = REFUSED[name]
    with pytest.raises(ModelLoadError, match=part):
        load(Net(rest).eval())


def small() -> Any:
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).eval()


def _hooked(place: int | None, kind: str) -> Any:
    module = small()
    part = module if place is None else module[place]
    getattr(part, f"register_forward_{kind}")(lambda *_: None)
    return module


def _normed(norm: Any) -> Any:
    module = small()
    norm(module[0])
    return module


def _replaced(place: int | None) -> Any:
    module = small()
    part = module if place is None else module[place]
    part.forward = lambda x: x
    return module


HOOKED = {
    "hook of a layer": lambda: _hooked(0, "hook"),
    "pre-hook of a layer": lambda: _hooked(2, "pre_hook"),
    "hook of the module": lambda: _hooked(None, "hook"),
    "pre-hook of the module": lambda: _hooked(None, "pre_hook"),
    "weight norm": lambda: _normed(nn.utils.weight_norm),
    "spectral norm": lambda: _normed(nn.utils.spectral_norm),
    "pruning": lambda: _normed(lambda layer: prune.l1_unstructured(layer, "weight", 0.5)),
    "parametrized": lambda: _normed(nn.utils.parametrizations.weight_norm),
    "forward replaced in a layer": lambda: _replaced(1),
    "forward replaced": lambda: _replaced(None),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", HOOKED)
def test_what_runs_around_layers_is_refused(name: str) -> None:

    with pytest.raises(UnsupportedOperatorError, match=r"torch\.onnx\.export"):
        load(HOOKED[name]())


def test_hooks_of_all_modules_are_refused() -> None:
    handle = nn.modules.module.register_module_forward_hook(lambda *_: None)
    try:
        with pytest.raises(UnsupportedOperatorError, match="hooks for all modules"):
            load(small())
    finally:
        handle.remove()
    assert load(small()).output_size == 2


def test_layers_of_other_packages_are_not_taken_for_torchs() -> None:
    class Linear(nn.Linear):
        def forward(self, x: Any) -> Any:
            return 2 * super().forward(x)

    with pytest.raises(ModelLoadError):
        load(nn.Sequential(Linear(3, 2), nn.ReLU()))
    pool = nn.Sequential(nn.Conv1d(1, 2, 2), nn.MaxPool1d(2, return_indices=True))
    pool.example_input_array = torch.zeros(1, 1, 5)
    with pytest.raises(UnsupportedOperatorError, match="indices"):
        load(pool)


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


def test_reading_leaves_the_module_as_it_was() -> None:
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 2))
    module[2].eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    assert load(module).output_size == 2  # as it acts at inference, though it is in training
    assert [part.training for part in module] == [True, True, False, True]
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
