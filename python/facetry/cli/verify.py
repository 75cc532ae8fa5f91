"""`facetry verify`: a VNN-LIB property of a network, decided."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from ..questions.verify import verify
from ..show.rows import STOPPED
from .exit_codes import ExitCode
from .interrupts import interrupts
from .option_values import read_limits
from .progress import search_progress

if TYPE_CHECKING:
    from ..models.model import Model
    from ..questions.verify import VerifyResult

__all__ = ["run_verify"]

_TOUCHES = "the conditions are touched within the margin of rounding, but no point fulfils them"


def run_verify(options: argparse.Namespace, model: Model) -> ExitCode:
    """`facetry verify`, with its model loaded."""
    with search_progress(options.progress) as progress, interrupts() as stop:
        found = verify(
            model,
            options.property,
            limits=read_limits(options),
            threads=options.threads,
            time_limit=options.time_limit,
            exactness=options.exactness,
            progress=progress,
            cancel=stop,
        )
    print("\n".join(_lines(found)), flush=True)
    if found.answer == "sat":
        print(f"facetry: note: {_confirmation(found)}", file=sys.stderr)
    return ExitCode.INCOMPLETE if found.answer == "unknown" else ExitCode.DONE


def _confirmation(found: VerifyResult) -> str:
    """What a second program says of the witness, in the file's own precision."""
    if found.confirmed is None:
        return "the witness was not checked with onnxruntime (it is missing or cannot run this)"
    if found.confirmed:
        return "onnxruntime agrees: in the file's precision (float32 as a rule) it is sat too"
    return (
        "onnxruntime differs: in the file's precision (float32 as a rule) the outputs at the "
        "witness do not fulfil the conditions"
    )


def _lines(found: VerifyResult) -> list[str]:
    """The answer as VNN-LIB's tools write it; a witness with all digits of its doubles."""
    if found.witness is not None and found.outputs is not None:
        values = [f"(X_{i} {float(x)!r})" for i, x in enumerate(found.witness)]
        values += [f"(Y_{j} {float(y)!r})" for j, y in enumerate(found.outputs)]
        return ["sat", *_bracketed(values)]
    if found.answer == "unsat":
        return ["unsat"]
    why = _TOUCHES if found.status == "touches" else STOPPED.get(found.status, found.status)
    bound = "no bound is known yet"
    if found.bound is not None:
        bound = f"no input fulfils the conditions by more than {found.bound:.6g}"
    return [f"unknown: {why} ({found.status}); {bound}"]


def _bracketed(lines: list[str]) -> list[str]:
    return [f"({lines[0]}", *lines[1:-1], f"{lines[-1]})"]
