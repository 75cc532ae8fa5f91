"""Analysis regions in files: JSON or YAML (the only module that imports yaml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import MissingDependencyError, RegionError
from ..regions.analysis_region import AnalysisRegion
from ..regions.written_form import parse_json

__all__ = ["parse_yaml", "read_region"]


def read_region(path: Path) -> AnalysisRegion:
    """Read a region from a .json, .yaml or .yml file.

    Raises
    ------
    RegionError
        If the file cannot be read, or does not describe a region.
    MissingDependencyError
        If it is YAML and pyyaml is not installed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise RegionError(f"cannot read the region file {path}: {problem}") from None
    if path.suffix.lower() in (".yaml", ".yml"):
        return AnalysisRegion.from_dict(parse_yaml(text, path))
    return AnalysisRegion.from_dict(parse_json(text, str(path)))


def parse_yaml(text: str, path: Path) -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingDependencyError(
            "reading a YAML region needs pyyaml: pip install pyyaml, or write the region as JSON"
        ) from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        first = str(problem).splitlines()[0]
        raise RegionError(f"{path} is not valid YAML: {first}") from None
