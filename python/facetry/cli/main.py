"""The `facetry` command: parse, run, and turn every expected error into one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ..base.printable import printable
from ..errors import FacetryError
from .exit_codes import ExitCode
from .wording import in_options

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; see `exit_codes.ExitCode`.

    Parameters
    ----------
    arguments
        The words after ``facetry``; those of the process if None.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(
            stream, "reconfigure"
        ):  # a name the terminal cannot show must not end in an error
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(_run(sys.argv[1:] if arguments is None else list(arguments)))
    except FacetryError as problem:
        return _failed(in_options(str(problem)))
    except MemoryError:
        return _failed("out of memory; narrow the region or use --max-regions")
    except KeyboardInterrupt:
        print("facetry: interrupted", file=sys.stderr)
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # the reader (such as head) has seen enough; keep Python's last flush from failing again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)


def _run(arguments: list[str]) -> ExitCode:
    from .. import __version__
    from .minus_signs import joined_negatives
    from .options import build_parser

    parser = build_parser(__version__)
    options = parser.parse_args(joined_negatives(arguments))
    # imported now: --help and --version need none of it
    from .commands import COMMANDS, usage_problem
    from .region import say_zeros

    problem = usage_problem(options)
    if problem:
        parser.error(printable(problem))
    code = COMMANDS[options.command](options)
    say_zeros(options)
    return code


def _failed(message: str) -> int:
    print(f"facetry: error: {printable(message)}", file=sys.stderr)
    return int(ExitCode.FAILED)
