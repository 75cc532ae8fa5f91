"""Every public function and method is called with values that it does not want.

    python -m campaigns.entry_points [--cases N] [--seed S]          (in tests/)

A call starts from arguments that are right, of which one or two are replaced. Whatever comes of it,
only errors of facetry's own tree may escape; what a call answers with is used a little, too.
"""

from __future__ import annotations

import itertools
import os
import random
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import facetry
from campaigns.bad_values import MAKERS, Record, frames, main

QUICK = {"threads": 1, "time_limit": 2.0}
LISTS = {**QUICK, "max_regions": 30}


@dataclass(frozen=True)
class Entry:
    """A call with right arguments by name; `make` is asked for what is called each time."""

    name: str
    make: Callable[[], Callable[..., Any]]
    arguments: dict[str, Any]


class World:
    """Right values to start from."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        sizes = (2, 5, 3)
        self.layers = [
            (rng.normal(size=(b, a)), rng.normal(size=b)) for a, b in itertools.pairwise(sizes)
        ]
        self.model = facetry.load(self.layers)
        self.named = facetry.load(self.layers, feature_names=["age", "dose"])
        self.other = facetry.load([(w + 0.1, b) for w, b in self.layers])
        self.one = facetry.load([([[1.0, -1.0]], [0.0]), ([[2.0]], [0.5])], decision=0.5)
        self.box = facetry.AnalysisRegion.box([-1, -1], [1, 1])
        self.found = facetry.partition(self.model, self.box, threads=1)
        self.explanation = facetry.describe(self.model, self.found)
        self.explainer = facetry.Explainer(self.model, feature_ranges=[(-1, 1), (-1, 1)])
        self.folder = tempfile.mkdtemp()
        self.saved = f"{self.folder}/saved.facetry"
        self.found.save(self.saved)
        text = "".join(
            f"(declare-const X_{i} Real)(assert (>= X_{i} -1))(assert (<= X_{i} 1))"
            for i in range(2)
        )
        text += "".join(f"(declare-const Y_{i} Real)" for i in range(3))
        self.text = f"{text}(assert (>= Y_0 Y_1))"
        self.question = facetry.Property.parse(self.text)
        self.sex = facetry.Feature("sex", "categorical", categories=["F", "M"])
        self.schema = facetry.Schema([facetry.Feature("age", "integer"), self.sex])
        self.wide_layers = [(rng.normal(size=(2, 3)), np.zeros(2))]
        self.wide = facetry.load(self.wide_layers)
        self.described = self.wide.with_schema(self.schema)
        self.runs = 0

    def new(self, name: str) -> str:
        """A path that is not there yet."""
        self.runs += 1
        return f"{self.folder}/{self.runs}-{name}"


def entries(world: World) -> list[Entry]:
    """All of them."""
    w, box, model, x = world, world.box, world.model, [[0.1, 0.2]]
    region, found, expl = facetry.AnalysisRegion, world.found, world.explanation
    given: list[tuple[str, Any, dict[str, Any]]] = [
        ("load", facetry.load, {"source": w.layers, "feature_names": ["a", "b"],
                                "output_names": ["u", "v", "w"], "decision": "highest",
                                "inputs": None, "outputs": None}),
        ("open", facetry.open, {"path": w.saved, "verify": True}),
        ("join", facetry.join, {"first": model, "second": w.other}),
        ("partition", facetry.partition, {"model": model, "region": box, **LISTS,
                                          "engine": "subdivision", "cell": "auto", "cancel": None,
                                          "exactness": "safe", "progress": False,
                                          "memory_limit": 10**8}),
        ("validity_regions", facetry.validity_regions, {"model": model, "region": box, "X": x,
                                                        "threads": 1}),
        ("iter_regions", lambda **k: list(facetry.iter_regions(**k)),
         {"model": model, "region": box, **LISTS, "batch": 9, "ordered": True, "frontier": None,
          "save_every": 1.0}),
        ("write_regions",
         lambda **k: facetry.write_regions(**{"folder": w.new("run"), **k}),
         {"model": model, "region": box, **LISTS, "batch": 9, "format": "npz", "ordered": True}),
        ("write_regions to", facetry.write_regions,
         {"model": model, "region": box, "folder": w.folder + "/to", "format": "npz", **LISTS}),
        ("fold", facetry.fold, {"model": model, "region": box, "by": "top_feature", "output": 0,
                                "scales": [1.0] * model.input_size, "integrals": True,
                                "edges": [0.0, 1.0], **QUICK}),
        ("fold_stream", facetry.fold_stream,
         {"stream": [found], "folds": {"n": facetry.Sum(lambda part: part.volumes)}}),
        ("Sum", lambda measure: facetry.fold_stream([found], {"n": facetry.Sum(measure)}),
         {"measure": lambda part: part.volumes}),
        ("Extrema", lambda measure: facetry.fold_stream([found], {"n": facetry.Extrema(measure)}),
         {"measure": lambda part: part.volumes}),
        ("Histogram", lambda **k: facetry.fold_stream([found], {"n": facetry.Histogram(**k)}),
         {"measure": lambda part: part.volumes, "edges": [0, 1, 2], "weights": None}),
        ("describe", facetry.describe, {"model": model, "region": box, "output": 0, "scale": "none",
                                        "scales": None, "validity": True, **LISTS}),
        ("describe a partition", facetry.describe, {"model": model, "region": found, "output": "y0",
                                                    "scale": None, "scales": None}),
        ("explain_points", facetry.explain_points, {"model": model, "X": x, "output": 0,
                                                    "scale": "none", "scales": None,
                                                    "validity": box, "threads": 1}),
        ("query", facetry.query, {"model": model, "region": box, "top": 0, "runner_up": "any",
                                  "conditions": None, "ties": "first", "output": None,
                                  "scale": None, "scales": None, "engine": "subdivision", **LISTS}),
        ("query by conditions", facetry.query, {"model": model, "region": box,
                                                "conditions": {"y0": (0.0, None)}, **LISTS}),
        ("query by limits", lambda limits: facetry.query(model, box, conditions={"y0": limits}),
         {"limits": (0.0, 1.0)}),
        ("query by OutputCondition",
         lambda **k: facetry.query(model, box, conditions=facetry.OutputCondition(**k), **LISTS),
         {"weights": {"y0": 1.0}, "low": 0.0, "high": None}),
        ("query of a threshold", facetry.query, {"model": w.one, "region": box, "top": 1, **LISTS}),
        ("disagreement", facetry.disagreement, {"first": model, "second": w.other, "region": box,
                                                **LISTS}),
        ("maximum", facetry.maximum, {"model": model, "region": box, "output": 0, "gap": 1e-9,
                                      **QUICK}),
        ("minimum of weights", facetry.minimum, {"model": model, "region": box,
                                                 "output": {"y0": 1.0, 1: -1.0}, **QUICK}),
        ("can_win", facetry.can_win, {"model": model, "region": box, "choice": 1, **QUICK}),
        ("boundary_distance", facetry.boundary_distance,
         {"model": model, "region": box, "x": [0.1, 0.2], "norm": "L2", "scale": "none",
          "scales": None, **QUICK}),
        ("bounds", facetry.bounds, {"model": model, "region": box, "method": "combined"}),
        ("verify", facetry.verify, {"model": model, "question": w.question, **QUICK}),
        ("Property.parse", facetry.Property.parse, {"text": w.text, "source": "text"}),
        ("Property.read", facetry.Property.read, {"path": "missing.vnnlib"}),
        ("Frontier.open", facetry.Frontier.open, {"path": "missing.frontier"}),
        ("plot_partition", facetry.plot_partition, {"partition": found, "color": "weight",
                                                    "feature": "x0", "output": 0, "explainer": None,
                                                    "scale": None, "ax": None}),
        ("plot_explanation", facetry.plot_explanation, {"explanation": expl, "color": "leader",
                                                        "feature": 0, "output": 0, "ax": None}),
        ("box", region.box, {"low": [0, 0], "high": [1, 1]}),
        ("box by name", region.box, {"low": {"x0": (0, 1), 1: (0, 1)}}),
        ("cut", region.cut, {"base": [0, 0], "features": {"x0": (0, 1)}}),
        ("cut to", lambda limits: region.cut(0, {"x0": limits}), {"limits": (0, 1)}),
        ("polytope", region.polytope, {"A": [[1, 1], [-1, 0], [0, -1]], "b": [1, 0, 0]}),
        ("around", region.around, {"points": [[0, 0], [1, 1], [0, 1]], "margin": 0.1,
                                   "hull": True}),
        ("from_data", region.from_data, {"X": [[0.0, 1.0], [1.0, 2.0]], "sigmas": 2.0}),
        ("point", region.point, {"x": [0.0, 1.0]}),
        ("where", box.where, {"A": [1, 1], "b": 1}),
        ("resolve", box.resolve, {"model": model}),
        ("region from_dict", region.from_dict, {"data": box.to_dict()}),
        ("region from_dict, a box", lambda **k: region.from_dict({"box": k}),
         {"low": [0, 0], "high": [1, 1]}),
        ("region from_dict, a cut", lambda **k: region.from_dict({"cut": k}),
         {"base": [0, 0], "features": [["x0", 0, 1]], "columns": ["x0", "x1"]}),
        ("region from_dict, where", lambda **k: region.from_dict({**box.to_dict(), "where": k}),
         {"A": [[1, 1]], "b": [1]}),
        ("region from_json", region.from_json, {"text": box.to_json()}),
        ("explanation from_json", facetry.Explanation.from_json, {"text": expl.to_json()}),
        ("Feature", lambda **k: (feature := facetry.Feature(**k)).decode(feature.encode([1, 2])),
         {"name": "a", "kind": "ordinal", "categories": [1, 2], "unit": "kg", "action": "free",
          "encoding": "codes", "codes": [0, 1], "inputs": ["x"]}),
        ("Feature of numbers", facetry.Feature,
         {"name": "a", "kind": "integer", "range": (0, 1), "step": 1, "drop": None}),
        ("feature.encode", w.sex.encode, {"values": ["F", "M"]}),
        ("feature.decode", w.sex.decode, {"inputs": [[0.0, 1.0]]}),
        ("Schema", facetry.Schema, {"features": [w.sex], "inputs": ["sex_F", "sex_M"],
                                    "guesses": [("sex", "why")]}),
        ("Schema.from_table", facetry.Schema.from_table,
         {"frame": {"age": [1, 2], "sex": ["F", "M"]}, "model": model,
          "overrides": {"sex": w.sex}}),
        ("Schema.from_dict", facetry.Schema.from_dict, {"data": w.schema.to_dict()}),
        ("Schema.from_dict, a feature",
         lambda **k: facetry.Schema.from_dict({"features": [k]}),
         {"name": "a", "kind": "ordinal", "categories": ["a"], "codes": [1], "range": []}),
        ("Schema.from_json", facetry.Schema.from_json, {"text": w.schema.to_json()}),
        ("schema.encode", w.schema.encode, {"X": {"age": [1], "sex": ["F"]}}),
        ("schema.decode", w.schema.decode, {"inputs": [[1.0, 0.0, 1.0]]}),
        ("schema.feature", w.schema.feature, {"name": "age"}),
        ("schema.with_feature", w.schema.with_feature, {"feature": w.sex}),
        ("model.with_schema", w.wide.with_schema, {"schema": w.schema}),
        ("model with a schema()", w.described, {"X": {"age": [1], "sex": ["F"]}}),
        ("model.points", w.described.points, {"X": {"age": 1, "sex": "F"}, "name": "X"}),
        ("load with data", facetry.load, {"source": w.wide_layers, "schema": w.schema,
                                          "data": {"age": [1, 2], "sex": ["F", "M"]}}),
        ("cut by name", lambda base: region.cut(base, {"age": (0, 1)}).resolve(w.described),
         {"base": {"age": 1, "sex": "F"}}),
        ("around by name", lambda points: region.around(points).resolve(w.described),
         {"points": {"age": [1, 2], "sex": ["F", "F"]}}),
        ("from_data by name", lambda X: region.from_data(X).resolve(w.described),
         {"X": {"age": [1, 2], "sex": ["F", "F"]}}),
        ("region from_dict, labels", lambda **k: region.from_dict({"box": k}).resolve(w.described),
         {"low": [0, 0], "high": [1, 0], "columns": ["age", "sex"], "labels": {"sex": ["F"]}}),
        ("FeatureScales", facetry.FeatureScales, {"ranges": np.ones((2, 2)), "sigmas": np.ones(2)}),
        ("FeatureScales used",
         lambda **k: facetry.describe(model, found, scale="range",
                                      scales=facetry.FeatureScales(**k)),
         {"ranges": np.array([[0.0, 1.0]] * 2)}),
        ("FeatureScales.of", facetry.FeatureScales.of,
         {"model": model, "data": x, "feature_ranges": [(0, 1)] * 2, "feature_sigmas": [1, 2]}),
        ("Explainer", facetry.Explainer, {"model": w.named, "data": x,
                                          "feature_ranges": {"age": (0, 1), "dose": (0, 2)},
                                          "feature_sigmas": {0: 1.0, 1: 2.0}}),
        ("SearchOptions.of", facetry.SearchOptions.of, {"keywords": dict(LISTS), "lists": True,
                                                        "engine": "subdivision"}),
        ("Decision", lambda kind, threshold, Z: facetry.Decision(kind, threshold).decide(Z),
         {"kind": "highest", "threshold": 0.0, "Z": np.ones((2, 3))}),
        ("model()", w.named, {"X": x}),
        ("model.predict", model.predict, {"X": x}),
        ("model.decide", model.decide, {"X": x}),
        ("model.check", model.check, {"X": x, "tolerance": 1e-4}),
        ("model.save", model.save, {"path": w.folder + "/model"}),
        ("model.feature_index", model.feature_index, {"feature": "x0"}),
        ("model.output_index", model.output_index, {"output": 0}),
        ("partition[]", found.__getitem__, {"index": 0}),
        ("partition.locate", found.locate, {"X": x}),
        ("partition.save", found.save, {"path": w.folder + "/found"}),
        ("partition.plot", found.plot, {"color": "top"}),
        ("facet.describe", found[0].facets[0].describe, {"model": model}),
        ("explanation.ranking", expl.ranking, {"index": 0, "output": 0}),
        ("explanation.halfspaces", facetry.describe(model, found, validity=True).halfspaces,
         {"index": 0}),
        ("explanation.plot", expl.plot, {"color": "leader", "output": "y0"}),
        ("explanation ==", lambda value: expl == value, {"value": expl}),
        ("stream.frontier.save", facetry.iter_regions(model, box).frontier.save,
         {"path": w.folder + "/frontier"}),
        ("scales.chosen", w.explainer.scales.chosen, {"scale": "range"}),
        ("Tail.apply", model.tail.apply, {"Z": np.ones((1, 3))}),
    ]  # fmt: skip
    own = [(f"Explainer.{name}", getattr(w.explainer, name), arguments)
           for name, arguments in _explainer_calls(box, x).items()]  # fmt: skip
    return [Entry(name, lambda call=call: call, arguments) for name, call, arguments in given + own]


def _explainer_calls(box: facetry.AnalysisRegion, x: Any) -> dict[str, dict[str, Any]]:
    return {
        "describe": {"region": box, "output": 0, "scale": "range", "validity": True, **LISTS},
        "explain_points": {"X": x, "output": 0, "scale": "range", "validity": box},
        "query": {"region": box, "top": 0, "runner_up": 1, "scale": "range", **LISTS},
        "maximum": {"region": box, "output": 0, "gap": 1e-9, **QUICK},
        "minimum": {"region": box, "output": {0: 1.0}, "gap": 1e-9, **QUICK},
        "can_win": {"region": box, "choice": "y0", **QUICK},
        "boundary_distance": {"region": box, "x": [0.1, 0.2], "norm": "Linf", "scale": "range"},
        "bounds": {"region": box, "method": "interval"},
    }


_CALLERS = ("Sum", "Extrema", "Histogram")


def calls(seed: int, count: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """So many calls: each entry in turn, with one or two arguments replaced."""
    rng = random.Random(seed)
    world = World()
    every = entries(world)
    makers = [*MAKERS, *frames()]
    for number in range(count):
        entry = every[number % len(every)]
        arguments = dict(entry.arguments)
        names = rng.sample(list(arguments), min(len(arguments), rng.choice((1, 1, 1, 2))))
        # good values of other arguments are the nastiest: they nearly fit
        values = [
            rng.choice(makers)() if rng.random() < 0.9
            else rng.choice(list(rng.choice(every).arguments.values()))
            for _ in names
        ]  # fmt: skip
        arguments.update(zip(names, values, strict=True))
        if entry.name in _CALLERS and any(map(callable, values)):
            continue  # what a function of the caller raises is the caller's
        what = f"{number} {entry.name}({', '.join(map(_shown, names, values))})"
        yield what, lambda entry=entry, arguments=arguments: _used(entry.make()(**arguments), world)


def _shown(name: str, value: object) -> str:
    try:
        return f"{name}={repr(value)[:60]}"
    except RecursionError:
        return f"{name}=<deep>"


def _used(answer: Any, world: World) -> None:
    """What a caller does next with an answer."""
    if isinstance(answer, facetry.AnalysisRegion):
        facetry.AnalysisRegion.from_json(answer.to_json())
        repr(answer)
        facetry.partition(world.model, answer, **LISTS)
    elif isinstance(answer, facetry.Explanation):
        str(answer)
        answer._repr_html_()
        facetry.Explanation.from_json(answer.to_json())
    elif isinstance(answer, facetry.Schema):
        assert facetry.Schema.from_json(answer.to_json()) == answer
        str(answer)
    elif isinstance(answer, facetry.Model):
        repr(answer)
        answer(np.zeros((1, answer.input_size)))
        str(facetry.describe(answer, facetry.AnalysisRegion.box(0, 1), **LISTS))


def run(seed: int = 0, count: int = 400) -> Record:
    """The campaign."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    record = Record()
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(folder)  # paths such as "x" are tried
        try:
            for what, call in calls(seed, count):
                record.run(what, call)
                _close_pictures()
        finally:
            os.chdir(here)
    return record


def _close_pictures() -> None:
    try:
        from matplotlib import pyplot
    except ImportError:
        return
    pyplot.close("all")


if __name__ == "__main__":
    main(run, 5000)
