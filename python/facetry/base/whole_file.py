"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..errors import InvalidInputError

__all__ = ["write_whole"]


def write_whole(
    path: Path, write: Callable[[Path], object], *, temporary: Path | None = None
) -> None:
    """Let `write` fill a temporary file beside `path`, and put it in place when it is done.

    Nothing is left half-written, and a file that was there stays if writing fails. A device or a
    pipe is written to as it is.

    Parameters
    ----------
    path, write
        Where, and what fills the file it is given.
    temporary
        The temporary file, which is replaced if it is there; a new one by default.

    Raises
    ------
    InvalidInputError
        If the file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            _refuse_folder(path)
            write(path)  # a device or a pipe: there is nothing to replace
            return
        if temporary is None:
            handle, name = tempfile.mkstemp(prefix=".facetry-", dir=path.parent)
            os.close(handle)
            temporary = Path(name)
        try:
            write(temporary)
            _give_usual_mode(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as problem:
        raise InvalidInputError(f"cannot write {path}: {problem.strerror or problem}") from None


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


def _give_usual_mode(path: Path) -> None:
    """Temporary files are private; a result has the mode of any new file."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)
