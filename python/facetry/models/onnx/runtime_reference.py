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
    """From points (N, m) to the file's own outputs (N, n'), in batches as the file fixes them.

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
        rows = self.layout.batch or 1
        try:
            parts = [self._some(session, X[i : i + rows]) for i in range(0, len(X), rows)]
        except Exception as error:  # onnxruntime raises many kinds
            raise ModelLoadError(f"onnxruntime does not run this model: {_line(error)}") from error
        return np.concatenate(parts)

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
            raise ModelLoadError(f"onnxruntime does not run this model: {_line(error)}") from error

    def _some(self, session: Any, X: Array) -> Array:
        """The outputs at as many points as the file's batch holds; the rest of it is zeros."""
        types = {value.name: _numpy_type(value.type) for value in session.get_inputs()}
        rows = self.layout.batch or 1
        filled = np.zeros((rows, X.shape[1]))
        filled[: len(X)] = X
        feed, first = {}, 0
        for tensor, shape in zip(self.layout.types, self.layout.shapes, strict=True):
            part = filled[:, first : first + prod(shape)]
            lead = (rows,) if self.layout.batched else ()
            part = part.reshape(lead + shape)
            feed[tensor.name] = part.astype(types.get(tensor.name, np.float32))
            first += prod(shape)
        results = [np.asarray(part) for part in session.run(list(self.outputs), feed)]
        flat = [part.astype(np.float64).reshape(rows, -1) for part in results]
        return np.hstack(flat)[: len(X)]


def _line(error: Exception) -> str:
    """A message of onnxruntime on one line."""
    return " ".join(str(error).split())


def _numpy_type(text: str) -> Any:
    name = text.removeprefix("tensor(").removesuffix(")")
    return _TYPES.get(name) or np.dtype(name)
