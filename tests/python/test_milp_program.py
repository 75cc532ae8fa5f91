"""Mixed-integer programs: the bytes and files that others read, and OR-Tools from the core."""

from __future__ import annotations

import ctypes
import importlib.util
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from ortools.linear_solver.python import model_builder
from ortools.math_opt import model_pb2, result_pb2
from ortools.math_opt.python import mathopt

import facetry
from facetry import _core
from facetry.search import ortools_solver
from facetry.search.milp_program import write_program

INF = math.inf


def random_program(rng, *, indicators=0):
    """The same random program twice: ours, and OR-Tools' own."""
    ours, theirs = _core.MixedIntegerProgram(), mathopt.Model(name="random")
    ours.name = "random"
    count = int(rng.integers(1, 7))
    variables = []
    for v in range(count):
        low, high = np.sort(rng.integers(-4, 5, 2)).astype(float)
        if not indicators:  # an unbounded one has no optimum to compare
            low, high = (-INF if rng.random() < 0.1 else low), (INF if rng.random() < 0.1 else high)
        integer = bool(rng.random() < 0.4)
        if v == 0:
            low, high, integer = 0.0, 1.0, True
        name = f"v{v}" if rng.random() < 0.7 else ""
        ours.add_variable(low, high, name, integer)
        variables.append(theirs.add_variable(lb=low, ub=high, is_integer=integer, name=name))
    for r in range(int(rng.integers(0, 6))):
        weights = rng.integers(-3, 4, count) / 2.0
        low, high = np.sort(rng.integers(-6, 9, 2)).astype(float)
        low = -INF if rng.random() < 0.4 else low
        name = f"row{r}" if rng.random() < 0.5 else ""
        ours.add_row(list(enumerate(weights)), low, high, name)
        total = sum(w * v for w, v in zip(weights, variables, strict=True))
        theirs.add_linear_constraint(lb=low, ub=high, expr=total, name=name)
    for i in range(indicators):
        weights = rng.integers(1, 4, count).astype(float)
        on_zero = bool(rng.random() < 0.5)
        ours.add_indicator(0, on_zero, list(enumerate(weights))[1:], -INF, 2.0, f"if{i}")
        theirs.add_indicator_constraint(
            indicator=variables[0],
            activate_on_zero=on_zero,
            implied_lb=-INF,
            implied_ub=2.0,
            implied_expr=sum(w * v for w, v in list(zip(weights, variables, strict=True))[1:]),
            name=f"if{i}",
        )
    weights = rng.integers(-2, 3, count).astype(float)
    offset = float(rng.integers(-1, 2))
    maximize = bool(rng.random() < 0.5)
    ours.set_objective(list(enumerate(weights)), offset, maximize)
    total = offset + sum(w * v for w, v in zip(weights, variables, strict=True))
    theirs.set_objective(total, is_maximize=maximize)
    return ours, theirs


def test_model_bytes_are_those_of_ortools():
    rng = np.random.default_rng(0)
    for _ in range(300):
        ours, theirs = random_program(rng)
        assert ours.model_bytes() == theirs.export_model().SerializeToString(deterministic=True)


def test_an_empty_program_has_no_bytes():
    assert _core.MixedIntegerProgram().model_bytes() == b""


def test_indicators_say_the_same_to_ortools():
    rng = np.random.default_rng(1)
    for _ in range(50):
        ours, theirs = random_program(rng, indicators=2)
        if ours.variable_count == 1:
            continue
        assert model_pb2.ModelProto.FromString(ours.model_bytes()) == theirs.export_model()


@pytest.fixture(scope="module")
def library():
    return ortools_solver.load_library()


def test_random_programs_are_solved_as_by_ortools_itself(library):
    rng = np.random.default_rng(2)
    seen = set()
    gscip = ortools_solver.load_library("gscip")
    for _ in range(150):
        ours, theirs = random_program(rng)
        expected = mathopt.solve(theirs, mathopt.SolverType.GSCIP)
        reason = expected.termination.reason
        for solver in (library, gscip):
            status, objective, bound, values, _ = solver.solve(ours)
            if reason == mathopt.TerminationReason.OPTIMAL:
                assert status == "optimal"
                assert objective == pytest.approx(expected.objective_value(), abs=1e-6)
                assert bound == pytest.approx(objective, abs=1e-4)
                assert len(values) == ours.variable_count
            else:
                assert status in ("infeasible", "unbounded", "infeasible_or_unbounded")
                assert status != "infeasible" or (values is None and math.isnan(objective))
        seen.add(reason)
    assert len(seen) >= 2


def test_indicator_programs_are_solved_by_gscip(library):
    program = _core.MixedIntegerProgram()
    z = program.add_variable(0, 1, "z", True)
    x = program.add_variable(0, 10, "x")
    program.add_indicator(z, False, [(x, 1.0)], -INF, 2.0)
    program.add_indicator(z, True, [(x, 1.0)], -INF, 3.0)
    program.set_objective([(x, 1.0), (z, 0.5)], 0.0, True)
    status, objective, _, values, _ = library.solve(program)
    assert (status, objective, values.tolist()) == ("optimal", 3.0, [0.0, 3.0])


def by_highs(path):
    """The optimum of a program file as HiGHS itself reads it (or None), through its C interface."""
    highs = ctypes.CDLL(str(next(Path(ortools_solver.library_path()).parent.glob("*highs*"))))
    highs.Highs_create.restype = ctypes.c_void_p
    highs.Highs_getObjectiveValue.restype = ctypes.c_double
    problem = ctypes.c_void_p(highs.Highs_create())
    highs.Highs_setBoolOptionValue(problem, b"output_flag", 0)
    assert highs.Highs_readModel(problem, str(path).encode()) in (0, 1), path.read_text()
    highs.Highs_run(problem)
    optimal = highs.Highs_getModelStatus(problem) == 7
    value = highs.Highs_getObjectiveValue(problem) if optimal else None
    highs.Highs_destroy(problem)
    return value


def by_scip(path):
    """The same by SCIP."""
    scip = ctypes.CDLL(str(next(Path(ortools_solver.library_path()).parent.glob("*scip*"))))
    scip.SCIPgetPrimalbound.restype = ctypes.c_double
    problem = ctypes.c_void_p()
    assert scip.SCIPcreate(ctypes.byref(problem)) == 1
    scip.SCIPsetMessagehdlrQuiet(problem, 1)
    assert scip.SCIPincludeDefaultPlugins(problem) == 1
    assert scip.SCIPreadProb(problem, str(path).encode(), None) == 1, path.read_text()
    assert scip.SCIPsolve(problem) == 1
    value = scip.SCIPgetPrimalbound(problem)
    scip.SCIPfree(ctypes.byref(problem))
    return value


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="names of the package's libraries")


@linux_only
@pytest.mark.parametrize("suffix", ["mps", "lp"])
def test_files_read_back_with_the_same_optimum(tmp_path, suffix, library):
    rng = np.random.default_rng(3)
    compared = 0
    for number in range(100):
        ours, _ = random_program(rng)
        status, objective, *_ = library.solve(ours)
        path = tmp_path / f"p{number}.{suffix}"
        write_program(ours, path)
        value = by_highs(path)
        if status == "optimal":
            assert value == pytest.approx(objective, abs=1e-6), path.read_text()
            compared += 1
        else:
            assert value is None
    assert compared > 30


def test_ortools_reads_our_mps(tmp_path, library):
    rng = np.random.default_rng(4)
    for number in range(50):
        ours, _ = random_program(rng)
        status, objective, *_ = library.solve(ours)
        path = tmp_path / f"p{number}.mps"
        write_program(ours, path)
        model = model_builder.Model()
        assert model.import_from_mps_file(str(path)), path.read_text()
        solver = model_builder.Solver("scip")
        optimal = solver.solve(model) == model_builder.SolveStatus.OPTIMAL
        assert optimal == (status == "optimal")
        if optimal:
            assert solver.objective_value == pytest.approx(objective, abs=1e-6)


@linux_only
@pytest.mark.parametrize("suffix", ["mps", "lp"])
def test_indicators_read_back(tmp_path, suffix, library):
    rng = np.random.default_rng(12)
    for number in range(20):
        ours, _ = random_program(rng, indicators=2)
        status, objective, *_ = library.solve(ours)
        if status != "optimal" or ours.variable_count == 1:
            continue
        path = tmp_path / f"p{number}.{suffix}"
        write_program(ours, path)
        assert by_scip(path) == pytest.approx(objective, abs=1e-6), path.read_text()


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(facetry.InvalidInputError, match=r"must end in \.mps or \.lp"):
        write_program(_core.MixedIntegerProgram(), tmp_path / "model.txt")


@pytest.mark.parametrize(
    ("terms", "low", "high", "message"),
    [
        ([(0, 1.0)], 1.0, 0.0, "row 0 has NaN or crossed bounds"),
        ([(0, 1.0)], math.nan, 0.0, "row 0 has NaN or crossed bounds"),
        ([(0, math.inf)], 0.0, 1.0, "row 0 has a coefficient that is zero or not finite"),
        ([(5, 1.0)], 0.0, 1.0, "row 0 names a variable that does not exist"),
    ],
)
def test_bad_programs_end_in_one_error(terms, low, high, message, library):
    program = _core.MixedIntegerProgram()
    program.add_variable(0, 1)
    program.add_row(terms, low, high)
    with pytest.raises(facetry.InvalidInputError, match=message):
        library.solve(program)


def test_a_failure_of_the_solver_is_no_infeasibility():
    result = result_pb2.SolveResultProto()
    result.termination.reason = result_pb2.TERMINATION_REASON_NUMERICAL_ERROR
    result.termination.detail = "singular basis"
    with pytest.raises(facetry.SolverError, match=r"numerical trouble \(singular basis\)"):
        _core.read_result(result.SerializeToString(), 1)
    with pytest.raises(facetry.SolverError, match="damaged"):
        _core.read_result(b"\x12\xff", 1)
    with pytest.raises(facetry.SolverError):
        _core.read_result(b"", 1)


def test_a_limit_keeps_the_point_found():
    result = result_pb2.SolveResultProto()
    result.termination.reason = result_pb2.TERMINATION_REASON_FEASIBLE
    result.termination.objective_bounds.dual_bound = 7.5
    primal = result.solutions.add().primal_solution
    primal.variable_values.ids.extend([1])
    primal.variable_values.values.extend([4.0])
    primal.objective_value = 4.0
    primal.feasibility_status = 2
    status, objective, bound, values, _ = _core.read_result(result.SerializeToString(), 2)
    assert (status, objective, bound, values.tolist()) == ("feasible", 4.0, 7.5, [0.0, 4.0])
    result.termination.reason = result_pb2.TERMINATION_REASON_NO_SOLUTION_FOUND
    result.ClearField("solutions")
    assert _core.read_result(result.SerializeToString(), 2)[0] == "undecided"


def test_a_library_that_is_missing_or_foreign_says_what_to_install(tmp_path, monkeypatch):
    install = r"pip install 'ortools>=9\.12,<10'"
    with pytest.raises(facetry.MissingDependencyError, match=install):
        _core.OrtoolsLibrary(str(tmp_path / "none.so"), "highs")
    with pytest.raises(facetry.MissingDependencyError, match=install):
        _core.OrtoolsLibrary("", "highs")
    with pytest.raises(facetry.MissingDependencyError, match="not the library of ortools"):
        _core.OrtoolsLibrary(_core.__file__, "highs")
    with pytest.raises(facetry.InvalidInputError, match="'highs' or 'gscip'"):
        _core.OrtoolsLibrary("", "cplex")
    monkeypatch.setattr(ortools_solver, "version", lambda _: "9.11.4210")
    with pytest.raises(facetry.MissingDependencyError, match=r"ortools 9\.11\.4210 does not fit"):
        ortools_solver.library_path()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(facetry.MissingDependencyError, match=install):
        ortools_solver.library_path()


def test_the_library_is_found_without_importing_ortools():
    code = (
        "import sys, facetry\n"
        "from facetry.search.ortools_solver import load_library\n"
        "load_library()\n"
        "assert 'ortools.math_opt' not in sys.modules\n"
        "assert not [n for n in sys.modules if n.startswith('google.protobuf.internal.builder')]"
        " or 'onnx' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def knapsack(count=60, rows=30):
    """A program that takes solvers long."""
    rng = np.random.default_rng(5)
    program = _core.MixedIntegerProgram()
    for _ in range(count):
        program.add_variable(0, 1, "", True)
    for _ in range(rows):
        weights = rng.integers(1, 100, count).astype(float)
        program.add_row(list(enumerate(weights)), -INF, float(weights.sum() // 3))
    program.set_objective(list(enumerate(rng.integers(1, 100, count).astype(float))), 0.0, True)
    return program


def test_a_time_limit_holds_within_one_solve():
    start = time.perf_counter()
    solved = ortools_solver.solve_program(knapsack(), time_limit=1.0)
    assert time.perf_counter() - start < 10.0
    assert solved.status == "feasible"
    assert solved.objective < solved.bound
    assert solved.values is not None


def test_the_two_ways_agree(library):
    rng = np.random.default_rng(6)
    for _ in range(20):
        ours, _ = random_program(rng)
        direct = library.solve(ours)
        other = ortools_solver.solve_program(ours, gap=0.0)
        assert direct[0] == other.status
        assert direct[1] == pytest.approx(other.objective, abs=1e-6, nan_ok=True)
    with pytest.raises(facetry.InvalidInputError, match="'highs' or 'gscip'"):
        ortools_solver.solve_program(ours, solver="cplex")


def test_solvers_say_nothing_on_the_terminal(capfd):
    rng = np.random.default_rng(7)
    for name in ("highs", "gscip"):
        library = ortools_solver.load_library(name)
        for _ in range(10):
            library.solve(random_program(rng)[0])
            ortools_solver.solve_program(random_program(rng)[0], solver=name)
    assert capfd.readouterr() == ("", "")
