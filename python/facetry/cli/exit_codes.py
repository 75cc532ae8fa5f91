"""What the exit code of the `facetry` command says."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """Exit codes of the command line."""

    DONE = 0
    FAILED = 1
    """An error, said in one line on the standard error."""
    USAGE = 2
    """The command line itself is wrong."""
    INCOMPLETE = 3
    """A limit or Ctrl-C stopped the search; what was found has been written."""
    INTERRUPTED = 130
    """Ctrl-C before there was anything to write."""
