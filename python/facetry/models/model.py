"""A loaded model: its names, its normal form, its tail and its decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core
from ..base import doors
from ..base.arguments import path_of, shown
from ..base.checks import frozen
from ..base.points import points_array
from ..base.printable import counted
from ..errors import InvalidInputError
from .decision import Decision, resolve_decision
from .graph_builder import GraphBuilder, IdArray
from .model_check import CheckReport, Reference, compare
from .name_index import index_of
from .schema import Schema, schema_for
from .tail import Tail

__all__ = ["CheckReport", "Decision", "Model", "Tail", "check_model", "kind_of", "renamed"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A trained network as a continuous piecewise-linear function with names.

    Made by `facetry.load`; immutable. Calling it evaluates the logits: the outputs before the tail.

    Attributes
    ----------
    graph, form
        The core's neural graph as it was loaded, and its compressed normal form.
    outputs
        The value numbers of the n outputs in `graph`, int64 of shape (n,).
    feature_names, output_names
        One name for each of the m inputs and n outputs, all different.
    input_shape
        The shape of one sample, without the batch axis; (m,) if several inputs were joined.
    tail
        The last steps that were stripped, with the class labels.
    decision
        How outputs become a choice.
    operation_names
        For each operation of `graph`, the layer of the source it came from.
    source
        A short description of where the model came from.
    reference, logits_reference
        How the source's own runtime computes the whole network, and its logits; None if there is
        no such thing. Not kept by `save`.
    feature_ranges
        The expected (low, high) of each feature, float64 (m, 2), where the file states them; an
        `Explainer` takes them unless it is given ranges or data. Else None.
    schema
        What the features are as people know them, and how the inputs encode them; None if nothing
        is said: then every input is a number of its own. See `with_schema`.
    made_up_names
        What `feature_names` were before they became those of the schema, if they had been made up;
        else ().

    Notes
    -----
    What is proven of a model is proven of `form`: of float64 weights, after affine steps that
    follow each other were multiplied into one. Weights of a layer that stands alone between two
    activations are those of the source, without rounding. Of merged steps each product and each sum
    is rounded to float64 once. `graph` holds them unmerged, but some are rounded already when it is
    made: the factors of BatchNorm and of scalers (quotients and roots), and Gemm's alpha and beta.
    Values that the source computes of constants alone are computed in its own precision before.
    Evaluating a model rounds too, as float64 does; searches at level "safe" do not.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, -1.0]], [0.0]), ([[2.0]], [1.0])])
    >>> model
    Model(2 inputs, 1 output, 1 unit; tail none, decision none)
    >>> model([[3.0, 1.0], [1.0, 3.0]]).tolist()
    [[5.0], [1.0]]
    """

    graph: _core.NeuralGraph
    form: _core.NormalForm
    outputs: IdArray
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...]
    input_shape: tuple[int, ...]
    tail: Tail
    decision: Decision
    operation_names: tuple[str, ...] = ()
    source: str = "layers"
    reference: Reference | None = field(default=None, repr=False)
    logits_reference: Reference | None = field(default=None, repr=False)
    feature_ranges: Array | None = field(default=None, repr=False)
    schema: Schema | None = field(default=None, repr=False)
    made_up_names: tuple[str, ...] = field(default=(), repr=False)

    @property
    def input_size(self) -> int:
        """The number m of scalar inputs."""
        return int(self.form.input_size)

    @property
    def output_size(self) -> int:
        """The number n of outputs (logits)."""
        return int(self.form.output_size)

    @cached_property
    def unit_names(self) -> tuple[str, ...]:
        """For each unit of the normal form: the layer it came from and its index there."""
        owners = zip(self.form.unit_operation, self.form.unit_position, strict=True)
        return tuple(f"{self.operation_names[owner]}[{index}]" for owner, index in owners)

    def __call__(self, X: ArrayLike) -> Array:
        """The logits at the points X, of shape (N, m) or (N, *input_shape): float64 (N, n).

        Columns of a table are taken by name, if the model's features have names; see `points`.
        """
        return np.asarray(self.form.evaluate(self.points(X)))

    def points(self, X: ArrayLike, name: str = "X") -> Array:
        """Points as the network takes them: float64 of shape (N, m).

        Every function that takes points reads them so.

        Parameters
        ----------
        X
            An array of shape (N, m), (N, *input_shape), or (m,) for one point: inputs, in their
            order. Or a table: a data frame of pandas, polars or pyarrow, a row of one, a mapping
            from names to values or lists. Its columns are found by name, in any order. With a
            schema it has a column for each feature, with categories by their labels; and rows
            (N, k) without names may hold a value for each of the k features.
        name
            What messages call it.

        Raises
        ------
        InvalidInputError
            If a column is missing, unknown or there twice, or rows are of the wrong length; or a
            value is missing, no number, or what the schema does not allow. It names the column and
            the row.

        Examples
        --------
        >>> import facetry
        >>> model = facetry.load([([[1.0, -1.0]], [0.0])], feature_names=["age", "debt"])
        >>> model.points({"debt": [1.0, 2.0], "age": [30, 40]}).tolist()
        [[30.0, 1.0], [40.0, 2.0]]
        """
        return points_array(
            X, self.input_size, name, features=self.feature_names, schema=self.schema
        )

    def with_schema(self, schema: Schema | None) -> Model:
        """The same model with a schema: what its features are as people know them.

        Tables then hold features: numbers, whole numbers, categories by their labels. Inputs are
        matched by name; a model whose inputs have no names of their own takes those of the schema,
        in its order. Where the schema knows ranges they become `feature_ranges`.

        Parameters
        ----------
        schema
            The schema; None for none.

        Raises
        ------
        InvalidInputError
            If the schema is for another model: with another number of inputs, or other names.

        Examples
        --------
        >>> import facetry
        >>> model = facetry.load([([[1.0, 0.0, 10.0]], [0.0])])
        >>> sex = facetry.Feature("sex", "categorical", categories=["F", "M"])
        >>> model = model.with_schema(facetry.Schema([facetry.Feature("age"), sex]))
        >>> model({"sex": "M", "age": 30}).tolist()
        [[40.0]]
        """
        names = self.made_up_names or self.feature_names
        if schema is None:
            return replace(self, schema=None, feature_names=names, made_up_names=())
        fitted = schema_for(schema, names)
        return replace(
            self,
            feature_names=fitted.input_names,
            feature_ranges=_ranges_with(fitted, self.feature_ranges),
            schema=fitted,
            made_up_names=() if fitted.input_names == names else names,
        )

    def predict(self, X: ArrayLike) -> Array:
        """What the whole network gives at X, tail included: float64 of shape (N, n').

        n' is n, but 1 after an argmax (the index of the class), and 2 for scikit-learn's binary
        classifiers (the probabilities of both classes).
        """
        return self.tail.apply(self(X))

    def decide(self, X: ArrayLike) -> NDArray[np.int64]:
        """The index of the chosen output at X, or 0 or 1 for a threshold: int64 of shape (N,).

        Raises
        ------
        InvalidInputError
            If the model's decision is "none".
        """
        return self.decision.decide(self(X))

    def save(self, path: str | Path) -> None:
        """Write the model to one file, whole or not at all, that `facetry.open` and C++ read.

        The ending ".facetry-model" is customary. How the source package computes (for `check`) is
        not kept.

        Raises
        ------
        InvalidInputError
            If the file cannot be written.

        Examples
        --------
        >>> import facetry, tempfile
        >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(Path(folder) / "two.facetry-model")
        ...     again = facetry.open(Path(folder) / "two.facetry-model")
        >>> again([[1.0, 1.0]]).tolist()
        [[2.5]]
        """
        doors.save(self, path_of(path, "path"))

    def check(self, X: ArrayLike | None = None, *, tolerance: float = 1e-4) -> CheckReport:
        """Compare `predict` with the source's own program: onnxruntime, or scikit-learn.

        It finds mistakes of reading, for models loaded from ONNX and from scikit-learn; others
        have no such program. The difference holds the rounding of folding (see `Model`), of
        `predict` in float64, and of the other program: of onnxruntime in the file's precision, as
        a rule float32, by far the largest. It is about these points, and no bound for others.

        Parameters
        ----------
        X
            Points of shape (N, m); 64 random ones (standard normal) if left out.
        tolerance
            The largest difference allowed, relative to the largest output. The default is about
            a thousand roundings of float32.

        Raises
        ------
        InvalidInputError
            If the model was not loaded from ONNX or scikit-learn, or was saved and opened again.
        MissingDependencyError
            If onnxruntime is needed, and not installed.
        """
        if self.reference is None:
            raise InvalidInputError(
                "there is no other program to check this model against: it must be one that "
                f"facetry.load read from ONNX or scikit-learn, not {self.source}"
            )
        if X is None:
            X = np.random.default_rng(0).normal(size=(64, self.input_size))
        points = self.points(X)
        by_sklearn = self.source.startswith("scikit-learn")
        program = "scikit-learn" if by_sklearn else "onnxruntime"
        return compare(self.predict, self.reference, points, tolerance, program)

    def feature_index(self, feature: str | int) -> int:
        """The index of a feature given by name or by index into the flattened input.

        A feature of the model's schema that owns one input may have its own name, too.
        """
        if self.schema is not None and isinstance(feature, str):
            owned = self.schema.inputs_of(feature)
            if len(owned) == 1:
                return owned[0]
            if owned and feature not in self.feature_names:
                names = ", ".join(repr(self.feature_names[place]) for place in owned[:6])
                raise InvalidInputError(
                    f"feature {shown(feature)} has {len(owned)} inputs; name one of them: {names}"
                    f"{', ...' if len(owned) > 6 else ''}"
                )
        return index_of(feature, self.feature_names, "feature")

    def output_index(self, output: str | int) -> int:
        """The index of an output given by name (a text) or by index (a whole number)."""
        return index_of(output, self.output_names, "output")

    def __repr__(self) -> str:
        counts = [(self.input_size, "input"), (self.output_size, "output")]
        counts.append((int(self.form.unit_count), "unit"))
        text = ", ".join(counted(count, word) for count, word in counts)
        return f"Model({text}; tail {self.tail}, decision {self.decision})"


def _ranges_with(schema: Schema, known: Array | None) -> Array | None:
    """Expected ranges by the schema, else by the file; what was known if some are not."""
    ranges = schema.ranges.copy()
    unknown = np.isnan(ranges[:, 0])
    if known is not None:
        ranges[unknown] = known[unknown]
    return known if np.isnan(ranges).any() else frozen(ranges)


def check_model(model: Model) -> None:
    """Raise InvalidInputError unless it is a model."""
    if not isinstance(model, Model):
        raise InvalidInputError(f"the model must be one from facetry.load, not {kind_of(model)}")


def kind_of(value: object) -> str:
    """What a value is, for messages: "a list", "None"."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def assemble(
    build: GraphBuilder,
    outputs: IdArray,
    *,
    tail: Tail,
    decision: str | float | None,
    feature_names: Sequence[str] | None,
    output_names: Sequence[str] | None,
    default_features: Callable[[], Sequence[str]] | None = None,
    default_outputs: Callable[[], Sequence[str]] | None = None,
    input_shape: tuple[int, ...] | None = None,
    source: str = "layers",
    reference: Reference | None = None,
    logits_reference: Reference | None = None,
    feature_ranges: Array | None = None,
) -> Model:
    """The model of a finished neural graph; the names given by the user are checked here."""
    m, n = build.graph.input_size, outputs.size
    flat = np.ascontiguousarray(outputs, dtype=np.int64).ravel()
    features = default_features or (lambda: [f"x{i}" for i in range(m)])
    results = default_outputs or (lambda: default_output_names(n, tail))
    return Model(
        graph=build.graph,
        form=_core.NormalForm(build.graph, flat),
        outputs=flat,
        feature_names=_names(feature_names, features, m, "feature"),
        output_names=_names(output_names, results, n, "output"),
        input_shape=(m,) if input_shape is None else input_shape,
        tail=tail,
        decision=resolve_decision(decision, n, tail),
        operation_names=tuple(build.names),
        source=source,
        reference=reference,
        logits_reference=logits_reference,
        feature_ranges=None if feature_ranges is None else frozen(feature_ranges),
    )


def renamed(
    model: Model,
    *,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
) -> Model:
    """The same network with other names, or another decision, where they are given.

    Raises
    ------
    InvalidInputError
        If they do not fit the model.
    """
    how = model.decision
    if decision is not None:
        how = resolve_decision(decision, model.output_size, model.tail)
    if feature_names is not None and model.schema is not None:
        raise InvalidInputError(
            "the model has a schema, whose features have names of their own; leave feature_names= "
            "out"
        )
    ours, theirs = model.feature_names, model.output_names
    return replace(
        model,
        feature_names=_names(feature_names, lambda: ours, model.input_size, "feature"),
        output_names=_names(output_names, lambda: theirs, model.output_size, "output"),
        decision=how,
    )


def default_output_names(size: int, tail: Tail) -> Sequence[str]:
    """Class labels where there are any (one logit stands for the second of two), else y0, ..."""
    if len(set(tail.labels)) == len(tail.labels):
        if len(tail.labels) == size:
            return tail.labels
        if size == 1 and len(tail.labels) == 2:
            return tail.labels[1:]
    return [f"y{i}" for i in range(size)]


def _names(
    given: Sequence[str] | None, default: Callable[[], Sequence[str]], size: int, what: str
) -> tuple[str, ...]:
    if given is None:
        return tuple(default())
    whole = not isinstance(given, (str, bytes)) and hasattr(given, "__len__")
    whole = whole and isinstance(given, Iterable) and getattr(given, "ndim", 1) == 1
    given = tuple(given) if whole else ()
    if not whole or not all(isinstance(name, str) for name in given):
        raise InvalidInputError(f"{what}_names must be a list of texts, one for each {what}")
    if len(given) != size:
        names = counted(len(given), "name")
        raise InvalidInputError(
            f"{what}_names has {names}, but the model has {counted(size, what)}"
        )
    repeated = sorted({name for name in given if list(given).count(name) > 1})
    if repeated:
        raise InvalidInputError(f"{what}_names holds {repeated[0]!r} more than once")
    return tuple(given)
