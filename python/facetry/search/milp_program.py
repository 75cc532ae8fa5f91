"""Models as mixed-integer programs for other solvers."""

from __future__ import annotations

from pathlib import Path

from .. import _core
from ..base.whole_file import write_whole
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from .ortools_solver import load_library

__all__ = ["check_program_path", "encode_model", "write_program"]


def encode_model(
    model: Model, region: AnalysisRegion, *, form: str = "big_m", lp_bounds: bool = False
) -> _core.MilpEncoding:
    """The model on a region as a mixed-integer program: all points and the values there.

    Parameters
    ----------
    model, region
        As for `facetry.partition`.
    form
        ``"big_m"`` for linear rows only; ``"indicators"`` for rows that hold where a binary
        variable is 1 (or 0), which not every solver takes.
    lp_bounds
        Whether to tighten the constants by linear programs, two for each pre-activation that is not
        settled: more time here, less for the solver. Needs ortools.

    Examples
    --------
    >>> import facetry
    >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
    >>> encoding = encode_model(model, facetry.AnalysisRegion.box([0, 0], [1, 1]))
    >>> program = encoding.program
    >>> program.set_objective([(int(encoding.outputs[0]), 1.0)], 0.0, True)
    >>> status, highest, *_ = load_library().solve(program)
    >>> status, round(highest, 6)
    ('optimal', 2.5)
    """
    domain = domain_of(model, region)
    return _core.MilpEncoding(
        model.form,
        domain,
        form,
        list(model.feature_names),
        list(model.output_names),
        load_library() if lp_bounds else None,
    )


def check_program_path(path: str | Path) -> str:
    """The ending of a program file, in small letters.

    Raises
    ------
    InvalidInputError
        If it is not .mps or .lp.

    Examples
    --------
    >>> check_program_path("model.LP")
    '.lp'
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".mps", ".lp"):
        raise InvalidInputError(f"{path} must end in .mps or .lp")
    return suffix


def write_program(program: _core.MixedIntegerProgram, path: str | Path) -> None:
    """Write a program for other solvers: free MPS (``.mps``) or CPLEX's LP format (``.lp``).

    Raises
    ------
    InvalidInputError
        For another ending, or if the file cannot be written.
    """
    text = program.mps() if check_program_path(path) == ".mps" else program.lp()
    write_whole(Path(path), lambda temporary: temporary.write_text(text, encoding="utf-8"))
