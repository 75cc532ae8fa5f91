"""Loads PyTorch modules: traces the module and reads each layer directly.

The only module that imports torch, and only when it is handed a torch module. What the trace
cannot follow is loaded through an ONNX file instead; the error says how.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.read_limits import ReadLimits, limits_of
from ..errors import (
    FacetryError,
    MissingDependencyError,
    ModelLoadError,
    UnsupportedOperatorError,
)
from .model import Model
from .onnx.graph import Node, OnnxGraph, TensorType
from .onnx.model import listed, model_from_graph
from .torch_functions import bind
from .torch_layers import EXPORT, OPSET, Operator, is_in_place, layer_operators, unknown
from .torch_memory import Memory

__all__ = ["load_torch", "read_weights"]

_BINARY = {"add": "Add", "sub": "Sub", "mul": "Mul", "truediv": "Div", "div": "Div"}
_BINARY |= {"maximum": "Max", "minimum": "Min", "matmul": "MatMul"}
_IN_PLACE = {"iadd": "add", "isub": "sub", "imul": "mul", "itruediv": "truediv"}
_IN_PLACE |= {"add_": "add", "sub_": "sub", "mul_": "mul", "div_": "div"}
_SAME = ("Identity", "Dropout", "AlphaDropout", "FeatureAlphaDropout", "Flatten")
_SAMPLES = 8
_ROUNDING = 2e-3
"""Allowed between the module in its own precision and what was read of it, of the largest output:
far above the roundings of single precision, far below what another function would give."""
_HOOKS = ("_forward_hooks", "_forward_pre_hooks")


def load_torch(
    module: Any,
    *,
    inputs: str | Sequence[str] | None = None,
    outputs: str | Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
    limits: ReadLimits | None = None,
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
    try:
        _require_own_forward(module)
        graph = _Trace(module, limits_of(limits)).graph()
    except FacetryError:
        raise
    except Exception as error:  # a module holds whatever its author put there
        reason = " ".join(str(error).split())
        raise ModelLoadError(
            f"the torch module {type(module).__name__} cannot be read ({reason}); {EXPORT}"
        ) from error
    model = model_from_graph(
        graph,
        inputs=listed(inputs, "inputs"),
        outputs=listed(outputs, "outputs"),
        feature_names=feature_names,
        output_names=output_names,
        decision=decision,
        source=f"torch module {type(module).__name__}",
    )
    if inputs is None and outputs is None:
        _require_same(module, model)
    return model


def _require_same(module: Any, model: Model) -> None:
    """An error if the module itself gives something else: a trace does not show all it does.

    ``h += x`` is recorded as a sum, though it changes h; what a module computes once, while it is
    traced, is not seen at all.
    """
    X = np.random.default_rng(0).normal(size=(_SAMPLES, model.input_size))
    expected = _evaluated(module, X.reshape(_SAMPLES, *model.input_shape))
    if expected is None:
        return
    found = model.predict(X)
    near = found.shape == expected.shape and np.allclose(
        found,
        expected,
        rtol=0.0,
        atol=_ROUNDING * max(1.0, float(np.abs(found).max())),
        equal_nan=True,
    )
    if not near:
        raise ModelLoadError(
            f"the torch module {type(module).__name__} does not compute what was read of it; it "
            f"may change tensors in place; {EXPORT}"
        )


def _evaluated(module: Any, X: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The module's outputs at inference, float64 (N, n'); None if it does not run on this input."""
    import torch

    flags = [(part, part.training) for part in module.modules()]
    try:
        module.eval()
        weights = next(iter(module.parameters()), torch.zeros(1))
        point = torch.as_tensor(X, dtype=weights.dtype, device=weights.device)
        with torch.no_grad():
            # a point at a time: a module may be for one alone
            results = [module(row[None]) for row in point]
        return np.array([_numbers(result) for result in results])
    except Exception:  # it runs the module's own code; what does not run cannot be compared
        return None
    finally:
        for part, training in flags:
            part.training = training


def _numbers(result: Any) -> NDArray[np.float64]:
    parts = result if isinstance(result, (tuple, list)) else [result]
    return np.concatenate([part.detach().cpu().double().numpy().ravel() for part in parts])


def read_weights(data: bytes, name: str) -> dict[str, NDArray[np.float64]]:
    """The arrays of a state dictionary in the content of a .pth file; nothing else is unpickled.

    Raises
    ------
    ModelLoadError
        If it is damaged, or holds anything but tensors by name.
    MissingDependencyError
        If torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingDependencyError(
            f"the weights in {name} are stored by torch: pip install torch"
        ) from error
    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
        return {str(key): _numbers_of(value) for key, value in state.items()}
    except Exception as error:  # torch raises many kinds for damaged files
        reason = " ".join(str(error).split())[:200]
        raise ModelLoadError(f"the weights in {name} cannot be read: {reason}") from error


def _numbers_of(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().cpu().double().numpy())


def _require_own_forward(module: Any) -> None:
    """An error for what runs around layers and is not in the trace.

    Old-style weight and spectral norm, and pruning, are such hooks: they write the weights anew
    before each call.
    """
    for name, part in module.named_modules():
        where = f"layer {name!r}" if name else "the module itself"
        for kind in _HOOKS:
            if hooks := getattr(part, kind, None):
                hook = next(iter(hooks.values()))
                what = getattr(hook, "__name__", type(hook).__name__)
                raise UnsupportedOperatorError(
                    f"{where} of the torch module has a hook ({what}), which runs when it is "
                    f"called and cannot be read; {EXPORT}"
                )
        if "forward" in vars(part):
            raise unknown(f"{where} of the torch module has its forward replaced")


def _traced(module: Any) -> Any:
    try:
        import torch.fx
    except ImportError as error:
        raise MissingDependencyError(
            "loading a torch module needs torch: pip install torch"
        ) from error
    try:
        _require_no_global_hooks(torch.nn.modules.module)
        # a lone layer has no forward to follow; in a Sequential it is a step like any other
        whole = module if list(module.children()) else torch.nn.Sequential(module)
        return torch.fx.symbolic_trace(whole)
    except FacetryError:
        raise
    except Exception as error:  # tracing runs the module's own code, which may raise anything
        raise ModelLoadError(
            f"the torch module {type(module).__name__} cannot be traced ({error}); {EXPORT}"
        ) from error


def _require_no_global_hooks(library: Any) -> None:
    for kind in _HOOKS:
        if getattr(library, f"_global{kind}", None):
            raise UnsupportedOperatorError(
                "torch has hooks for all modules, which run when one is called and cannot be read; "
                f"remove them, or {EXPORT}"
            )


class _Trace:
    """The walk over a traced module, collecting nodes in ONNX's words."""

    def __init__(self, module: Any, limits: ReadLimits) -> None:
        self.module, self.limits = _traced(module), limits
        self.example = getattr(module, "example_input_array", None)
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self.outputs: list[str] = []
        self.memory = Memory()

    def graph(self) -> OnnxGraph:
        steps = list(self.module.graph.nodes)
        names = [step.name for step in steps if step.op == "placeholder"]
        if len(names) != 1:
            raise ModelLoadError(f"the torch module has {len(names)} inputs, not one; {EXPORT}")
        for step in steps:
            self._add(step)
        shape = self._input_shape(steps)
        return OnnxGraph(
            nodes=tuple(self.nodes),
            constants=self.constants,
            inputs=(TensorType(names[0], ("batch", *shape)),),
            outputs=tuple(TensorType(name, None) for name in self.outputs),
            opsets={"": OPSET},
            limits=self.limits,
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
            f"Linear; set module.example_input_array to an example with a batch axis, or {EXPORT}"
        )

    def _add(self, step: Any) -> None:
        if step.op == "placeholder":
            self.memory.made(step.name)
        elif step.op == "call_module":
            self._layer(step)
        elif step.op in ("call_function", "call_method"):
            self._call(step)
        elif step.op == "get_attr":
            self._attribute(step)
        elif step.op == "output":
            self._output(step.args[0])

    def _output(self, result: Any) -> None:
        listed_results = result if isinstance(result, (tuple, list)) else [result]
        if not listed_results or not all(_is_step(part) for part in listed_results):
            raise ModelLoadError(f"the torch module does not return tensors; {EXPORT}")
        self.outputs = [self._tensor(part) for part in listed_results]

    def _attribute(self, step: Any) -> None:
        value: Any = self.module
        for part in step.target.split("."):
            value = getattr(value, part)
        self.constants[step.name] = np.asarray(value.detach().cpu().double().numpy())
        self.memory.kept(step.name)

    # Layers and functions ----------------------------------------------------------------------

    def _layer(self, step: Any) -> None:
        name = str(step.target)
        layer = self.module.get_submodule(name)
        if len(step.args) + len(step.kwargs) != 1:
            raise unknown(f"layer {name!r} is called with several arguments")
        given = step.args[0] if step.args else next(iter(step.kwargs.values()))
        self._chain(step, name, layer_operators(layer, name), self._tensor(given))
        kind = type(layer).__name__
        same = kind in _SAME or kind.startswith("Dropout")
        self._written(
            step.name, given, in_place=is_in_place(layer), same=same, view=kind == "Flatten"
        )

    def _call(self, step: Any) -> None:
        name = step.target if isinstance(step.target, str) else _function_name(step.target)
        if name in ("cat", "concat", "concatenate"):
            self._concatenate(step, name)
        elif name in _BINARY or name in _IN_PLACE:
            self._binary(step, name)
        elif name in ("view", "reshape"):
            self._reshape(step, name)
        else:
            call = bind(name, step.args, step.kwargs)
            self._chain(step, step.name, call.operators, self._tensor(call.tensor))
            view = name == "flatten"
            self._written(step.name, call.tensor, in_place=call.in_place, same=call.same, view=view)

    def _written(self, made: str, given: Any, *, in_place: bool, same: bool, view: bool) -> None:
        """What a step did to the memory of the tensor it was given."""
        if same:
            self.memory.seen(made, given.name, whole=not view)
        elif in_place and _is_step(given):
            self.memory.overwritten(given.name, made)
        else:
            self.memory.made(made)

    def _binary(self, step: Any, name: str) -> None:
        given = {**dict(zip(("input", "other"), step.args, strict=False)), **step.kwargs}
        if len(step.args) > 2 or set(given) != {"input", "other"}:
            raise unknown(f"the network calls {name}() with other arguments than two tensors")
        parts = [self._tensor(given[key]) for key in ("input", "other")]
        op = _BINARY[_IN_PLACE.get(name, name)]
        self._node(step.name, op, parts, {}, [step.name])
        self._written(step.name, given["input"], in_place=name in _IN_PLACE, same=False, view=False)

    def _concatenate(self, step: Any, name: str) -> None:
        given = {**dict(zip(("tensors", "dim"), step.args, strict=False)), **step.kwargs}
        tensors, axis = given.pop("tensors", None), given.pop("dim", 0)
        if given or len(step.args) > 2 or not isinstance(tensors, (tuple, list)):
            raise unknown(f"the network calls {name}() with unknown arguments")
        if isinstance(axis, bool) or not isinstance(axis, int) or axis == 0:
            raise unknown(f"the network calls {name}() along axis {axis}, which may be the batch's")
        parts = [self._tensor(part) for part in tensors]
        self._node(step.name, "Concat", parts, {"axis": axis}, [step.name])
        self.memory.made(step.name)

    def _reshape(self, step: Any, name: str) -> None:
        sizes = step.args[1:]
        if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
            sizes = tuple(sizes[0])
        whole = all(isinstance(size, int) and not isinstance(size, bool) for size in sizes)
        if step.kwargs or not sizes or not whole:
            raise UnsupportedOperatorError(
                f"step {step.name!r} calls {name}() with a size computed from the input; use "
                f"torch.flatten(x, 1) in the module, or {EXPORT}"
            )
        shape = self._constant(np.array(sizes, dtype=np.int64))
        self._node(step.name, "Reshape", [self._tensor(step.args[0]), shape], {}, [step.name])
        self.memory.seen(step.name, step.args[0].name, whole=False)

    # Tensors and nodes -------------------------------------------------------------------------

    def _tensor(self, argument: Any) -> str:
        """The name of a tensor as it is now; a number becomes a constant."""
        if _is_step(argument):
            return self.memory.current(str(argument.name))
        if isinstance(argument, (int, float)) and not isinstance(argument, bool):
            return self._constant(np.array(float(argument)))
        raise UnsupportedOperatorError(
            f"the torch module passes {argument!r} as a tensor; {EXPORT}"
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


def _is_step(argument: Any) -> bool:
    """Whether an argument is what an earlier step of the trace made."""
    return hasattr(argument, "op") and hasattr(argument, "name")


def _function_name(function: Any) -> str:
    """The name of one of torch's functions, or of Python's operators on tensors."""
    name = str(getattr(function, "__name__", function))
    home = str(getattr(function, "__module__", None) or "torch").partition(".")[0]
    if home not in ("torch", "_operator", "operator"):
        raise unknown(f"the network calls {home}'s function {name}()")
    return name
