"""Runs an ONNX model in onnxruntime, to check a loaded model against.

The only module that imports onnxruntime, which is optional.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import MissingDependencyError, ModelLoadError
from .inputs import InputLayout

__all__ = ["OnnxruntimeReference"]

Array = NDArray[np.float64]
_TYPES = {"float": np.float32, "double": np.float64, "float16": np.float16, "bool": np.bool_}


@dataclass(frozen=True, eq=False)
class OnnxruntimeReference:
    """From points (N, m) to the file's own outputs (N, n'), computed one sample at a time.

    Attributes
    ----------
    read
        Gives the bytes of the ONNX model to run.
    layout
        How a point is cut into the model's inputs.
    outputs
        The tensors wanted, in order.
    """

    read: Callable[[], bytes]
    layout: InputLayout
    outputs: tuple[str, ...]

    def __call__(self, X: Array) -> Array:
        session = self._session()
        return np.array([self._one(session, x) for x in X])

    def _session(self) -> Any:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingDependencyError(
                "checking a model needs onnxruntime: pip install onnxruntime"
            ) from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        try:
            return onnxruntime.InferenceSession(
                self.read(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises many kinds
            raise ModelLoadError(f"onnxruntime does not run this model: {error}") from error

    def _one(self, session: Any, x: Array) -> Array:
        types = {value.name: _numpy_type(value.type) for value in session.get_inputs()}
        feed, first = {}, 0
        for tensor, shape in zip(self.layout.types, self.layout.shapes, strict=True):
            part = x[first : first + prod(shape)].reshape(shape)
            part = part[None] if self.layout.batched else part
            feed[tensor.name] = part.astype(types.get(tensor.name, np.float32))
            first += prod(shape)
        try:
            results = session.run(list(self.outputs), feed)
        except Exception as error:  # onnxruntime raises many kinds
            raise ModelLoadError(f"onnxruntime does not run this model: {error}") from error
        return np.concatenate([np.ravel(result).astype(np.float64) for result in results])


def _numpy_type(text: str) -> Any:
    name = text.removeprefix("tensor(").removesuffix(")")
    return _TYPES.get(name) or np.dtype(name)
