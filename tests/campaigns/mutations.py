"""What campaigns on files share: ways to damage bytes, and a run that counts what came of it."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from campaigns.command import campaign_parser
from facetry import FacetryError

SECONDS = 20.0
"""No file may take longer; the largest of the usual ones takes a tenth of a second."""

Rng = np.random.Generator
_INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0xFE, 0x0A, 0x28, 0x29)


def mutated(data: bytes, others: Sequence[bytes], rng: Rng) -> bytes:
    """`data` with one to three damages: bytes, bits, pieces lost, doubled or taken from others."""
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        data = _DAMAGES[int(rng.integers(len(_DAMAGES)))](data, others, rng)
    return data


def _place(data: bytes, rng: Rng) -> int:
    return int(rng.integers(len(data) + 1))


def _piece(data: bytes, rng: Rng) -> bytes:
    start = _place(data, rng)
    return data[start : start + int(rng.integers(1, 65))]


def _bit(data: bytes, _: Sequence[bytes], rng: Rng) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def _byte(data: bytes, _: Sequence[bytes], rng: Rng) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[int(rng.integers(len(data)))] = _INTERESTING[int(rng.integers(len(_INTERESTING)))]
    return bytes(changed)


def _cut(data: bytes, _: Sequence[bytes], rng: Rng) -> bytes:
    return data[: _place(data, rng)]


def _lose(data: bytes, _: Sequence[bytes], rng: Rng) -> bytes:
    start = _place(data, rng)
    return data[:start] + data[start + int(rng.integers(1, 33)) :]


def _double(data: bytes, _: Sequence[bytes], rng: Rng) -> bytes:
    start = _place(data, rng)
    return data[:start] + _piece(data, rng) * int(rng.integers(1, 4)) + data[start:]


def _splice(data: bytes, others: Sequence[bytes], rng: Rng) -> bytes:
    other = others[int(rng.integers(len(others)))]
    start = _place(data, rng)
    if rng.integers(2):
        return data[:start] + other[_place(other, rng) :]
    return data[:start] + _piece(other, rng) + data[start:]


_DAMAGES: tuple[Callable[[bytes, Sequence[bytes], Rng], bytes], ...] = (
    _bit, _bit, _byte, _cut, _lose, _double, _splice,
)  # fmt: skip


class TooSlowError(Exception):
    """A file took longer than it may."""


def _alarm(*_: Any) -> None:
    raise TooSlowError


def run(
    cases: int,
    seed: int,
    sources: Sequence[bytes],
    read: Callable[[bytes], object],
    keep: Path | None = None,
    *,
    damage: Callable[[bytes, Sequence[bytes], Rng], bytes] = mutated,
) -> Counter[str]:
    """Reads `cases` damaged files, and counts what came of them.

    Parameters
    ----------
    sources
        Whole files; each case is a damaged one of them.
    read
        Reads one, and may say what it found; only errors of `FacetryError` and MemoryError may
        come out.
    keep
        A folder for the files that broke this, if any.
    damage
        Damages one of the sources.

    Returns
    -------
    How many were read, how many ended in each class of error, and, under "WRONG: ...", what must
    not happen.
    """
    counts: Counter[str] = Counter()
    usual = signal.signal(signal.SIGALRM, _alarm)
    try:
        for case in range(cases):
            rng = np.random.default_rng([seed, case])
            data = damage(sources[int(rng.integers(len(sources)))], sources, rng)
            outcome = _outcome(data, read)
            counts[outcome] += 1
            if outcome.startswith("WRONG") and keep is not None:
                (keep / f"seed{seed}_case{case}").write_bytes(data)
    finally:
        signal.signal(signal.SIGALRM, usual)
    return counts


def _outcome(data: bytes, read: Callable[[bytes], object]) -> str:
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        result = read(data)
    except (FacetryError, MemoryError) as error:
        return type(error).__name__
    except TooSlowError:
        return f"WRONG: more than {SECONDS:g} seconds"
    except Exception as error:  # this is what is looked for
        return f"WRONG: {type(error).__name__}: {error}"[:200]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    return result if isinstance(result, str) else "read"


def wrong(counts: Counter[str]) -> list[str]:
    """What must not happen, and did."""
    return [name for name in counts if name.startswith("WRONG")]


def main(what: str, kinds: dict[str, Callable[[int, int, Path | None], Counter[str]]]) -> int:
    """The command of a campaign: runs all kinds of files, prints the counts; 1 if any is wrong."""
    parser = campaign_parser(what, 1000)
    parser.add_argument("--keep", type=Path, help="a folder for files that break a promise")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    failed = False
    for name, kind in kinds.items():
        start = time.monotonic()
        counts = kind(options.cases, options.seed, options.keep)
        failed |= bool(wrong(counts))
        print(
            f"{name}: {options.cases} cases, seed {options.seed}, {time.monotonic() - start:.0f} s",
            file=sys.stdout,
        )
        for outcome, count in counts.most_common():
            print(f"  {count:6d}  {outcome}")
    return int(failed)
