"""The front door of loading: finds out what kind of model it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..base.arguments import path_of
from ..base.read_file import plain_suffix
from ..base.read_limits import ReadLimits, limits_of
from ..errors import InvalidInputError, ModelLoadError
from .model import Model
from .schema import Schema

__all__ = ["load"]


def load(
    source: Any,
    *,
    inputs: str | Sequence[str] | None = None,
    outputs: str | Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    decision: str | float | None = None,
    limits: ReadLimits | None = None,
    schema: Schema | None = None,
    data: Any = None,
) -> Model:
    """Load a trained network.

    Parameters
    ----------
    source
        The path of an ONNX file (also packed, ``.onnx.gz``) or an ``onnx.ModelProto``; the path of
        an ``.nnet`` file; a ``torch.nn.Module``; a Stable-Baselines3 agent, its policy, or the
        path of its ``.zip``; a fitted
        scikit-learn ``MLPClassifier`` or ``MLPRegressor``, alone or at the end of a ``Pipeline``
        with ``StandardScaler`` or ``MinMaxScaler``, or the best one of a ``GridSearchCV`` or
        another search; or a list of layers ``[(W, b), ...]`` with ReLU
        between them, W of shape (outputs, inputs).
    inputs, outputs
        ONNX only: the tensors where the graph is cut, by name; any tensor inside it may be named.
        By default the graph's own inputs and outputs, joined in graph order. Of a classifier that
        gives a class and its probabilities, the probabilities are taken.
    feature_names, output_names
        What a person reads: one name for each input and output. By default the names the source
        holds, else x0, x1, ... and y0, y1, ...
    decision
        How outputs become a choice: ``"highest"``, ``"lowest"``, ``"none"``, or a number: the
        threshold on the one logit. By default the highest of several outputs, the threshold 0 of
        one logit before a sigmoid, and none otherwise.
    limits
        How much a file may hold; see `facetry.ReadLimits`.
    schema
        What the features are; see `facetry.Schema` and `Model.with_schema`.
    data
        A table of points of the model, such as a pandas DataFrame, with a column for each feature.
        Without `schema` one is guessed from it (``Schema.from_table``; ``print(model.schema)``
        lists every guess). With `schema` the table is held against it.

    Returns
    -------
    Model
        The network up to its logits; steps after them, such as a softmax, are in ``model.tail``.
        Affine steps that follow each other are folded into one, in float64, which rounds: what is
        proven later is about the folded weights. See the notes of `facetry.Model`.

    Raises
    ------
    ModelLoadError
        If the source cannot be read.
    UnsupportedOperatorError
        If a step is not piecewise linear, or not known; it says where to cut the graph.
    InvalidInputError
        If an argument does not fit the model.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
    >>> model([[-2.0], [3.0]]).ravel().tolist()
    [2.0, 3.0]
    """
    model = _loaded(
        source,
        inputs=inputs,
        outputs=outputs,
        feature_names=feature_names,
        output_names=output_names,
        decision=decision,
        limits=limits,
    )
    if schema is None and data is None:
        return model
    return _described(model, schema, data)


def _described(model: Model, schema: Schema | None, data: Any) -> Model:
    """The model with a schema: the one given, else its own, else one guessed from data."""
    if schema is not None or model.schema is None:
        model = model.with_schema(Schema.from_table(data, model) if schema is None else schema)
    if data is not None:
        model.points(data, "data")
    return model


def _loaded(
    source: Any,
    *,
    inputs: str | Sequence[str] | None,
    outputs: str | Sequence[str] | None,
    feature_names: Sequence[str] | None,
    output_names: Sequence[str] | None,
    decision: str | float | None,
    limits: ReadLimits | None,
) -> Model:
    """The model alone."""
    names: dict[str, Any] = {"feature_names": feature_names, "output_names": output_names}
    names["decision"] = decision
    kind = _kind(source)
    names["limits"] = limits_of(limits)
    if kind in ("onnx", "torch"):
        names.update(inputs=inputs, outputs=outputs)
    elif inputs is not None or outputs is not None:
        raise InvalidInputError(f"inputs= and outputs= name tensors of ONNX graphs, not of {kind}")
    if kind == "onnx":
        from .onnx.model import load_onnx

        return load_onnx(source, **names)
    if kind == "torch":
        from .torch_model import load_torch

        return load_torch(source, **names)
    if kind == ".nnet files":
        from .nnet_model import load_nnet

        return load_nnet(source, **names)
    if kind == "Stable-Baselines3 policies":
        from .policy_model import load_policy

        return load_policy(source, **names)
    del names["limits"]  # what is in memory already is taken as it is
    if kind == "scikit-learn models":
        from .sklearn_model import load_sklearn

        return load_sklearn(source, **names)
    from .layers_model import load_layers

    return load_layers(source, **names)


def _kind(source: Any) -> str:
    """Told by the class alone, so that no optional package is imported for it."""
    if isinstance(source, (str, Path)):
        path = path_of(source, "the model", error=ModelLoadError)
        if path.suffix in (".facetry", ".facetry-model"):
            raise ModelLoadError(f"{path} is a file that facetry saved: facetry.open reads it")
        return _KINDS_OF_FILES.get(plain_suffix(path), "onnx")
    if isinstance(source, Mapping) and _holds_tensors(source):
        raise ModelLoadError(_STATE)
    ancestors = {f"{kind.__module__}.{kind.__name__}" for kind in type(source).__mro__}
    if any(name.startswith("onnx.") and name.endswith(".ModelProto") for name in ancestors):
        return "onnx"
    if any(name.startswith("stable_baselines3.") for name in ancestors):
        return "Stable-Baselines3 policies"
    if "torch.nn.modules.module.Module" in ancestors:
        return "torch"
    if any(name.startswith("sklearn.") for name in ancestors):
        return "scikit-learn models"
    if isinstance(source, (list, tuple)):
        return "lists of layers"
    raise ModelLoadError(_unknown(source, ancestors))


_KINDS_OF_FILES = {".nnet": ".nnet files", ".zip": "Stable-Baselines3 policies"}
_STATE = (
    "a torch state dictionary holds weights and no network: put it into its module with "
    "module.load_state_dict(state), and load the module"
)


def _holds_tensors(source: Mapping[Any, Any]) -> bool:
    """Whether any value, or one of a mapping in it (as in checkpoints), is a torch tensor."""
    for value in source.values():
        if any(kind.__module__ == "torch" for kind in type(value).__mro__):
            return True
        if isinstance(value, Mapping) and _holds_tensors(value):
            return True
    return False


def _unknown(source: Any, ancestors: set[str]) -> str:
    if any(name.startswith(("keras.", "tensorflow.", "tf_keras.")) for name in ancestors):
        return "Keras models must be exported first: model.export('model.onnx', format='onnx')"
    return (
        f"cannot load a {type(source).__module__}.{type(source).__qualname__}; give the path of an "
        "ONNX or .nnet file, an onnx.ModelProto, a torch.nn.Module, a Stable-Baselines3 policy, a "
        "scikit-learn MLP, or a list of layers"
    )
