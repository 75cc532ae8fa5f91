"""Analysis regions in files: JSON or YAML (the only module that imports yaml)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..base.read_file import plain_suffix, read_text
from ..base.read_json import parse_json
from ..base.read_limits import ReadLimits, exceeded, limits_of
from ..errors import MissingDependencyError, RegionError
from ..regions.analysis_region import AnalysisRegion

__all__ = ["parse_yaml", "read_region"]


def read_region(path: Path, limits: ReadLimits | None = None) -> AnalysisRegion:
    """Read a region from a .json, .yaml or .yml file, which may be packed with gzip.

    Raises
    ------
    RegionError
        If the file cannot be read, does not describe a region, or goes beyond the limits.
    MissingDependencyError
        If it is YAML and pyyaml is not installed.
    """
    limits = limits_of(limits)
    text = read_text(path, limits, RegionError, "the region file")
    if plain_suffix(path) in (".yaml", ".yml"):
        return AnalysisRegion.from_dict(parse_yaml(text, path, limits))
    return AnalysisRegion.from_dict(parse_json(text, str(path), limits, RegionError))


def parse_yaml(text: str, path: Path, limits: ReadLimits | None = None) -> Any:
    """What YAML text says; aliases count as if they were written out.

    Raises
    ------
    RegionError
        If it is not YAML, holds itself, or goes beyond ``words`` or ``nesting``.
    MissingDependencyError
        If pyyaml is not installed.
    """
    limits = limits_of(limits)
    try:
        import yaml
    except ImportError:
        raise MissingDependencyError(
            "reading a YAML region needs pyyaml: pip install pyyaml, or write the region as JSON"
        ) from None
    try:
        _require_flat(yaml.parse(text, Loader=yaml.SafeLoader), str(path), limits)
        _require_short(yaml.compose(text, Loader=yaml.SafeLoader), str(path), limits)
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        first = str(problem).splitlines()[0]
        raise RegionError(f"{path} is not valid YAML: {first}") from None
    except RegionError:
        raise
    except (ArithmeticError, LookupError, TypeError, ValueError) as problem:
        # pyyaml lets through what Python says of a date or a number that is none
        raise RegionError(f"{path} is not valid YAML: {problem}") from None


def _require_flat(events: Iterator[Any], name: str, limits: ReadLimits) -> None:
    """Counts what is opened and closed; the parser itself does not call itself."""
    depth = count = 0
    for event in events:
        kind = type(event).__name__
        count += kind in ("ScalarEvent", "AliasEvent", "SequenceStartEvent", "MappingStartEvent")
        depth += kind in ("SequenceStartEvent", "MappingStartEvent")
        depth -= kind in ("SequenceEndEvent", "MappingEndEvent")
        if depth > limits.nesting:
            raise exceeded(limits, "nesting", f"{name} is nested deeply", RegionError)
        if count > limits.words:
            raise exceeded(limits, "words", f"{name} is long", RegionError)


def _require_short(root: Any, name: str, limits: ReadLimits) -> None:
    """The size with all aliases written out: what holds an alias of itself has none."""
    sizes: dict[int, int | None] = {}  # None while a node is being counted

    def size(node: Any) -> int:
        if id(node) in sizes:
            known = sizes[id(node)]
            if known is None:
                raise RegionError(f"{name} holds an alias within what it stands for")
            return known
        sizes[id(node)] = None
        parts = node.value if isinstance(node.value, list) else []
        flat = [
            part for entry in parts for part in (entry if isinstance(entry, tuple) else (entry,))
        ]
        sizes[id(node)] = total = 1 + sum(size(part) for part in flat)
        if total > limits.words:
            raise exceeded(limits, "words", f"{name} is long with its aliases", RegionError)
        return total

    if root is not None:
        size(root)
