"""Where OR-Tools is, and its solvers with limits. The only module that imports ortools."""

from __future__ import annotations

import importlib.util
import re
import threading
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..base.arguments import shown
from ..errors import InvalidInputError, MissingDependencyError, SolverError

__all__ = ["ProgramSolution", "check_version", "library_path", "load_library", "solve_program"]

_INSTALL = "install it with: pip install 'ortools>=9.12,<10'"
_SOLVER_TYPES = {"gscip": 1, "highs": 10}
_PATTERNS = ("libortools.so*", "libortools*.dylib", "ortools.dll")


class ProgramSolution(NamedTuple):
    """What a solver found for a mixed-integer program.

    Attributes
    ----------
    status
        "optimal", "feasible" or "undecided" (a limit came first, with or without a point),
        "infeasible", "unbounded" or "infeasible_or_unbounded".
    objective
        Its value at the point found; NaN without one.
    bound
        No point is better than this.
    values
        float64, one per variable; None without a point.
    detail
        What the solver said itself.
    """

    status: str
    objective: float
    bound: float
    values: NDArray[np.float64] | None
    detail: str


def check_version(found: str) -> None:
    """Refuse versions of ortools whose library or messages are not known to fit.

    Raises
    ------
    MissingDependencyError
        Below 9.12, or from 10 on.

    Examples
    --------
    >>> check_version("9.15.6755")
    >>> try:
    ...     check_version("9.9.1")
    ... except MissingDependencyError as error:
    ...     print(error)
    ortools 9.9.1 does not fit; install it with: pip install 'ortools>=9.12,<10'
    """
    numbers = [int(n) for n in re.findall(r"\d+", found)[:2]]
    if not [9, 12] <= numbers < [10]:
        raise MissingDependencyError(f"ortools {found} does not fit; {_INSTALL}")


def library_path() -> str:
    """The shared library within the package ortools, which is not imported.

    Raises
    ------
    MissingDependencyError
        If the package is missing, too old or too new, or holds no such library.
    """
    spec = importlib.util.find_spec("ortools")
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not folders:
        raise MissingDependencyError(f"the MILP engine needs the package ortools; {_INSTALL}")
    with suppress(PackageNotFoundError):  # not installed by pip; the library itself will tell
        check_version(version("ortools"))
    for folder in folders:
        for pattern in _PATTERNS:
            found = sorted(Path(folder).glob(f".*libs/{pattern}"))
            if found:
                return str(found[0])
    raise MissingDependencyError(f"the package ortools holds no library; {_INSTALL}")


def load_library(solver: str = "highs") -> _core.OrtoolsLibrary:
    """The library, ready for the core; `solver` is "highs" or "gscip"."""
    return _core.OrtoolsLibrary(library_path(), solver)


def solve_program(
    program: _core.MixedIntegerProgram,
    *,
    solver: str = "highs",
    time_limit: float | None = None,
    gap: float | None = None,
) -> ProgramSolution:
    """Solve one program through ortools' own Python interface, within limits.

    The core's direct way (``load_library().solve``) has no limits and less overhead. Ctrl-C ends
    the call at once; the solver then goes on in the background until its limit or its end, and
    what it finds is dropped.

    Parameters
    ----------
    program
        What to solve.
    solver
        "highs", or "gscip" (which also takes indicator rows).
    time_limit
        Seconds; then the best point and bound so far are returned.
    gap
        Stop once the relative distance of objective and bound is at most this.

    Raises
    ------
    MissingDependencyError
        If ortools is missing or does not fit.
    SolverError
        If the solver fails or refuses the program.
    """
    if solver not in _SOLVER_TYPES:
        raise InvalidInputError(f"solver must be 'highs' or 'gscip', not {shown(solver)}")
    library_path()  # says what to install, if anything
    model = program.model_bytes()
    answer: list[bytes | Exception] = []
    worker = threading.Thread(
        target=_run, args=(model, solver, time_limit, gap, answer), daemon=True
    )
    worker.start()
    while worker.is_alive():  # wakes up for signals
        worker.join(0.05)
    if isinstance(answer[0], Exception):
        raise SolverError(f"the solver failed: {answer[0]}") from answer[0]
    return ProgramSolution(*_core.read_result(answer[0], program.variable_count))


def _run(
    model: bytes,
    solver: str,
    time_limit: float | None,
    gap: float | None,
    answer: list[bytes | Exception],
) -> None:
    try:
        answer.append(_solve_bytes(model, solver, time_limit, gap))
    except Exception as problem:  # handed to the thread that asked
        answer.append(problem)


def _solve_bytes(model: bytes, solver: str, time_limit: float | None, gap: float | None) -> bytes:
    from ortools.math_opt import (
        callback_pb2,
        model_parameters_pb2,
        model_pb2,
        parameters_pb2,
    )
    from ortools.math_opt.core.python import solver as math_opt

    parameters = parameters_pb2.SolveParametersProto()
    if time_limit is not None:
        parameters.time_limit.FromNanoseconds(round(1e9 * time_limit))
    if gap is not None:
        parameters.relative_gap_tolerance = gap
    result: Any = math_opt.solve(
        model_pb2.ModelProto.FromString(model),
        _SOLVER_TYPES[solver],
        parameters_pb2.SolverInitializerProto(),
        parameters,
        model_parameters_pb2.ModelSolveParametersProto(),
        None,
        callback_pb2.CallbackRegistrationProto(),
        None,
        None,
    )
    return bytes(result.SerializeToString())
