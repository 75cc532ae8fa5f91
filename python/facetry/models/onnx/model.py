"""Loads an ONNX model: reads, chooses inputs and outputs, lowers, and keeps the tail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ...base.read_limits import ReadLimits, exceeded, limits_of
from ...errors import FacetryError, InvalidInputError, ModelLoadError, UnsupportedOperatorError
from ..graph_builder import GraphBuilder, IdArray
from ..model import Model, assemble, default_output_names
from ..model_check import Reference
from ..tail import Tail, TailPart
from .batch import Batch, RowsMixedError
from .file import read_graph, read_model
from .graph import OnnxGraph, TensorType
from .infer import cut_model, infer_types
from .inputs import InputLayout, choose_inputs, input_layout
from .lowering import lower
from .outputs import choose_outputs
from .registry import Cuts
from .runtime_reference import OnnxruntimeReference
from .tail import TailCut, tail_steps

__all__ = ["listed", "load_onnx", "model_from_graph"]


def load_onnx(
    source: Any,
    *,
    inputs: str | Sequence[str] | None = None,
    outputs: str | Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
    limits: ReadLimits | None = None,
) -> Model:
    """A model from the path of an ONNX file, or from an ``onnx.ModelProto``.

    The parameters are those of `facetry.load`.

    Raises
    ------
    ModelLoadError
        If the file cannot be read, or an axis that is not the batch is symbolic.
    UnsupportedOperatorError
        If a step is not piecewise linear or not known.
    """
    try:
        return _load(
            source,
            limits_of(limits),
            inputs=listed(inputs, "inputs"),
            outputs=listed(outputs, "outputs"),
            feature_names=feature_names,
            output_names=output_names,
            decision=decision,
        )
    except FacetryError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # no more than a net: what a damaged file does to code that expects a whole one
        reason = " ".join(str(error).split())
        raise ModelLoadError(f"the ONNX graph is damaged: {reason}") from error
    except RecursionError as error:
        raise ModelLoadError("the ONNX graph is nested too deeply") from error


def _load(source: Any, limits: ReadLimits, **options: Any) -> Model:
    proto = read_model(source, limits)
    name = f"ONNX file {Path(source).name}" if isinstance(source, (str, Path)) else "ONNX model"
    graph = read_graph(proto, limits)

    def reference(layout: InputLayout, tensors: Sequence[str]) -> Reference:
        # only checks need the file's bytes, so they are made then
        def cut() -> bytes:
            return cut_model(proto, layout.types, tensors)

        return OnnxruntimeReference(cut, layout, tuple(tensors))

    return model_from_graph(
        graph, lambda: infer_types(proto), source=name, reference=reference, **options
    )


def listed(names: str | Sequence[str] | None, what: str) -> list[str] | None:
    """The names of tensors a user gave, as a list; None if none were given."""
    if names is None:
        return None
    listed = [names] if isinstance(names, str) else list(names)
    if not listed or not all(isinstance(name, str) for name in listed):
        raise InvalidInputError(f"{what} must be the name of a tensor or a list of such names")
    if len(set(listed)) != len(listed):
        raise InvalidInputError(f"{what} names a tensor more than once")
    return listed


@dataclass(frozen=True)
class _Request:
    """What is asked of a graph: the parameters of `facetry.load`, and where the graph is from."""

    inputs: Sequence[str] | None
    outputs: Sequence[str] | None
    feature_names: Sequence[str] | None
    output_names: Sequence[str] | None
    decision: str | float | None
    source: str
    reference: Callable[[InputLayout, Sequence[str]], Reference] | None = None


_OVER_AXIS = {"Softmax": -1, "LogSoftmax": -1, "ArgMax": 0, "ArgMin": 0}
"""Operators of a tail that run over one axis, and which one by default."""

Types = Callable[[], Mapping[str, TensorType]]
"""What is known of the tensors inside a graph; asked only where it is needed."""


def model_from_graph(graph: OnnxGraph, infer: Types | None = None, **options: Any) -> Model:
    """A model from a graph as plain data.

    Parameters
    ----------
    graph
        The graph.
    infer
        Gives the types of the tensors inside; nothing is known of them if left out.
    options
        The fields of `_Request`.

    Raises
    ------
    ModelLoadError, UnsupportedOperatorError
        As `load_onnx`; where the graph can be cut to load, the message says how.
    """
    request, types = _Request(**options), cache(infer or dict)
    try:
        return _model(graph, types, request)
    except UnsupportedOperatorError as error:
        cuts = getattr(error, "cuts", None)
        advice = _advice(graph, types, request, cuts) if cuts else ""
        raise UnsupportedOperatorError(f"{error}{advice}") from error


def _advice(graph: OnnxGraph, types: Types, request: _Request, cuts: Cuts) -> str:
    """How to cut the graph so that it loads and is no linear model; "" if there is no way."""
    ways = []
    if cuts.before:
        ways.append(
            _way(graph, types, replace(request, outputs=[cuts.before]), "the part up to it")
        )
    if cuts.after:
        ways.append(_way(graph, types, replace(request, inputs=[cuts.after]), "a part after it"))
    found = [way for way in ways if way]
    return f". You can explain {', or '.join(found)}" if found else ""


def _way(graph: OnnxGraph, types: Types, request: _Request, part: str) -> str:
    """The words for a cut that was tried; "" if it does not load, or leaves a linear model."""
    request = replace(request, feature_names=None, output_names=None, decision=None)
    for _ in range(2):
        try:
            if not _model(graph, types, request).form.unit_count:
                return ""
            named = {"inputs": request.inputs, "outputs": request.outputs}
            words = [f"{key}={_names(value)}" for key, value in named.items() if value]
            return f"{part} with {', '.join(words)}"
        except UnsupportedOperatorError as error:  # up to the next such node, then
            cuts = getattr(error, "cuts", None)
            if cuts is None or not cuts.before:
                return ""
            request = replace(request, outputs=[cuts.before])
        except (FacetryError, ArithmeticError, LookupError, TypeError, ValueError):
            return ""
    return ""


def _names(names: Sequence[str]) -> str:
    return repr(names[0]) if len(names) == 1 else repr(list(names))


def _model(graph: OnnxGraph, types: Types, request: _Request) -> Model:
    chosen = choose_inputs(graph, request.inputs, types() if request.inputs else {})
    layout = input_layout(chosen)
    if layout.batch is None:
        return _model_of(graph, layout, None, request)
    whole = replace(layout, batched=False, batch=None)
    try:
        return _model_of(graph, layout, Batch(layout.batch, types()), request)
    except UnsupportedOperatorError:
        raise
    except ModelLoadError as error:
        try:
            return _model_of(graph, whole, None, request)
        except UnsupportedOperatorError:
            raise
        except ModelLoadError as second:
            raise (second if isinstance(error, RowsMixedError) else error) from None


def _model_of(
    graph: OnnxGraph, layout: InputLayout, batch: Batch | None, request: _Request
) -> Model:
    cuts, labels = choose_outputs(graph, request.outputs, [tensor.name for tensor in layout.types])
    if layout.size > graph.limits.values:
        raise exceeded(graph.limits, "values", "the inputs are many", ModelLoadError)
    build = GraphBuilder(layout.size, graph.limits)
    wanted = [cut.logits for cut in cuts]
    logits = lower(graph, build, layout.tensors(), wanted, batch)
    if batch is not None:
        _require_rows(batch, cuts)
    elif layout.batched and not all(
        tensor.shape and tensor.shape[0] == 1 for tensor in layout.types
    ):
        _require_samples(cuts, logits)
    tail = _tail(graph, cuts, logits, build, labels)
    shapes, runs = layout.shapes, request.reference
    flat = np.concatenate([ids.ravel() for ids in logits])
    if not flat.size:
        raise ModelLoadError("the outputs of the ONNX graph are empty")
    stored_features = (
        graph.stored_names("feature_names", layout.size) if not request.inputs else None
    )
    stored_outputs = graph.stored_names("output_names", flat.size) if not request.outputs else None
    return assemble(
        build,
        flat,
        tail=tail,
        decision=request.decision,
        feature_names=request.feature_names,
        output_names=request.output_names,
        default_features=lambda: stored_features or layout.feature_names(),
        default_outputs=lambda: stored_outputs or _output_names(cuts, logits, tail),
        input_shape=shapes[0] if len(shapes) == 1 else (layout.size,),
        source=request.source,
        reference=runs(layout, [cut.numbers for cut in cuts]) if runs else None,
        logits_reference=runs(layout, [cut.logits for cut in cuts]) if runs else None,
    )


def _require_samples(cuts: Sequence[TailCut], logits: Sequence[IdArray]) -> None:
    """An error if the tail runs over the batch: then no sample has an output of its own."""
    for cut, ids in zip(cuts, logits, strict=True):
        for node in cut.nodes:
            default = _OVER_AXIS.get(node.op)
            if default is not None and ids.ndim > 1:
                axis = int(node.attributes.get("axis", default))
                if axis in (0, -ids.ndim):
                    raise UnsupportedOperatorError(f"{node} runs over the axis of the batch")


def _require_rows(batch: Batch, cuts: Sequence[TailCut]) -> None:
    """The steps of the tail, which are not lowered, keep the rows apart too."""
    for cut in cuts:
        for node in cut.nodes:
            batch.require_shape(node, node.outputs[0])


def _tail(
    graph: OnnxGraph,
    cuts: Sequence[TailCut],
    logits: Sequence[IdArray],
    build: GraphBuilder,
    labels: tuple[str, ...],
) -> Tail:
    parts, start = [], 0
    for cut, ids in zip(cuts, logits, strict=True):
        try:
            steps = tail_steps(cut, ids, build, graph)
        except (ArithmeticError, IndexError, TypeError, ValueError) as error:
            raise ModelLoadError(f"the last steps of the graph are not valid: {error}") from error
        parts.append(TailPart(start, start + ids.size, steps))
        start += ids.size
    return Tail(tuple(parts), labels)


def _output_names(cuts: Sequence[TailCut], logits: Sequence[IdArray], tail: Tail) -> Sequence[str]:
    """y0, y1, ... or class labels for one output; its tensor's name for each of several."""
    if len(cuts) == 1:
        return default_output_names(logits[0].size, tail)
    names = []
    for cut, ids in zip(cuts, logits, strict=True):
        size = prod(ids.shape)
        names += [cut.output] if size == 1 else [f"{cut.output}[{i}]" for i in range(size)]
    return names
