"""The written form of an explanation: JSON that is read back exactly.

The numbers that matter are coefficients and factors; weights and ranks are written beside them for
other programs, and checked when the text is read.
"""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import text_of
from ..base.doors import json_of, read_json
from ..base.printable import json_text
from ..errors import FileFormatError, InvalidInputError
from ..regions.analysis_region import AnalysisRegion
from ..results.explanation import Explanation
from ..search.region_arrays import Halfspaces
from .number_text import array_text

__all__ = ["explanation_from_json", "explanation_to_json"]

_FORMAT = "facetry explanation"
_VERSION = 1
_PLAIN = ("subject", "scale", "status", "undecided", "exactness")
_CHOICES = ("top", "runner_up", "other_choice")
_NAMES = ("feature_names", "output_names")
_ARRAYS = ("factors", "coef", "intercept", "interior_points")


@json_of.way_of(Explanation)
def explanation_to_json(explanation: Explanation) -> str:
    """See `Explanation.to_json`."""
    try:
        return _object_text(_parts(explanation))
    except (ValueError, InvalidInputError):
        raise InvalidInputError(
            "the explanation holds numbers beyond double precision, which JSON cannot hold"
        ) from None


def _parts(explanation: Explanation) -> dict[str, str]:
    """The text of each part, in the order in which they are written."""
    small: dict[str, Any] = {"format": _FORMAT, "version": _VERSION}
    small |= {name: getattr(explanation, name) for name in _PLAIN}
    small |= {name: list(getattr(explanation, name)) for name in _NAMES}
    small["free_features"] = [int(index) for index in explanation.free_features]
    small["coverage"] = None if math.isnan(explanation.coverage) else float(explanation.coverage)
    small["region"] = explanation.region and explanation.region.to_dict()
    parts = {name: json_text(value) for name, value in small.items()}
    parts["validity"] = _validity_text(explanation.validity)
    parts["volumes"] = array_text(explanation.volumes, nan_as_null=True)
    parts["one_sided"] = array_text(explanation.one_sided)
    parts |= {name: array_text(getattr(explanation, name)) for name in _ARRAYS}
    parts |= _answers(explanation)
    parts["weights"] = array_text(explanation.weights)
    parts["ranks"] = array_text(explanation.ranks)
    return parts


def _answers(explanation: Explanation) -> dict[str, str]:
    """What a query adds; nothing otherwise."""
    if not explanation.choice_names and not explanation.cells:
        return {}
    numbers = {name: getattr(explanation, name) for name in _CHOICES}
    return {
        "choice_names": json_text(list(explanation.choice_names)),
        "cells": json_text(explanation.cells),
        **{name: "null" if own is None else array_text(own) for name, own in numbers.items()},
    }


def _validity_text(validity: Halfspaces | None) -> str:
    if validity is None:
        return "null"
    return _object_text({name: array_text(part) for name, part in validity._asdict().items()})


def _object_text(parts: dict[str, str]) -> str:
    """A JSON object of parts that are JSON; joined once, because they can be large."""
    pieces = ((", ", json_text(name), ": ", text) for name, text in parts.items())
    _, *flat = itertools.chain.from_iterable(pieces)
    return "".join(["{", *flat, "}"])


def _answers_from_dict(document: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: document.get(name) for name in _CHOICES}
    return {
        "choice_names": tuple(map(str, document.get("choice_names", ()))),
        "cells": int(document.get("cells", 0)),
        **{
            name: None if own is None else np.array(own, dtype=np.int64)
            for name, own in numbers.items()
        },
    }


@read_json.way_of(Explanation)
def explanation_from_json(text: str) -> Explanation:
    """See `Explanation.from_json`."""
    document = _parsed(text)
    try:
        explanation = _built(document)
        same = np.array_equal(
            explanation.weights, _floats(document["weights"]).reshape(explanation.weights.shape)
        )
    except KeyError as missing:
        raise FileFormatError(f"the explanation is incomplete: {missing} is missing") from None
    except (
        InvalidInputError, TypeError, ValueError, AttributeError, OverflowError, LookupError
    ) as problem:  # fmt: skip
        raise FileFormatError(f"the explanation is damaged: {problem}") from None
    if not same:
        raise FileFormatError("the explanation is damaged: its weights are not coef times factors")
    return explanation


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _parsed(text: str) -> dict[str, Any]:
    text_of(text, "an explanation", error=FileFormatError)
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        raise FileFormatError(f"not an explanation: the text is not JSON ({problem})") from None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise FileFormatError("not an explanation that facetry wrote")
    if document.get("version") != _VERSION:
        raise FileFormatError(
            f"the explanation has format version {document.get('version')}, "
            f"but this facetry reads version {_VERSION}"
        )
    return document


def _built(document: dict[str, Any]) -> Explanation:
    named: dict[str, Any] = {name: tuple(map(str, document[name])) for name in _NAMES}
    count, size = len(document["coef"]), len(named["feature_names"])
    outputs = len(named["output_names"])
    return Explanation(
        **{name: document[name] for name in _PLAIN},
        **named,
        factors=_finite(document["factors"]),
        coef=_finite(document["coef"]).reshape(count, outputs, size),
        intercept=_finite(document["intercept"]).reshape(count, outputs),
        interior_points=_finite(document["interior_points"]).reshape(count, size),
        volumes=_floats(document["volumes"]),
        free_features=tuple(map(int, document["free_features"])),
        one_sided=np.array(document["one_sided"], dtype=bool),
        region=document["region"] and AnalysisRegion.from_dict(document["region"]),
        coverage=float(_floats(document["coverage"])),
        validity=_validity_from_dict(document["validity"], size),
        **_answers_from_dict(document),
    )


def _floats(values: Any) -> NDArray[np.float64]:
    """Numbers, with null read as NaN."""
    numbers = np.array(values, dtype=np.float64)
    if np.isinf(numbers).any():
        raise ValueError("a number is beyond double precision")
    return numbers


def _finite(values: Any) -> NDArray[np.float64]:
    numbers = _floats(values)
    if np.isnan(numbers).any():
        raise ValueError("a number is missing")
    return numbers


def _validity_from_dict(written: dict[str, Any] | None, size: int) -> Halfspaces | None:
    if written is None:
        return None
    offsets = np.array(written["offsets"], dtype=np.int64)
    return Halfspaces(offsets, _finite(written["A"]).reshape(-1, size), _finite(written["b"]))
