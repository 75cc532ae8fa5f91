"""What the tests of the command line share: a small example and the program itself."""

from __future__ import annotations

import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "python" / "examples"
WINE = str(EXAMPLES / "wine.onnx")
PIECEWISE = str(EXAMPLES / "piecewise.onnx")
CUT = ["--cut", "x1=0:1", "--cut", "x2=0.2:0.4"]
MODEL = [PIECEWISE, "--feature-names", "x1,x2,x3,x4,x5"]
QUESTION = [*MODEL, *CUT]


def command(*arguments: str) -> list[str]:
    """The program in a process of its own."""
    return [sys.executable, "-m", "facetry", *arguments]
