"""Advice of the library in the words of the command line."""

from __future__ import annotations

import re

__all__ = ["in_options"]

_OPTIONS = {
    "inputs": "--inputs",
    "outputs": "--outputs",
    "feature_names": "--feature-names",
    "output_names": "--output-names",
    "decision": "--decision",
    "color": "--color",
    "feature": "--feature",
    "output": "--output-name",
    "scale": "--scale",
    "format": "--format",
    "data": "--data",
    "feature_ranges": "--range",
    "validity": "--box or --region",
}
"""From keywords that messages name to options."""

_KEYWORD = re.compile(
    rf"(?<![\w/.\\'\"-])({'|'.join(_OPTIONS)})=(?:'([^']*)'|\"([^\"]*)\"|(?![\w/.]))"
)


_TABLES = (
    (
        re.compile(r"Drop what is no feature: .*, before the region is made of it", re.DOTALL),
        "Its columns must be the features alone",
    ),
    (
        re.compile(r"Rename the columns, or give their values in the order .*\.to_numpy\(\)"),
        "Rename its columns",
    ),
    (
        re.compile(
            r"give the model a schema that says (them|the categories): "
            r"model\.with_schema\(facetry\.Schema\.from_table\(frame, model\)\)"
        ),
        r"give a model that was saved with a schema that says \1",
    ),
)
"""Advice on the table that a region was made of; here the region comes from a file."""

_LIMITS = re.compile(r"(?<![\w/.\\'\"-])limits=(?:facetry\.)?ReadLimits\((\w+)=\.\.\.\)")


def in_options(message: str) -> str:
    """The message with keywords of Python's functions written as options.

    Examples
    --------
    >>> in_options("explain the part up to it with outputs='h 3', or load it with decision=")
    "explain the part up to it with --outputs 'h 3', or load it with --decision"
    >>> in_options("cut the graph with outputs='logits'")
    'cut the graph with --outputs logits'
    >>> in_options("read it with limits=facetry.ReadLimits(nodes=...)")
    'read it with --read-limit nodes=N'
    """
    for python, here in _TABLES:
        message = python.sub(here, message)
    return _KEYWORD.sub(_option, _LIMITS.sub(r"--read-limit \1=N", message))


def _option(found: re.Match[str]) -> str:
    value = found[2] if found[2] is not None else found[3]
    if value is None:
        return _OPTIONS[found[1]]
    plain = re.fullmatch(r"[\w./:-]+", value)
    return f"{_OPTIONS[found[1]]} {value if plain else repr(value)}"
