"""Programs that are interrupted by tests, wherever the tests themselves run."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


def _take_interrupts() -> None:
    # A shell starts what it puts into the background with SIGINT ignored, and children inherit it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def interruptible(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A program that hears SIGINT, its errors piped; killed if the test leaves it running."""
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_take_interrupts,  # noqa: PLW1509
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
