"""One writer at a time: a lock that the system drops when its process ends, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import InvalidInputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["LOCK_ENDING", "only_writer"]

LOCK_ENDING = ".lock"
"""What the name of the lock of a file ends with; the file is gone when nobody writes."""

_OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """See that nobody else writes to `path` meanwhile: other processes, and others in this one.

    The lock is of the system (``flock``) on a file beside `path`. A process that was killed leaves
    that file, but no lock. Where the file system has no locks there is none.

    Raises
    ------
    InvalidInputError
        If someone else writes, or the lock's file cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, only_writer(Path(folder) / "a"):
    ...     with only_writer(Path(folder) / "b"):
    ...         sorted(path.name for path in Path(folder).iterdir())
    ['a.lock', 'b.lock']
    """
    if not path.name or path.is_dir():
        raise InvalidInputError(f"{path} is a folder; give the path of a file")
    lock = path.with_name(path.name + LOCK_ENDING)
    handle = _acquired(path, lock)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()  # while it is held: who opened it before looks whether it is still there
        os.close(handle)


def _acquired(path: Path, lock: Path) -> int:
    while True:
        try:
            handle = os.open(lock, _OPEN, 0o666)
        except OSError as problem:
            raise InvalidInputError(f"cannot write {lock}: {problem.strerror or problem}") from None
        try:
            _take(handle)
            if _is_at(handle, lock):
                os.ftruncate(handle, 0)
                os.write(handle, f"{os.getpid()}\n".encode())
                return handle
        except BlockingIOError:
            owner = _owner(handle)
            os.close(handle)
            raise InvalidInputError(
                f"{path} is being written by another search{owner}; wait until it is over, end it, "
                "or write to another place"
            ) from None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # of a lock that was just given up


def _take(handle: int) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        return


def _is_at(handle: int, lock: Path) -> bool:
    """Whether the file that is open is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), lock.stat())
    except OSError:
        return False


def _owner(handle: int) -> str:
    with suppress(OSError, ValueError):
        number = int(os.pread(handle, 20, 0))
        return " of this process" if number == os.getpid() else f" (process {number})"
    return ""
