"""`facetry milp`, and the engine from the shell's point of view."""

from __future__ import annotations

from pathlib import Path

import pytest
from ortools.linear_solver.python import model_builder

from facetry import AnalysisRegion, load, partition
from facetry.cli.main import main
from oracles.command_lines import PIECEWISE, QUESTION

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")


def highest():
    """The largest output, from the partition's corners."""
    model = load(PIECEWISE, feature_names=["x1", "x2", "x3", "x4", "x5"])
    cut = AnalysisRegion.cut([0.0] * 5, {"x1": (0, 1), "x2": (0.2, 0.4)})
    return model(partition(model, cut).corners.points).max()


@pytest.mark.slow
def test_constants_tightened_by_linear_programs_leave_the_optimum_and_fewer_variables(capsys):
    sizes = []
    for more in ([], ["--lp-bounds"]):
        assert main(["milp", *QUESTION, *more, "--maximize", "0", "-o", "p.mps"]) == 0
        sizes.append(int(capsys.readouterr().out.split("(")[1].split()[0]))
        model = model_builder.Model()
        assert model.import_from_mps_file("p.mps")
        solver = model_builder.Solver("scip")
        assert solver.solve(model) == model_builder.SolveStatus.OPTIMAL
        assert solver.objective_value == pytest.approx(highest(), abs=1e-5)
    assert sizes[1] < sizes[0]


def test_the_written_program_has_the_optimum_of_the_partition(capsys):
    names = ["--output-names", "y0"]
    assert main(["milp", *QUESTION, *names, "--maximize", "0", "-o", "p.mps"]) == 0
    assert capsys.readouterr().out.startswith("wrote p.mps (")
    assert main(["milp", *QUESTION, *names, "--maximize", "y0", "-o", "named.mps"]) == 0
    assert Path("named.mps").read_text() == Path("p.mps").read_text()
    model = model_builder.Model()
    assert model.import_from_mps_file("p.mps")
    solver = model_builder.Solver("scip")
    assert solver.solve(model) == model_builder.SolveStatus.OPTIMAL
    assert solver.objective_value == pytest.approx(highest(), abs=1e-5)


def test_the_other_format_and_form():
    assert main(["milp", *QUESTION, "--minimize", "0", "--indicators", "-o", "p.lp"]) == 0
    text = Path("p.lp").read_text()
    assert text.startswith("Minimize\n")
    assert " = 1 -> " in text
    assert " x1 " in text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-o", "p.txt"], 1, "p.txt must end in .mps or .lp"),
        (["-o", "p.mps", "--maximize", "nothing"], 1, "nothing"),
        (["-o", "no/such/folder.mps"], 1, "cannot write no/such/folder.mps"),
    ],
)
def test_bad_requests_end_in_one_line(capsys, arguments, code, message):
    assert main(["milp", *QUESTION, *arguments]) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_saved_partition_is_no_model(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["milp", "saved.facetry", "--box", "0:1", "-o", "p.mps"])
    assert stopped.value.code == 2
    assert "give the model it was made of" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["milp", *QUESTION, "--maximize", "0", "--minimize", "0", "-o", "p.mps"])
