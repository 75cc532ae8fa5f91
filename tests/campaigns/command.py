"""How every campaign is called: ``python -m campaigns.NAME --cases N --seed S``, in `tests/`."""

from __future__ import annotations

import argparse

__all__ = ["campaign_parser"]


def campaign_parser(what: str, cases: int) -> argparse.ArgumentParser:
    """The options that all campaigns have: how many cases, and the seed that makes them."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--cases", type=int, default=cases, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    return parser
