"""A small part of each campaign against bad input; the whole ones are commands of their own."""

from __future__ import annotations

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
