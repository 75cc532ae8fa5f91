"""Train small dense networks with numpy, and write any small network as an ONNX file.

The training scripts beside this file share these helpers. Training is plain stochastic gradient
descent with Adam on a fully-connected network; every random number comes from the seed, so a script
gives the same network each time on one machine (other linear-algebra libraries round differently).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float64]
Layer = tuple[Array, Array]  # weights (outputs, inputs) and bias (outputs,)

EXAMPLES = Path(__file__).parent
OPSET = 17


class Activation(NamedTuple):
    """A hidden activation: its value, its slope, and the ONNX node that computes it."""

    value: Callable[[Array], NDArray[np.floating[Any]]]
    slope: Callable[[Array], NDArray[np.floating[Any]]]
    operator: str
    attributes: dict[str, Any]
    constants: tuple[float, ...] = ()  # further scalar inputs of the ONNX node


RELU = Activation(lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, "Relu", {})
RELU6 = Activation(
    lambda z: np.clip(z, 0, 6), lambda z: ((z > 0) & (z < 6)) * 1.0, "Clip", {}, (0.0, 6.0)
)


def leaky_relu(alpha: float) -> Activation:
    """LeakyReLU with slope `alpha` on the negative side."""
    return Activation(
        lambda z: np.where(z > 0, z, alpha * z),
        lambda z: np.where(z > 0, 1.0, alpha),
        "LeakyRelu",
        {"alpha": alpha},
    )


@dataclass(frozen=True)
class Training:
    """How a dense network is trained. `classes` is 0 for a regression."""

    hidden: tuple[int, ...]
    activation: Activation = RELU
    classes: int = 0
    epochs: int = 100
    batch: int = 64
    rate: float = 3e-3
    decay: float = 0.0
    seed: int = 0


def forward(layers: Sequence[Layer], activation: Activation, x: Array) -> list[Array]:
    """The input, every hidden pre-activation, and the output: (N, width) each."""
    values = [x]
    for number, (weights, bias) in enumerate(layers):
        before = values[-1] if number == 0 else activation.value(values[-1])
        values.append(before @ weights.T + bias)
    return values


def train(x: Array, y: Array, how: Training) -> list[Layer]:
    """Train on x (N, m) and y (N,): class numbers, or values for a regression."""
    random = np.random.default_rng(how.seed)
    target = np.eye(how.classes)[y.astype(int)] if how.classes else y.reshape(-1, 1)
    layers = _initial_layers([x.shape[1], *how.hidden, target.shape[1]], random)
    step = _Adam(layers, how.decay)
    for epoch in range(how.epochs):
        rate = how.rate * 0.5 * (1 + np.cos(np.pi * epoch / how.epochs))
        for rows in _batches(len(x), how.batch, random):
            step(_gradients(layers, how, x[rows], target[rows]), rate)
    return layers


def _initial_layers(widths: list[int], random: np.random.Generator) -> list[Layer]:
    return [
        (random.normal(0, np.sqrt(2 / before), (after, before)), np.zeros(after))
        for before, after in pairwise(widths)
    ]


def _batches(count: int, size: int, random: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    order = random.permutation(count)
    return (order[start : start + size] for start in range(0, count, size))


def _gradients(layers: list[Layer], how: Training, x: Array, target: Array) -> list[Layer]:
    """Gradients of the mean cross-entropy (classes) or half mean squared error (regression)."""
    values = forward(layers, how.activation, x)
    predicted = softmax(values[-1]) if how.classes else values[-1]
    error = (predicted - target) / len(x)
    gradients: list[Layer] = []
    for number in reversed(range(len(layers))):
        before = values[number] if number == 0 else how.activation.value(values[number])
        gradients.append((error.T @ before, error.sum(axis=0)))
        if number:
            error = (error @ layers[number][0]) * how.activation.slope(values[number])
    return gradients[::-1]


def softmax(logits: Array) -> Array:
    """Softmax over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    total: Array = powers / powers.sum(axis=-1, keepdims=True)
    return total


class _Adam:
    """Adam (Kingma and Ba, 2015) with decoupled weight decay; changes `layers` in place."""

    def __init__(self, layers: list[Layer], decay: float) -> None:
        self.layers, self.decay, self.count = layers, decay, 0
        self.mean = [[np.zeros_like(part) for part in layer] for layer in layers]
        self.square = [[np.zeros_like(part) for part in layer] for layer in layers]

    def __call__(self, gradients: list[Layer], rate: float) -> None:
        self.count += 1
        correction = np.sqrt(1 - 0.999**self.count) / (1 - 0.9**self.count)
        for layer, gradient, mean, square in zip(
            self.layers, gradients, self.mean, self.square, strict=True
        ):
            layer[0][...] *= 1 - rate * self.decay
            for part, slope, first, second in zip(layer, gradient, mean, square, strict=True):
                first[...] = 0.9 * first + 0.1 * slope
                second[...] = 0.999 * second + 0.001 * slope**2
                part[...] -= rate * correction * first / (np.sqrt(second) + 1e-8)


class OnnxWriter:
    """Builds a chain of ONNX nodes, each reading the one before, and saves it as float32."""

    def __init__(self, input_shape: Sequence[int]) -> None:
        self.input_shape = list(input_shape)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.last = "input"

    def add(
        self, operator: str, *weights: NDArray[np.generic], last: str = "", **attributes: Any
    ) -> None:
        """Append one node; `weights` become its further inputs, `last` names its output."""
        number = len(self.nodes)
        names = [f"{operator.lower()}_{number}_{i}" for i in range(len(weights))]
        for name, values in zip(names, weights, strict=True):
            kept = values.astype(np.float32) if values.dtype.kind == "f" else values
            self.weights.append(numpy_helper.from_array(kept, name))
        output = last or f"{operator.lower()}_{number}"
        node = helper.make_node(
            operator, [self.last, *names], [output], f"{operator}_{number}", **attributes
        )
        self.nodes.append(node)
        self.last = output

    def add_dense(self, layers: Sequence[Layer], activation: Activation, last: str = "") -> None:
        """Append Gemm nodes with the activation between them."""
        for number, (weights, bias) in enumerate(layers):
            name = last if number == len(layers) - 1 else ""
            self.add("Gemm", weights, bias, last=name, transB=1)
            if number < len(layers) - 1:
                constants = [np.array(value) for value in activation.constants]
                self.add(activation.operator, *constants, **activation.attributes)

    def save(
        self,
        path: Path,
        outputs: int,
        *,
        feature_names: Sequence[str] = (),
        output_names: Sequence[str] = (),
    ) -> None:
        """Check the model and write it; names travel as metadata of the file."""
        batch: list[str | int] = ["batch"]
        graph = helper.make_graph(
            self.nodes,
            path.stem,
            [
                helper.make_tensor_value_info(
                    "input", TensorProto.FLOAT, [*batch, *self.input_shape]
                )
            ],
            [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, [*batch, outputs])],
            self.weights,
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, producer_name="facetry examples")
        model.ir_version = 8  # the version that goes with this opset, so that old readers load it
        names = {"feature_names": feature_names, "output_names": output_names}
        helper.set_model_props(model, {k: json.dumps(list(v)) for k, v in names.items() if v})
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)


def run(path: Path, x: Array) -> Array:
    """The outputs (N, n) that onnxruntime computes for x (N, ...) with the saved file."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (result,) = session.run(None, {"input": x.astype(np.float32)})
    return np.asarray(result, dtype=np.float64)
