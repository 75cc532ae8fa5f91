"""`facetry milp`: a network on a region as a mixed-integer program, for other solvers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..base.printable import counted, printable
from ..errors import InvalidInputError
from ..search.milp_program import check_program_path, encode_model, write_program
from .exit_codes import ExitCode
from .output import SCREEN
from .region import index_or_name, region_from_options

if TYPE_CHECKING:
    from ..models.model import Model

__all__ = ["run_milp"]


def run_milp(options: argparse.Namespace, model: Model) -> ExitCode:
    """`facetry milp`, with its model loaded."""
    if options.output == SCREEN:
        raise InvalidInputError("a program goes to a file that ends in .mps or .lp, not to -")
    check_program_path(options.output)
    form = "indicators" if options.indicators else "big_m"
    region = region_from_options(options, model)
    encoding = encode_model(model, region, form=form, lp_bounds=options.lp_bounds)
    program = encoding.program
    wanted = options.maximize or options.minimize
    if wanted is not None:
        output = model.output_index(index_or_name(wanted, model.output_names))
        program.set_objective(
            [(int(encoding.outputs[output]), 1.0)], 0.0, options.maximize is not None
        )
    write_program(program, options.output)
    rows = program.row_count + program.indicator_count
    print(
        f"wrote {printable(str(options.output))} "
        f"({counted(program.variable_count, 'variable')}, {counted(rows, 'row')})"
    )
    return ExitCode.DONE
