"""Schemas as plain text: every feature, and every guess."""

from __future__ import annotations

from ..base.arguments import shown
from ..base.doors import text_of
from ..base.printable import counted, printable
from ..models.feature import Feature
from ..models.schema import Schema

__all__ = ["schema_text"]

_SHOWN = 6
_CODES = 4


@text_of.way_of(Schema)
def schema_text(schema: Schema) -> str:
    """A line for each feature: name, kind, values, encoding, action; then a line for each guess.

    Examples
    --------
    >>> from facetry import Feature
    >>> print(schema_text(Schema([Feature("age", "integer", range=(18, 99), unit="years"),
    ...                           Feature("size", "ordinal", categories=["S", "L"])])))
    Schema of 2 features in 2 inputs
      age   integer  18 to 99 years
      size  ordinal  'S' < 'L' (coded 0, 1)
    """
    features, inputs = len(schema.features), len(schema.input_names)
    lines = [f"Schema of {counted(features, 'feature')} in {counted(inputs, 'input')}"]
    names = max(len(printable(entry.name)) for entry in schema.features)
    kinds = max(len(entry.kind) for entry in schema.features)
    lines += [
        f"  {printable(entry.name):{names}}  {entry.kind:{kinds}}  {_values(entry)}".rstrip()
        for entry in schema.features
    ]
    if schema.guesses:
        lines.append(
            "Guessed (change with Schema.with_feature, or overrides= of Schema.from_table):"
        )
        lines += [f"  {printable(name)}: {printable(why)}" for name, why in schema.guesses]
    return "\n".join(lines)


def _values(feature: Feature) -> str:
    parts = [_labels(feature) if feature.is_labelled else _numbers(feature)]
    if feature.inputs:
        names = ", ".join(feature.inputs[:_SHOWN])
        parts.append(f"inputs {names}{_more(len(feature.inputs))}")
    if feature.action != "free":
        only = "" if feature.action == "immutable" else " only"
        parts.append(f"{feature.action}{only}")
    return printable("; ".join(filter(None, parts)))


def _numbers(feature: Feature) -> str:
    ends = feature.range
    spread = "" if ends is None else f"{_number(ends[0])} to {_number(ends[1])}"
    step = f" in steps of {feature.step}" if feature.step > 1 else ""
    return f"{spread} {feature.unit}".strip() + step


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _labels(feature: Feature) -> str:
    mark = " < " if feature.kind == "ordinal" else ", "
    labels = mark.join(map(shown, feature.categories[:_SHOWN])) + _more(len(feature.categories))
    unit = f" {feature.unit}" if feature.unit else ""
    if feature.encoding == "one-hot":
        dropped = "" if feature.drop is None else f" without {shown(feature.drop)}"
        return f"{labels}{unit} (one-hot{dropped})"
    if feature.rows.shape[1] > 1:
        return f"{labels}{unit} (coded in {feature.rows.shape[1]} inputs)"
    codes = ", ".join(f"{code:g}" for code in feature.rows[:_CODES, 0])
    return f"{labels}{unit} (coded {codes}{', ...' if len(feature.rows) > _CODES else ''})"


def _more(count: int) -> str:
    return f", ... ({count} in all)" if count > _SHOWN else ""
