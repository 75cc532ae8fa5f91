"""A small part of each campaign against bad input; the whole ones are commands of their own."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

from campaigns import command_lines, entry_points, own_files


@pytest.mark.parametrize(
    ("campaign", "count"),
    [(entry_points, 500), (own_files, 300), (command_lines, 150)],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_only_errors_of_our_own_tree_escape(campaign, count):
    record = campaign.run(seed=20, count=count)
    assert record.calls >= count * 0.9
    assert record.refused > record.calls // 10  # it does try what is wrong
    assert record.escaped == []


def test_a_campaign_can_fail():
    def broken():
        raise KeyError("x")

    record = entry_points.Record()
    record.run("broken", broken)
    assert record.escaped and "KeyError" in record.escaped[0]


TESTS = Path(__file__).parents[1]
COMMAND = re.compile(r"python -m campaigns\.(\w+) --cases \d+")
CAMPAIGNS = [
    path.stem
    for path in sorted((TESTS / "campaigns").glob("*.py"))
    if "__main__" in path.read_text()
]


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("name", CAMPAIGNS)
def test_every_campaign_is_called_the_same_way(name, monkeypatch, capsys):
    if name == "vnnlib_files":
        pytest.importorskip("yaml")
    monkeypatch.setattr(sys, "argv", [name, "--cases", "2", "--seed", "1"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module(f"campaigns.{name}", run_name="__main__")
    assert end.value.code == 0
    assert "seed 1" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "tests/campaigns/RECORD.md"])
def test_pages_name_campaigns_as_they_are_called(page):
    text = (TESTS.parent / page).read_text(encoding="utf-8")
    named = re.findall(r"campaigns\.(\w+) ", text)
    assert named == COMMAND.findall(text)
    assert all((TESTS / "campaigns" / f"{name}.py").is_file() for name in named)
