"""Values that begin with a minus sign: negative numbers, and names."""

from __future__ import annotations

import re

__all__ = ["joined_negatives"]

_TAKES_DASH = frozenset(
    f"--{name}"
    for name in ("box", "cut", "range", "decision", "feature", "output-name", "maximize",
                 "minimize", "feature-names", "output-names", "drop-columns")
)  # fmt: skip
"""Options whose value may begin with a minus sign: a number or a name."""

_VALUE = re.compile(r"-(?!-)(?!o$|h$).+", re.DOTALL)


def joined_negatives(arguments: list[str]) -> list[str]:
    """Let ``--box -1:1`` be written without the equals sign that argparse would ask for.

    So it is for names that begin with one minus sign. Of two, the sign is needed: --cut=--x=0:1.

    Examples
    --------
    >>> joined_negatives(["--box", "-1:1", "-o", "x.csv"])
    ['--box=-1:1', '-o', 'x.csv']
    >>> joined_negatives(["--cut", "-x=0:1", "--feature", "-x"])
    ['--cut=-x=0:1', '--feature=-x']
    """
    result: list[str] = []
    for argument in arguments:
        if result and result[-1] in _TAKES_DASH and _VALUE.fullmatch(argument):
            result[-1] += f"={argument}"
        else:
            result.append(argument)
    return result
