"""Control characters of names reach no terminal, no message and no table."""

from __future__ import annotations

import csv
import io
import json
import re

import numpy as np
import pytest

import facetry
from facetry.cli.main import main
from facetry.errors import printable

CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]"
)
NASTY = ["\x1b]0;title\x07\x1b[2J", "b\nregion  100%  fake", "c\r\x9b2J\x7f", "d\u202eabc\u2028"]
LAYERS = [(np.eye(4), -np.ones(4) / 2), (np.ones((2, 4)) * [[1.0], [-1.0]], np.zeros(2))]
OUTPUTS = ["\x1b[31mred", "two\nlines"]
SQUARE = facetry.AnalysisRegion.cut(0.0, {0: (0, 1), 1: (0, 1)})


@pytest.fixture(scope="module")
def model():
    return facetry.load(LAYERS, feature_names=NASTY, output_names=OUTPUTS)


def assert_clean(text, lines=None):
    assert not CONTROL.search(text), repr(CONTROL.search(text))
    if lines is not None:
        assert text.count("\n") == lines


def test_it_escapes_what_steers_and_nothing_else():
    assert printable("a\x1b\n\t\x7f\x85\u2028\u202e\ud800") == (
        "a\\x1b\\n\\t\\x7f\\x85\\u2028\\u202e\\ud800"
    )
    for plain in ("Größe", "年齢", "x y", "💡", "\u200d", "a\\b"):
        assert printable(plain) == plain


def test_texts_and_html(model):
    explained = facetry.describe(model, SQUARE)
    assert_clean(str(explained))
    assert_clean(explained._repr_html_(), lines=0)
    assert "\\x1b[2J" in str(explained)
    asked = facetry.query(model, SQUARE, top=0, runner_up="any")
    assert_clean(str(asked))
    assert_clean(asked._repr_html_(), lines=0)
    found = facetry.partition(model, SQUARE)
    for facet in found[0].facets:
        assert_clean(facet.describe(model), lines=0)
    for shown in (found, found[0], model, explained, SQUARE, found.undecided_cuts):
        assert_clean(repr(shown))


def test_json_has_none_and_reads_back(model):
    explained = facetry.describe(model, SQUARE)
    assert_clean(explained.to_json(), lines=0)
    assert facetry.Explanation.from_json(explained.to_json()) == explained
    region = facetry.AnalysisRegion.box(dict.fromkeys(NASTY, (0, 1)))
    assert_clean(region.to_json(), lines=0)
    again = facetry.AnalysisRegion.from_json(region.to_json())
    assert [bound.feature for bound in again.bounds] == NASTY


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.feature_index("zz"),
        lambda model: model.output_index("\x1b[2J"),
        lambda model: facetry.describe(model, SQUARE, output="\x1b[31mre"),
        lambda model: facetry.AnalysisRegion.box({NASTY[0]: (0, 1)}).resolve(model),
        lambda model: facetry.Explainer(model, feature_ranges={NASTY[1]: (1, 0), 0: (0, 1)}),
        lambda model: facetry.query(model, SQUARE, top="\x1b[2J"),
        lambda model: facetry.plot_partition(facetry.partition(model, SQUARE), color="leader"),
        lambda _: facetry.load("\x1b[2J\nmissing.onnx"),
        lambda _: facetry.open("\x1b[2J\nmissing.facetry"),
        lambda _: facetry.Property.parse("(\x1b[2J)", source="a\nb\x07"),
        lambda _: facetry.AnalysisRegion.from_json('{"\\u001b[2J": 1}'),
    ],
)
def test_messages(model, call):
    with pytest.raises(facetry.FacetryError) as caught:
        call(model)
    assert_clean(str(caught.value), lines=0)
    assert_clean(repr(str(caught.value)), lines=0)


def test_pictures():
    pytest.importorskip("matplotlib").use("Agg")
    names = ["$\\frac{$", "_hidden", *NASTY[2:]]
    odd = facetry.load(LAYERS, feature_names=names, output_names=OUTPUTS)
    for color in ("leader", "top"):
        axes = facetry.partition(odd, SQUARE).plot(color=color, output=0)
        axes.figure.canvas.draw()  # a formula that is none would raise here
        labels = [text.get_text() for text in axes.get_legend().get_texts()]
        for text in (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(), *labels):
            assert_clean(text, lines=0)
    assert axes.get_ylabel() == " _hidden"


@pytest.mark.parametrize("form", ["table", "csv", "json", "html"])
def test_the_command_line(model, form, tmp_path, capsys):
    facetry.partition(model, SQUARE).save(tmp_path / "saved.facetry")
    assert main(["explain", str(tmp_path / "saved.facetry"), "--format", form]) == 0
    shown = capsys.readouterr()
    assert_clean(shown.out)
    assert shown.err == ""
    if form == "csv":
        features = {row["feature"] for row in csv.DictReader(io.StringIO(shown.out))}
        assert features == {printable(name) for name in NASTY}
    if form == "json":
        assert json.loads(shown.out)["feature_names"] == NASTY
    assert main(["partition", str(tmp_path / "saved.facetry"), "--format", "csv"]) == 0
    assert_clean(capsys.readouterr().out)
    wrong = ["explain", str(tmp_path / "saved.facetry"), "--output-name", "\x1b[2J\nx"]
    assert main(wrong) == 1
    assert_clean(capsys.readouterr().err, lines=1)
