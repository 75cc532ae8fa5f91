"""Files of our own with flipped, cut, repeated and inserted bytes, and JSON with odd values.

    python -m campaigns.own_files [--cases N] [--seed S]          (in tests/)

Saved partitions, models, frontiers, parts of regions, explanations and regions. A file that is
still read must also be usable: what it answers may differ, but nothing else than errors of
facetry's own tree may come of it, at once or later.
"""

from __future__ import annotations

import io
import itertools
import json
import random
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import facetry
from campaigns.bad_values import Record, any_value, main

Change = Callable[[bytes, random.Random], bytes]


def flipped_bit(data: bytes, rng: random.Random) -> bytes:
    """One bit is another."""
    changed = bytearray(data)
    changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def other_bytes(data: bytes, rng: random.Random) -> bytes:
    """Some bytes are others, often those at limits."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 8))):
        changed[rng.randrange(len(data))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    return bytes(changed)


def cut_off(data: bytes, rng: random.Random) -> bytes:
    """The end is missing."""
    return data[: rng.randrange(len(data))]


def left_out(data: bytes, rng: random.Random) -> bytes:
    """A piece is missing."""
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 64) :]


def repeated(data: bytes, rng: random.Random) -> bytes:
    """A piece is there twice."""
    start = rng.randrange(len(data))
    end = start + rng.randrange(1, 64)
    return data[:end] + data[start:]


def other_number(data: bytes, rng: random.Random) -> bytes:
    """Eight bytes hold a number at a limit."""
    start = rng.randrange(max(1, len(data) - 8))
    number = rng.choice((-1, 0, 2**31, 2**62, 2**63 - 1, -(2**63), len(data)))
    return data[:start] + number.to_bytes(8, "little", signed=True) + data[start + 8 :]


CHANGES: tuple[Change, ...] = (
    flipped_bit, flipped_bit, other_bytes, cut_off, left_out, repeated, other_number,
)  # fmt: skip


def changed_json(text: str, rng: random.Random) -> str:
    """A value of the document is another one, or gone."""
    document = json.loads(text)
    places = list(_places(document))
    holder, key = rng.choice(places)
    if rng.random() < 0.15:
        del holder[key]
    else:
        holder[key] = _plain(rng)
    return json.dumps(document)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from _places(value[key])
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value, index
            yield from _places(item)


def _plain(rng: random.Random) -> Any:
    """A value that JSON can hold."""
    while True:
        value = any_value(rng)
        try:
            json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            continue
        return value


def other_array(data: bytes, rng: random.Random) -> bytes:
    """An array of an archive is changed, so that the archive's own checksums still hold."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        contents = {info.filename: archive.read(info) for info in archive.infolist()}
    name = rng.choice(list(contents))
    if name == "description.npy" and rng.random() < 0.8:
        text = np.load(io.BytesIO(contents[name])).tobytes().decode()
        array = np.frombuffer(changed_json(text, rng).encode(), dtype=np.uint8)
        contents[name] = _npy(array)
    else:
        contents[name] = rng.choice(CHANGES)(contents[name], rng)
    arrays = {key.removesuffix(".npy"): value for key, value in contents.items()}
    with zipfile.ZipFile(changed, "w") as archive:
        for key, value in arrays.items():
            member = zipfile.ZipInfo(f"{key}.npy")
            # as facetry aligns them: what lies elsewhere is refused at once
            start = archive.start_dir + 30 + len(member.filename)
            member.extra = struct.pack("<HH", 0xD935, -(start + 4) % 64) + bytes(-(start + 4) % 64)
            archive.writestr(member, value)
    return changed.getvalue()


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    held = io.BytesIO()
    np.save(held, array)
    return held.getvalue()


def other_content(data: bytes, rng: random.Random) -> bytes:
    """A frontier's content is changed, and its checksum with it."""
    whole = json.loads(data)
    content = json.loads(changed_json(json.dumps(whole["content"]), rng))
    return json.dumps(
        {**whole, "content": content, "check": zlib.crc32(json.dumps(content).encode())}
    ).encode()


class Files:
    """The files to start from, and how each is read and used."""

    def __init__(self, folder: Path) -> None:
        rng = np.random.default_rng(1)
        sizes = (2, 6, 2)
        layers = [
            (rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in itertools.pairwise(sizes)
        ]
        self.model = facetry.load(layers, feature_names=["age", "dose"])
        self.box = facetry.AnalysisRegion.box([-1, -1], [1, 1])
        self.found = facetry.partition(self.model, self.box, threads=1)
        self.folder = folder
        self.found.save(folder / "a.facetry")
        self.model.save(folder / "a.facetry-model")
        run = folder / "run"
        limits = {"format": "npz", "batch": 3, "max_regions": 6, "threads": 1}
        facetry.write_regions(self.model, self.box, run, **limits)
        self.frontier = (run / "frontier.json").read_bytes()
        self.part = (run / "part-000001.npz").read_bytes()
        described = facetry.describe(self.model, self.found, validity=True)
        asked = facetry.query(self.model, self.box, top=0, runner_up="any", threads=1)
        self.explanations = [described.to_json(), asked.to_json()]
        cut = facetry.AnalysisRegion.cut([0, 0], {"age": (0, 1)}).where([[1, 1]], [1])
        polytope = facetry.AnalysisRegion.around([[0, 0], [1, 0], [0, 1]], hull=True)
        self.regions = [self.box.to_json(), cut.to_json(), polytope.to_json()]

    def tasks(self) -> list[tuple[str, bytes, Callable[[bytes], object]]]:
        """Name, content and use of each file."""
        files: list[tuple[str, bytes, Callable[[bytes], object]]] = [
            ("partition", (self.folder / "a.facetry").read_bytes(), self.use_saved),
            ("model", (self.folder / "a.facetry-model").read_bytes(), self.use_saved),
            ("part", self.part, self.use_saved),
            ("frontier", self.frontier, self.use_frontier),
        ]
        files += [("explanation", text.encode(), use_explanation) for text in self.explanations]
        files += [("region", text.encode(), self.use_region) for text in self.regions]
        return files

    def use_saved(self, data: bytes) -> None:
        """Open it, and look at all of it."""
        path = self.folder / "changed"
        path.write_bytes(data)
        opened = facetry.open(path)
        if isinstance(opened, facetry.Model):
            opened(np.zeros((1, opened.input_size)))
            opened.predict(np.zeros((1, opened.input_size)))
            return
        opened.check()
        opened.locate(np.zeros((1, opened.model.input_size)))
        str(facetry.describe(opened.model, opened))
        _ = opened.facets, opened.corners, opened.undecided_cuts, opened[0].neighbors

    def use_frontier(self, data: bytes) -> None:
        """Go on from it."""
        path = self.folder / "changed.json"
        path.write_bytes(data)
        frontier = facetry.Frontier.open(path)
        with facetry.iter_regions(self.model, self.box, frontier=frontier, threads=1) as stream:
            for _ in stream:
                pass

    def use_region(self, data: bytes) -> None:
        """Search on it."""
        text = data.decode(errors="replace")
        region = facetry.AnalysisRegion.from_json(text)
        repr(region)
        facetry.partition(self.model, region, threads=1, max_regions=20, time_limit=2)


def use_explanation(data: bytes) -> None:
    """Read it, print it, and write it again."""
    explanation = facetry.Explanation.from_json(data.decode(errors="replace"))
    str(explanation)
    explanation._repr_html_()
    explanation.to_json()


def run(seed: int = 0, count: int = 300) -> Record:
    """The campaign."""
    record, rng = Record(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        tasks = Files(Path(folder)).tasks()
        for number in range(count):
            name, data, use = tasks[number % len(tasks)]
            readable = name in ("explanation", "region")
            if readable and rng.random() < 0.7:
                how, changed = "value", changed_json(data.decode(), rng).encode()
            elif name == "frontier" and rng.random() < 0.7:
                how, changed = "content", other_content(data, rng)
            elif name in ("partition", "part") and rng.random() < 0.6:
                how, changed = "array", other_array(data, rng)
            else:
                change = rng.choice(CHANGES)
                how, changed = change.__name__, change(data, rng)
            record.run(f"{number} {name}, {how}", lambda use=use, changed=changed: use(changed))
    return record


if __name__ == "__main__":
    main(run, 5000)
