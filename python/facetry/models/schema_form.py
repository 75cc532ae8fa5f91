"""The written form of schemas, for JSON: only what is not given by a feature's kind.

{"features": [{"name": "age", "kind": "integer", "range": [18, 99], "unit": "years"},
              {"name": "sex", "kind": "categorical", "categories": ["F", "M"]}],
 "inputs": ["sex_F", "sex_M", "age"],               if the model's are in another order
 "guesses": {"age": "integer, because ..."}}        if there are any
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Protocol

from ..base.arguments import shown
from ..errors import InvalidInputError
from .feature import Feature

__all__ = ["schema_from_dict", "schema_to_dict"]

_NAMES = tuple(field.name for field in fields(Feature))
_LISTS = ("categories", "range", "codes", "inputs")


class SchemaParts(Protocol):
    """The fields of a schema."""

    @property
    def features(self) -> Sequence[Feature]: ...
    @property
    def inputs(self) -> Sequence[str]: ...
    @property
    def guesses(self) -> Sequence[tuple[str, str]]: ...


def schema_to_dict(schema: SchemaParts) -> dict[str, Any]:
    """See `Schema.to_dict`."""
    owned = [name for entry in schema.features for name in entry.input_names]
    result: dict[str, Any] = {"features": [_plain(entry) for entry in schema.features]}
    if list(schema.inputs) != owned:
        result["inputs"] = list(schema.inputs)
    if schema.guesses:
        result["guesses"] = dict(schema.guesses)
    return result


def _plain(feature: Feature) -> dict[str, Any]:
    usual = feature.usual()
    given = {name: getattr(feature, name) for name in _NAMES}
    kept = {k: v for k, v in given.items() if k in ("name", "kind") or v != usual[k]}
    return {name: _listed(value) for name, value in kept.items()}


def _listed(value: Any) -> Any:
    return [_listed(part) for part in value] if isinstance(value, tuple) else value


def schema_from_dict(data: Any) -> dict[str, Any]:
    """The fields of a schema.

    Raises
    ------
    InvalidInputError
        If a key is missing or unknown, or a value is of the wrong kind.
    """
    body = _checked(data, "a schema", ("features", "inputs", "guesses"), "features")
    entries = body["features"]
    if not isinstance(entries, list):
        raise InvalidInputError(f"features of a schema are a list, not {shown(entries)}")
    guesses = body.get("guesses", {})
    if not isinstance(guesses, Mapping):
        raise InvalidInputError(f"guesses of a schema are a mapping, not {shown(guesses)}")
    return {
        "features": [_feature(entry) for entry in entries],
        "inputs": _list_in(body, "inputs"),
        "guesses": list(guesses.items()),
    }


def _feature(entry: Any) -> Feature:
    body = dict(_checked(entry, "a feature", _NAMES, "name"))
    for name in _LISTS:
        if name in body:
            body[name] = _list_in(body, name)
    return Feature(**body)


def _list_in(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body.get(name, [])
    if not isinstance(value, list):
        raise InvalidInputError(f"{name} must be a list, not {shown(value)}")
    return value


def _checked(data: Any, what: str, known: Sequence[str], needed: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InvalidInputError(f"{what} is written as a mapping, not {shown(data)}")
    unknown = [key for key in data if key not in known]
    if unknown:
        raise InvalidInputError(f"{what} has no {shown(unknown[0])}; known are {', '.join(known)}")
    if needed not in data:
        raise InvalidInputError(f"{what} needs {needed!r}")
    return data
