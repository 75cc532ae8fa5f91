"""Loads .nnet files: the text format of the ACAS Xu networks (K. Julian, Stanford 2016).

After comments (``//``) come, in lines of numbers with commas: the numbers of layers, inputs and
outputs and the largest layer; the sizes of all layers; an unused flag; the lowest and the highest
value of each input; the means and the spreads of the inputs, then of the outputs; and for each
layer the rows of its weights and its biases, one to a line. The network is evaluated as the
format's own programs do: each input is first clipped to its limits, then ``(x - mean) / spread``;
each output is ``y * spread + mean``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from .. import _core
from ..base.read_file import read_text
from ..base.read_limits import ReadLimits, exceeded, limits_of
from ..errors import ModelLoadError
from .graph_builder import FloatArray, GraphBuilder, IdArray
from .model import Model, assemble
from .tail import Tail

__all__ = ["load_nnet", "nnet_from_text"]


def load_nnet(
    source: str | Path,
    *,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
    limits: ReadLimits | None = None,
) -> Model:
    """A model from a .nnet file, in the original units of its inputs and outputs.

    An input that has limits is clipped to them: a unit with two bends, which changes nothing
    between them. The limits are the features' expected ranges, too, where all are finite.

    Raises
    ------
    ModelLoadError
        If the file cannot be read, or is not of this form.
    """
    limits = limits_of(limits)
    path = Path(source).expanduser()
    if not path.exists():
        raise ModelLoadError(f"there is no file {path}")
    return nnet_from_text(
        read_text(path, limits, ModelLoadError, "the network"),
        f".nnet file {path.name}",
        feature_names=feature_names,
        output_names=output_names,
        decision=decision,
        limits=limits,
    )


def nnet_from_text(
    text: str,
    name: str,
    *,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
    limits: ReadLimits | None = None,
) -> Model:
    """The model that the text of a .nnet file describes; see `load_nnet`.

    Examples
    --------
    >>> text = "// y = 10 |(x - 1) / 2| + 3\\n2,1,1,2,\\n1,2,1,\\n0,\\n-4,\\n6,\\n1,3,\\n2,10,\\n"
    >>> text += "1,\\n-1,\\n0,\\n0,\\n1,1,\\n0,\\n"
    >>> nnet_from_text(text, "a text")([[3.0], [1.0], [99.0]]).ravel().tolist()
    [13.0, 3.0, 28.0]
    """
    limits = limits_of(limits)
    if text.count(",") + text.count("\n") > limits.words:
        raise exceeded(limits, "words", f"{name} is long", ModelLoadError)
    lines = _Lines(text, name)
    counts = lines.whole(4, "numbers of layers, inputs, outputs and the largest layer")
    layers, inputs, outputs = counts[:3]
    sizes = lines.whole(layers + 1, "sizes of layers")
    if min(sizes, default=0) < 1 or layers < 1 or (sizes[0], sizes[-1]) != (inputs, outputs):
        raise lines.error(f"the sizes of layers {sizes} do not fit {inputs} and {outputs}")
    lines.row(None, "an unused flag")
    low, high = (
        lines.row(inputs, f"{what} values of the inputs", bounded=False)
        for what in ("lowest", "highest")
    )
    if np.any(low > high):
        raise lines.error(f"the lowest value of input {np.argmax(low > high)} is above its highest")
    mean = lines.row(inputs + 1, "means")
    spread = lines.row(inputs + 1, "spreads")
    if not np.all(spread):
        raise lines.error("a spread is 0")
    build = GraphBuilder(inputs, limits)
    values = _scaled(build, low, high, mean[:-1], spread[:-1])
    for number in range(layers):
        values = _layer(build, lines, values, number, sizes[number + 1])
        if number + 1 < layers:
            build.layer = f"relu{number + 1}"
            values = build.piecewise(values, _core.PiecewiseFunction.relu())
    lines.end()
    build.layer = "outputs"
    values = build.combine([(values, spread[-1])], np.full(outputs, mean[-1]))
    limited = bool(np.isfinite(low).all() and np.isfinite(high).all())
    return assemble(
        build,
        values,
        tail=Tail.of(outputs),
        decision=decision,
        feature_names=feature_names,
        output_names=output_names,
        feature_ranges=np.stack([low, high], axis=1) if limited else None,
        source=name,
    )


def _scaled(
    build: GraphBuilder, low: FloatArray, high: FloatArray, mean: FloatArray, spread: FloatArray
) -> IdArray:
    """The inputs, clipped and normalised."""
    build.layer = "inputs"
    parts = [
        _clipped(build, build.inputs[i : i + 1], least, most)
        for i, (least, most) in enumerate(zip(low.tolist(), high.tolist(), strict=True))
    ]
    return build.combine([(np.concatenate(parts), 1.0 / spread)], -mean / spread)


def _clipped(build: GraphBuilder, value: IdArray, low: float, high: float) -> IdArray:
    """One input between its limits, which may be infinite, or one number."""
    if low == high:
        return build.constant([low])
    if np.isinf(low) and np.isinf(high):
        return value
    if np.isinf(high):
        function = _core.PiecewiseFunction([low], [0.0, 1.0], [low, 0.0])
    elif np.isinf(low):
        function = _core.PiecewiseFunction([high], [1.0, 0.0], [0.0, high])
    else:
        function = _core.PiecewiseFunction.clip(low, high)
    return build.piecewise(value, function)


def _layer(build: GraphBuilder, lines: _Lines, values: IdArray, number: int, size: int) -> IdArray:
    """The sums of one layer."""
    build.layer = f"layer{number + 1}"
    build.require(size * values.size)
    what = f"weights of layer {number + 1}"
    weights = np.array([lines.row(values.size, what) for _ in range(size)])
    bias = np.array([lines.row(1, f"biases of layer {number + 1}")[0] for _ in range(size)])
    return build.linear(values, weights, bias)


class _Lines:
    """The lines of a text that hold numbers."""

    def __init__(self, text: str, name: str) -> None:
        self._name, self._line = name, 0
        self._rows = self._read(text)

    def _read(self, text: str) -> Iterator[list[str]]:
        for line in text.splitlines():
            self._line += 1
            words = [word.strip() for word in line.partition("//")[0].split(",")]
            if words := [word for word in words if word]:
                yield words

    def row(self, count: int | None, what: str, *, bounded: bool = True) -> FloatArray:
        """The next line: so many numbers, or any; finite ones, unless they need no bounds."""
        words = next(self._rows, None)
        if words is None:
            raise self.error(f"it ends where {what} should stand; the file may be cut")
        if count is not None and len(words) != count:
            raise self.error(f"{len(words)} numbers where {count} {what} should stand")
        try:
            values = np.array([float(word) for word in words])
        except ValueError:
            raise self.error(f"{what} that are no numbers") from None
        if np.isnan(values).any() or (bounded and np.isinf(values).any()):
            raise self.error(f"{what} that are NaN or infinite")
        return values

    def whole(self, count: int, what: str) -> list[int]:
        """The next line: so many whole numbers."""
        values = self.row(count, what)
        if np.any(values != np.floor(values)) or np.any(np.abs(values) > 2**53):
            raise self.error(f"{what} that are no whole numbers")
        return [int(value) for value in values]

    def end(self) -> None:
        """Nothing may be left."""
        if next(self._rows, None) is not None:
            raise self.error("more numbers than the sizes of layers say")

    def error(self, message: str) -> ModelLoadError:
        return ModelLoadError(f"{self._name}, line {self._line}: {message}")
