"""What a graph must be like to be read at all: the rules of ONNX's own checker, node by node.

A graph that breaks them has no one meaning: two nodes that make one tensor, a misspelt attribute or
a circle would be read as something else than its maker ran.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import onnx
import onnx.checker
import onnx.defs
import onnx.helper
import onnx.shape_inference

from ...base.read_limits import Allowance, ReadLimits, exceeded
from ...errors import ModelLoadError

__all__ = ["require_valid", "require_valid_tensor"]


def require_valid(model: onnx.ModelProto, opsets: Mapping[str, int], limits: ReadLimits) -> None:
    """An error that names the node or tensor which breaks a rule.

    Names are unique; each node reads what comes before it; attributes, and the numbers of inputs
    and outputs, are those of the operator's definition, where there is one.

    Raises
    ------
    ModelLoadError
        If a rule is broken, or the graph has too many nodes or too many branches in branches.
    """
    _require_known_versions(opsets)
    _Check(model, opsets, limits).graph(model.graph, frozenset(), 0)
    _require_types(model)


def _require_known_versions(opsets: Mapping[str, int]) -> None:
    newest = onnx.defs.onnx_opset_version()
    if opsets.get("", 1) > newest:
        raise ModelLoadError(
            f"the ONNX model uses operator set {opsets['']}, but the installed onnx knows those up "
            f"to {newest}: pip install -U onnx"
        )


_MISTYPED = re.compile(
    r"node name: (.*?)\): "
    r"(.* has (?:unsupported|inconsistent) type.*tensor\((?!float|double|bfloat).*)"
)


def _require_types(model: onnx.ModelProto) -> None:
    """An error if a node takes whole numbers or texts where it computes with others.

    By ONNX's shape inference, without the weights. Floating-point numbers of different precision
    may be mixed: they are the numbers they are.
    """
    light = onnx.ModelProto(ir_version=model.ir_version, opset_import=model.opset_import)
    graph = light.graph
    graph.node.extend(model.graph.node)
    for node in graph.node:
        node.name = _named(node)
    known = {_text(value.name) for value in model.graph.input}
    graph.input.extend(model.graph.input)
    graph.input.extend(
        onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
        for tensor in model.graph.initializer
        if _text(tensor.name) not in known
    )
    try:
        onnx.shape_inference.infer_shapes(light, check_type=True)
    except Exception as error:  # onnx raises many kinds; others than this are found later
        found = _MISTYPED.search(str(error))
        if found:
            raise ModelLoadError(f"{found[1]} is not valid: {found[2].strip()}") from error


class _Check:
    def __init__(
        self, model: onnx.ModelProto, opsets: Mapping[str, int], limits: ReadLimits
    ) -> None:
        self.opsets, self.limits = opsets, limits
        self.nodes = Allowance(limits, "nodes", ModelLoadError)
        self.context = onnx.checker.C.CheckerContext()
        self.context.ir_version = model.ir_version or onnx.IR_VERSION
        self.context.opset_imports = dict(opsets)

    def graph(self, graph: onnx.GraphProto, outer: frozenset[str], depth: int) -> None:
        if depth > self.limits.nesting:
            what = "branches are nested deeply"
            raise exceeded(self.limits, "nesting", what, ModelLoadError)
        self.nodes.spend(len(graph.node), "the graph is large")
        known = self._given(graph)
        later = _makers(graph.node)
        for node in graph.node:
            self._order(node, known, outer, later)
            for part in (entry.g for entry in node.attribute if entry.HasField("g")):
                self.graph(part, outer | known, depth + 1)
            self._definition(node)
            _add(known, node)

    def _given(self, graph: onnx.GraphProto) -> set[str]:
        """The names there are before the first node."""
        weights = [_text(tensor.name) for tensor in graph.initializer]
        weights += [_text(tensor.values.name) for tensor in graph.sparse_initializer]
        _unique(weights, "weights")
        inputs = [_text(value.name) for value in graph.input]
        _unique(inputs, "inputs")
        _unique([_text(value.name) for value in graph.output], "outputs")
        return {*weights, *inputs}

    def _order(
        self,
        node: onnx.NodeProto,
        known: set[str],
        outer: frozenset[str],
        later: Mapping[str, onnx.NodeProto],
    ) -> None:
        for name in map(_text, node.input):
            if not name or name in known or name in outer:
                continue
            if name in later:
                raise ModelLoadError(
                    f"{_named(node)} reads tensor {name!r} before it is made: the nodes are out of "
                    "order, or run in a circle"
                )
            raise ModelLoadError(
                f"{_named(node)} reads tensor {name!r}, which nothing in the graph makes"
            )

    def _definition(self, node: onnx.NodeProto) -> None:
        """The node against the definition of its operator, as ONNX's checker does it."""
        if node.domain == "ai.onnx.ml" and node.domain not in self.opsets:
            raise ModelLoadError(
                f"{_named(node)} is of a domain of which the file states no version"
            )
        schema = _schema(node, self.opsets)
        if schema is None or schema.deprecated:
            return
        if any(entry.HasField("g") for entry in node.attribute):
            # a branch reads tensors from outside, which the checker would not know
            _require_attributes(node, schema)
            return
        try:
            onnx.checker.check_node(node, self.context)
        except onnx.checker.ValidationError as error:
            reason = str(error).strip().splitlines()[0]
            raise ModelLoadError(f"{_named(node)} is not valid: {reason}") from error


def _require_attributes(node: onnx.NodeProto, schema: Any) -> None:
    for entry in node.attribute:
        name, holds = _text(entry.name), onnx.AttributeProto.GRAPH
        if name not in schema.attributes:
            raise ModelLoadError(f"{_named(node)} is not valid: unrecognized attribute {name!r}")
        others = any(entry.HasField(field) for field in ("f", "i", "s", "t"))
        if (entry.type == holds) != entry.HasField("g") or (entry.type == holds and others):
            raise ModelLoadError(f"{_named(node)} is not valid: attribute {name!r} is damaged")


def _schema(node: onnx.NodeProto, opsets: Mapping[str, int]) -> Any:
    domain = "" if node.domain == "ai.onnx" else node.domain
    if domain not in opsets:
        return None
    try:
        return onnx.defs.get_schema(node.op_type, opsets[domain], domain)
    except (onnx.defs.SchemaError, TypeError):
        return None  # an operator that ONNX does not know is refused where it is read


def _makers(nodes: Iterable[onnx.NodeProto]) -> dict[str, onnx.NodeProto]:
    return {_text(name): node for node in nodes for name in node.output if name}


def _add(known: set[str], node: onnx.NodeProto) -> None:
    for name in map(_text, node.output):
        if name and name in known:
            raise ModelLoadError(
                f"{_named(node)} makes tensor {name!r}, which is there already: an input, weights "
                "or what another node makes"
            )
        if name:
            known.add(name)


def _unique(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ModelLoadError(f"the graph has two {what} of the name {name!r}")
        seen.add(name)


def _named(node: onnx.NodeProto) -> str:
    made = next((_text(name) for name in node.output if name), _text(node.op_type))
    kind = f"{_text(node.domain)}.{_text(node.op_type)}" if node.domain else _text(node.op_type)
    if node.name:
        return f"node {_text(node.name)!r} ({kind})"
    return f"the unnamed {kind} node that makes tensor {made!r}"


def require_valid_tensor(tensor: onnx.TensorProto) -> None:
    """An error if a tensor's shape, type and content do not belong together.

    Raises
    ------
    ModelLoadError
        It names the tensor.
    """
    name = _text(tensor.name)
    if min(tensor.dims, default=0) < 0:
        raise ModelLoadError(f"weights {name!r} have the shape {tuple(tensor.dims)}")
    fields = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data")
    filled = [field for field in (*fields, "string_data") if len(getattr(tensor, field))]
    if len(filled) > 1:
        raise ModelLoadError(f"weights {name!r} are given twice, as {filled[0]} and as {filled[1]}")


def _text(name: str | bytes) -> str:
    # protobuf hands over bytes where a damaged file holds no valid text
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name
