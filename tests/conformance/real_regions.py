"""Analysis regions of the real networks: ranges from the data's own notes, boxes of properties."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

import facetry


def input_range(data: Path, file: str, size: int):
    """(low, high) as the README of the file's folder gives them; one number may stand for all."""
    folder, name = file.split("/")
    section = (data / folder / "README.md").read_text().split(f"### {name}")[1].split("###")[0]
    found = re.search(r"input range: low \[(.*?)\], high \[(.*?)\]", section)
    low, high = (
        [float(number) for number in part.replace("...", "").split(",") if number.strip()]
        for part in found.groups()
    )
    if len(low) != size:  # the notes shorten long lists of one repeated value
        assert len(set(low)) == 1
        assert len(set(high)) == 1
        low, high = low[:1] * size, high[:1] * size
    return np.array(low), np.array(high)


def property_box(path: Path):
    """The input box of a .vnnlib file that has one: (low, high)."""
    text = path.read_text()
    bounds = {"<=": {}, ">=": {}}
    for sign, index, value in re.findall(r"\(assert \((<=|>=) X_(\d+) (\S+)\)\)", text):
        bounds[sign][int(index)] = float(value)
    size = len(bounds["<="])
    assert size == len(bounds[">="])
    low = [bounds[">="][i] for i in range(size)]
    return np.array(low), np.array([bounds["<="][i] for i in range(size)])


def cut_through(model, base, low, high, features):
    """The cut through `base` along `features`, over their whole range, and its partition."""
    limits = {int(i): (float(low[i]), float(high[i])) for i in features}
    return facetry.partition(model, facetry.AnalysisRegion.cut(base, limits))
