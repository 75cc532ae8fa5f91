"""VNN-LIB properties as they are read: boxes, alternatives, rows, and one clear error per fault."""

from __future__ import annotations

import gzip
from decimal import Decimal

import numpy as np
import pytest

from facetry import FileFormatError, Property, ReadLimits
from facetry.questions import vnnlib_text

HEAD = """; inputs and outputs
(declare-const X_0 Real)
(declare-const X_1 Real)
(declare-const Y_0 Real)
(declare-const Y_1 Real)
"""
BOX = "(assert (<= X_0 1)) (assert (>= X_0 -1)) (assert (<= X_1 2.5e-1)) (assert (>= X_1 -.5))\n"


def rows(found):
    """All alternatives of the first case as (weights, thresholds) in lists."""
    return [(c.weights.tolist(), c.thresholds.tolist()) for c in found.cases[0].conjunctions]


def test_a_plain_property():
    found = Property.parse(HEAD + BOX + "(assert (<= Y_0 Y_1)) ; unsafe\n(assert (>= Y_1 3))")
    assert (found.input_size, found.output_size, len(found.cases)) == (2, 2, 1)
    assert repr(found) == "Property(2 inputs, 2 outputs, 1 case)"
    assert found.cases[0].low.tolist() == [-1.0, -0.5]
    assert found.cases[0].high.tolist() == [1.0, 0.25]
    assert rows(found) == [([[-1.0, 1.0], [0.0, 1.0]], [0.0, 3.0])]
    assert not found.cases[0].low.flags.writeable


@pytest.mark.parametrize(
    ("formula", "weights", "threshold"),
    [
        ("(>= Y_0 0.1)", [1, 0], 0.1),
        ("(<= Y_0 0.1)", [-1, 0], -0.1),
        ("(<= 3 Y_1)", [0, 1], 3),
        ("(>= (+ Y_0 (* 2 Y_1) 1) (- Y_1 4))", [1, 1], -5),
        ("(>= (- Y_0) (- 2))", [-1, 0], -2),
        ("(<= (- Y_0 Y_1 1) 0)", [-1, 1], -1),
        ("(>= (* 2 Y_0 3) (* -1 (+ Y_1 1)))", [6, 1], -1),
        ("(>= (* (- 3 1) Y_0) 1)", [2, 0], 1),
    ],
)
def test_linear_terms(formula, weights, threshold):
    assert rows(Property.parse(f"{HEAD}{BOX}(assert {formula})")) == [([weights], [threshold])]


def test_alternatives_are_all_products():
    found = Property.parse(
        HEAD + BOX + "(assert (or (<= Y_0 1) (and (>= Y_0 2) (or (<= Y_1 3) (>= Y_1 4)))))"
        "(assert (or (>= Y_1 5) (and (>= Y_1 6))))"
    )
    thresholds = sorted(t for _, t in rows(found))
    assert thresholds == sorted([[-1, 5], [-1, 6], [2, -3, 5], [2, -3, 6], [2, 4, 5], [2, 4, 6]])


def test_a_box_for_each_alternative_of_the_inputs():
    found = Property.parse(
        HEAD + "(assert (>= X_1 0)) (assert (<= X_1 1))"
        "(assert (or (and (<= X_0 1) (>= X_0 0)) (and (<= X_0 3) (>= X_0 2))))"
        "(assert (or (<= Y_0 1) (<= Y_1 1)))"
    )
    assert [(c.low.tolist(), c.high.tolist()) for c in found.cases] == [
        ([0, 0], [1, 1]),
        ([2, 0], [3, 1]),
    ]
    assert [len(case.conjunctions) for case in found.cases] == [2, 2]


def test_limits_are_scaled_and_intersected():
    text = "(assert (<= (* 4 X_0) 1)) (assert (>= (- 1 X_1) 0.5)) (assert (>= X_1 0))"
    case = Property.parse(HEAD + BOX + text).cases[0]
    assert (case.low.tolist(), case.high.tolist()) == ([-1, 0], [0.25, 0.25])
    assert [one.thresholds.size for one in case.conjunctions] == [0]


def test_what_cannot_hold_is_left_out():
    assert Property.parse(HEAD + BOX + "(assert (<= 1 0))").cases == ()
    left = Property.parse(HEAD + BOX + "(assert (or (<= 1 0) (>= Y_0 7) (<= 0 1)))")
    assert [t for _, t in rows(left)] == [[7], []]


SIDES = "(assert (or (<= X_0 0.25) (>= X_0 0.5)))(assert (or (<= X_0 0.375) (>= X_0 0.75)))"


def test_combinations_of_alternatives_without_points_are_left_out():
    found = Property.parse(HEAD + BOX + SIDES)
    ends = [(case.low[0], case.high[0]) for case in found.cases]
    assert ends == [(-1, 0.25), (0.75, 1)]


@pytest.mark.parametrize(
    "formula",
    [
        "(>= X_0 2)",  # above the limits before it
        "(or (>= Y_0 1) (and (>= X_1 0.2) (<= X_1 0.1)))",  # one alternative in itself
        "(or (>= X_0 2) (<= X_0 -2))",  # no alternative has a point
        "(and (<= (* -2 X_0) -4) (or (<= Y_0 1) (<= Y_1 1)))",
    ],
)
def test_an_inverted_box_is_an_error_of_the_file(formula):
    with pytest.raises(FileFormatError, match=r"line 7: the box is inverted: X_[01] is at least"):
        Property.parse(HEAD + BOX + f"(assert {formula})")


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("", {"words": 30}),
        ("(assert (or (<= Y_0 1) (<= Y_0 2)))" * 3, {"comparisons": 40}),
        ("(assert (<= Y_0 (+ 1 (+ 1 (+ 1 1)))))", {"nesting": 4}),
        ("(assert (or (<= Y_0 1) (<= Y_0 2)))", {"elements": 20}),
    ],
)
def test_limits_hold_and_can_be_raised(text, limits):
    whole = HEAD + BOX + text
    ((name, value),) = limits.items()
    with pytest.raises(FileFormatError, match=rf"limit of {value} {name} .*ReadLimits\({name}="):
        Property.parse(whole, limits=ReadLimits(**limits))
    more = ReadLimits(**{name: 10 * value})
    assert Property.parse(whole, limits=more).output_size == 2


def test_products_that_grow_are_refused_at_once():
    long = "(* " + "1e300 " * 20_000 + "Y_0)"
    with pytest.raises(FileFormatError, match="a product is too large or too small"):
        Property.parse(f"{HEAD}{BOX}(assert (<= {long} 1))")
    wide = "(+ " + "Y_0 Y_1 " * 20_000 + ")"
    many = "(* " + "1 " * 20_000 + wide + ")"
    assert rows(Property.parse(f"{HEAD}{BOX}(assert (>= {many} 1))")) == [([[20_000] * 2], [1])]


def test_numbers_are_not_longer_than_doubles_need():
    shortest = "4.9406564584124654417656879286822137236505980e-324"
    exact = f"{Decimal.from_float(5e-324):f}"  # all of its digits: 1074 behind the point
    for number in (shortest, exact, "0." + "1" * 9_000):
        asked = Property.parse(f"{HEAD}{BOX}(assert (>= Y_0 {number}))")
        assert asked.cases[0].conjunctions[0].thresholds[0] == float(number)
    with pytest.raises(FileFormatError, match=r"0\.1+\.\.\. is too long: 200002 characters"):
        Property.parse(f"{HEAD}{BOX}(assert (>= Y_0 0.{'1' * 200_000}))")


@pytest.mark.parametrize("piece", [1, 2, 7])
def test_words_are_the_same_in_pieces_of_any_length(piece, monkeypatch):
    text = "(and (>= Y_0  1.5)\t; a note (with brackets)\n\n (word)) \r\n;\n((long-word))"
    whole = [(str(node), node.line) for node in vnnlib_text.read_nodes(text)]
    monkeypatch.setattr(vnnlib_text, "_PIECE", piece)
    assert [(str(node), node.line) for node in vnnlib_text.read_nodes(text)] == whole
    assert whole == [("(and (>= Y_0 1.5) (word))", 1), ("((long-word))", 5)]


def test_digits_are_those_of_ascii():
    with pytest.raises(FileFormatError, match="is not declared"):
        Property.parse(HEAD + BOX + "(assert (<= Y_0 \u0661))")


def test_margins_are_those_of_the_least_fulfilled_condition():
    one = Property.parse(HEAD + BOX + "(assert (>= Y_0 1)) (assert (<= Y_1 4))").cases[0]
    margins = one.conjunctions[0].margins(np.array([[3.0, 3.5], [0.0, 0.0]]))
    assert margins.tolist() == [0.5, -1.0]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (HEAD + "(assert (< X_0 1))", 6, "'<' is strict"),
        (HEAD + "(assert\n(> Y_0 1))", 7, "'>' is strict"),
        (HEAD + BOX + "(assert (<= X_0 Y_0))", 7, "mixes inputs and outputs"),
        (HEAD + "(assert (<= (+ X_0 X_1) 1))", 6, "joins several inputs"),
        (HEAD + "(assert (= Y_0 1))", 6, "unknown function '='"),
        (HEAD + "(assert (=> (<= Y_0 1) (<= Y_1 1)))", 6, "unknown function '=>'"),
        (HEAD + "(assert (<= (/ Y_0 2) 1))", 6, "unknown function '/'"),
        (HEAD + "(assert (<= (* Y_0 Y_1) 1))", 6, "it multiplies variables"),
        (HEAD + "(assert (<= Y_2 1))", 6, "'Y_2' is not declared"),
        (HEAD + "(assert (<= Y_0 1 2))", 6, "compares two terms, not 3"),
        (HEAD + "(assert (and))", 6, "'and' is empty"),
        (HEAD + "(assert (<= (+) 1))", 6, "'+' is empty"),
        (HEAD + "(assert Y_0)", 6, "Y_0 is no formula"),
        (HEAD + "(assert (<= () 1))", 6, "() is no term"),
        (HEAD + "(assert)", 6, "assert takes one formula"),
        (HEAD + "(assert (<= Y_0 nan))", 6, "'nan' is not declared"),
        (HEAD + "(assert (<= Y_0 1e999))", 6, "too large"),
        (HEAD + BOX + "(assert (<= (* 1e300 1e300 Y_0) 1))", 7, "too large"),
        (HEAD + "(set-logic LRA)", 6, "unknown command 'set-logic'"),
        (HEAD + "((assert))", 6, "where a command should be"),
        (HEAD + "(declare-const X_0 Real)", 6, "declared twice, first in line 2"),
        (HEAD + "(declare-const X_2 Int)", 6, "(declare-const NAME Real)"),
        (HEAD + "(declare-const Z Real)", 6, "'Z' is no name"),
        (HEAD + "(declare-const X_3 Real)", 6, "X_2 is not declared, but others after it"),
        ("(declare-const X_0 Real)", 1, "no output Y_0 is declared"),
        (HEAD + "(assert (<= X_0 1)", 6, "never closed"),
        (HEAD + "assert", 6, "outside of all brackets"),
        (HEAD + ")", 6, "outside of all brackets"),
        ("(" * 1000, 1, "nested deeply: more than the limit of 200"),
        (HEAD + "(assert (<= X_0 1)) (assert (>= X_0 0)) (assert (>= X_1 0))", 3,
         "X_1 has no upper limit"),
        (HEAD + BOX + "(assert (or (<= Y_0 1) (<= Y_1 1)))" * 20, 7, "2000000 comparisons"),
    ],
)  # fmt: skip
def test_each_fault_has_its_message_and_line(text, line, message):
    with pytest.raises(FileFormatError) as fault:
        Property.parse(text, source="file.vnnlib")
    assert str(fault.value).startswith(f"file.vnnlib, line {line}: ")
    assert message in str(fault.value)


def test_files(tmp_path):
    path = tmp_path / "p.vnnlib"
    path.write_text(HEAD + BOX)
    assert Property.read(path).source == str(path)
    path.write_bytes(b"\x1f\x8b\xff")
    for name in (path, tmp_path / "missing.vnnlib", tmp_path):
        with pytest.raises(FileFormatError, match="cannot read the property"):
            Property.read(name)


def test_packed_files_and_byte_order_marks(tmp_path):
    text = HEAD + BOX + "(assert (>= Y_0 1))"
    forms = {
        "packed.vnnlib.gz": gzip.compress(text.encode()),
        "packed.vnnlib": gzip.compress(b"\xef\xbb\xbf" + text.encode()),
        "mark.vnnlib": b"\xef\xbb\xbf" + text.encode(),
        "wide.vnnlib": text.encode("utf-16"),
        "windows.vnnlib": text.replace("\n", "\r\n").encode(),
    }
    for name, content in forms.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert rows(Property.read(path)) == [([[1, 0]], [1])], name
    assert Property.parse("\ufeff" + text).input_size == 2


def test_a_packed_bomb_is_refused(tmp_path):
    path = tmp_path / "bomb.vnnlib.gz"
    path.write_bytes(gzip.compress(b";" * 10_000_000))
    with pytest.raises(FileFormatError, match="limit of 1000000 bytes"):
        Property.read(path, limits=ReadLimits(bytes=1_000_000))
    path.write_bytes(gzip.compress(HEAD.encode())[:-9])
    with pytest.raises(FileFormatError, match="cannot read the property"):
        Property.read(path)
