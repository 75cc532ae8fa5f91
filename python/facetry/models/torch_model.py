"""Loads PyTorch modules: traces the module and reads each layer directly.

The only module that imports torch, and only when it is handed a torch module. What the trace
cannot follow is loaded through an ONNX file instead; the error says how.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingDependencyError, ModelLoadError, UnsupportedOperatorError
from .model import Model
from .onnx.graph import Node, OnnxGraph, TensorType
from .onnx.model import listed, model_from_graph
from .torch_layers import OPSET, Operator, function_operators, layer_operators

__all__ = ["load_torch"]

_EXPORT = "export it with torch.onnx.export(module, (example,), 'model.onnx') and load that file"
_BINARY = {"add": "Add", "sub": "Sub", "mul": "Mul", "truediv": "Div", "div": "Div"}
_BINARY |= {"maximum": "Max", "minimum": "Min", "iadd": "Add", "matmul": "MatMul"}


def load_torch(
    module: Any,
    *,
    inputs: str | Sequence[str] | None = None,
    outputs: str | Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
) -> Model:
    """A model from a ``torch.nn.Module`` with one input, as it acts at inference.

    The input's size is that of the first ``Linear`` layer; a module that starts otherwise (with a
    convolution, say) must have an attribute ``example_input_array``: a tensor with a batch axis.

    Raises
    ------
    UnsupportedOperatorError
        If a layer or function is not known, or not piecewise linear.
    ModelLoadError
        If the module cannot be traced, or the size of its input is not known.
    """
    trace = _Trace(module)
    return model_from_graph(
        trace.graph(),
        inputs=listed(inputs, "inputs"),
        outputs=listed(outputs, "outputs"),
        feature_names=feature_names,
        output_names=output_names,
        decision=decision,
        source=f"torch module {type(module).__name__}",
    )


def _traced(module: Any) -> Any:
    try:
        import torch.fx
    except ImportError as error:
        raise MissingDependencyError(
            "loading a torch module needs torch: pip install torch"
        ) from error
    try:
        # a lone layer has no forward to follow; in a Sequential it is a step like any other
        whole = module if list(module.children()) else torch.nn.Sequential(module)
        return torch.fx.symbolic_trace(whole)
    except Exception as error:  # tracing runs the module's own code, which may raise anything
        raise ModelLoadError(
            f"the torch module {type(module).__name__} cannot be traced ({error}); {_EXPORT}"
        ) from error


class _Trace:
    """The walk over a traced module, collecting nodes in ONNX's words."""

    def __init__(self, module: Any) -> None:
        self.module = _traced(module)
        self.example = getattr(module, "example_input_array", None)
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.outputs: list[str] = []

    def graph(self) -> OnnxGraph:
        steps = list(self.module.graph.nodes)
        names = [step.name for step in steps if step.op == "placeholder"]
        if len(names) != 1:
            raise ModelLoadError(f"the torch module has {len(names)} inputs, not one; {_EXPORT}")
        for step in steps:
            self._add(step)
        shape = self._input_shape(steps)
        return OnnxGraph(
            nodes=tuple(self.nodes),
            constants=self.constants,
            inputs=(TensorType(names[0], ("batch", *shape)),),
            outputs=tuple(TensorType(name, None) for name in self.outputs),
            opsets={"": OPSET},
        )

    def _input_shape(self, steps: Sequence[Any]) -> tuple[int, ...]:
        if self.example is not None:
            return tuple(int(size) for size in self.example.shape[1:])
        layers = [self.module.get_submodule(s.target) for s in steps if s.op == "call_module"]
        sized = [layer for layer in layers if list(layer.parameters(recurse=False))]
        if sized and type(sized[0]).__name__ == "Linear":
            return (int(sized[0].in_features),)
        raise ModelLoadError(
            "the size of the torch module's input is not known, because its first layer is not "
            f"Linear; set module.example_input_array to an example with a batch axis, or {_EXPORT}"
        )

    def _add(self, step: Any) -> None:
        if step.op == "call_module":
            name = str(step.target)
            layer = self.module.get_submodule(name)
            self._chain(step, name, layer_operators(layer, name), self._tensor(step.args[0]))
        elif step.op in ("call_function", "call_method"):
            self._call(step)
        elif step.op == "get_attr":
            self._attribute(step)
        elif step.op == "output":
            self._output(step.args[0])

    def _output(self, result: Any) -> None:
        listed_results = result if isinstance(result, (tuple, list)) else [result]
        if not all(hasattr(part, "name") for part in listed_results):
            raise ModelLoadError(f"the torch module does not return tensors; {_EXPORT}")
        self.outputs = [part.name for part in listed_results]

    def _attribute(self, step: Any) -> None:
        value: Any = self.module
        for part in step.target.split("."):
            value = getattr(value, part)
        self.constants[step.name] = np.asarray(value.detach().cpu().double().numpy())

    def _call(self, step: Any) -> None:
        name = step.target if isinstance(step.target, str) else step.target.__name__
        if name in ("cat", "concat", "concatenate"):
            axis = step.kwargs.get("dim", step.args[1] if len(step.args) > 1 else 0)
            parts = [self._tensor(part) for part in step.args[0]]
            self._node(step.name, "Concat", parts, {"axis": int(axis)}, [step.name])
        elif name in _BINARY and len(step.args) == 2 and not step.kwargs:
            parts = [self._tensor(part) for part in step.args]
            self._node(step.name, _BINARY[name], parts, {}, [step.name])
        elif name in ("view", "reshape"):
            self._reshape(step)
        else:
            operator = function_operators(name, step.args[1:], step.kwargs)
            self._chain(step, step.name, [operator], self._tensor(step.args[0]))

    def _reshape(self, step: Any) -> None:
        sizes = step.args[1] if isinstance(step.args[1], (tuple, list)) else step.args[1:]
        if not all(isinstance(size, int) for size in sizes):
            raise UnsupportedOperatorError(
                f"step {step.name!r} reshapes to a size computed from the input; use "
                f"torch.flatten(x, 1) in the module, or {_EXPORT}"
            )
        shape = self._constant(np.array(sizes, dtype=np.int64))
        self._node(step.name, "Reshape", [self._tensor(step.args[0]), shape], {}, [step.name])

    def _tensor(self, argument: Any) -> str:
        """The name of a tensor; a number becomes a constant."""
        if hasattr(argument, "name"):
            return str(argument.name)
        if isinstance(argument, (int, float)):
            return self._constant(np.array(float(argument)))
        raise UnsupportedOperatorError(
            f"the torch module passes {argument!r} as a tensor; {_EXPORT}"
        )

    def _constant(self, array: NDArray[Any]) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants[name] = array
        return name

    def _chain(self, step: Any, name: str, operators: Sequence[Operator], tensor: str) -> None:
        """The operators one after the other; the last makes the tensor named like the step."""
        for number, operator in enumerate(operators, start=1):
            made = step.name if number == len(operators) else f"{step.name}_{number}"
            constants = [self._constant(array) for array in operator.constants]
            self._node(name, operator.op, [tensor, *constants], operator.attributes, [made])
            tensor = made

    def _node(
        self, name: str, op: str, inputs: Sequence[str], attributes: Any, outputs: Sequence[str]
    ) -> None:
        self.nodes.append(Node(name, op, tuple(inputs), tuple(outputs), attributes))
