"""Loads an ONNX model: reads, chooses inputs and outputs, lowers, and keeps the tail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InvalidInputError, ModelLoadError
from ..graph_builder import GraphBuilder, IdArray
from ..model import Model, assemble, default_output_names
from ..model_check import Reference
from ..tail import Tail, TailPart
from .file import cut_model, infer_types, read_graph, read_model
from .graph import OnnxGraph, TensorType
from .inputs import InputLayout, choose_inputs, input_layout
from .lowering import lower
from .outputs import choose_outputs
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
    proto = read_model(source)
    name = f"ONNX file {Path(source).name}" if isinstance(source, (str, Path)) else "ONNX model"
    graph = read_graph(proto)

    def reference(layout: InputLayout, tensors: Sequence[str]) -> Reference:
        # only checks need the file's bytes, so they are made then
        def cut() -> bytes:
            return cut_model(proto, layout.types, tensors)

        return OnnxruntimeReference(cut, layout, tuple(tensors))

    return model_from_graph(
        graph,
        infer_types(proto) if inputs is not None else {},
        inputs=listed(inputs, "inputs"),
        outputs=listed(outputs, "outputs"),
        feature_names=feature_names,
        output_names=output_names,
        decision=decision,
        source=name,
        reference=reference,
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


def model_from_graph(
    graph: OnnxGraph,
    inferred: dict[str, TensorType],
    *,
    inputs: Sequence[str] | None,
    outputs: Sequence[str] | None,
    feature_names: Sequence[str] | None,
    output_names: Sequence[str] | None,
    decision: str | float | None,
    source: str,
    reference: Callable[[InputLayout, Sequence[str]], Reference] | None = None,
) -> Model:
    """A model from a graph as plain data."""
    types = choose_inputs(graph, inputs, inferred)
    cuts, labels = choose_outputs(graph, outputs, [tensor.name for tensor in types])
    layout = input_layout(graph, types, inferred)
    build = GraphBuilder(layout.size)
    wanted = [cut.logits for cut in cuts]
    logits = lower(graph, build, layout.tensors(), wanted, layout.batch)
    tail = _tail(graph, cuts, logits, build, labels)
    shapes = layout.shapes
    flat = np.concatenate([ids.ravel() for ids in logits])
    stored_features = graph.stored_names("feature_names", layout.size) if not inputs else None
    stored_outputs = graph.stored_names("output_names", flat.size) if not outputs else None
    return assemble(
        build,
        flat,
        tail=tail,
        decision=decision,
        feature_names=feature_names,
        output_names=output_names,
        default_features=lambda: stored_features or layout.feature_names(),
        default_outputs=lambda: stored_outputs or _output_names(cuts, logits, tail),
        input_shape=shapes[0] if len(shapes) == 1 else (layout.size,),
        source=source,
        reference=reference(layout, [cut.numbers for cut in cuts]) if reference else None,
        logits_reference=reference(layout, [cut.logits for cut in cuts]) if reference else None,
    )


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
