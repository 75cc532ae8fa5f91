"""Reading files of people: packed or not, with or without a byte-order mark, within limits."""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path
from typing import BinaryIO

from ..errors import FacetryError
from .read_limits import ReadLimits, exceeded
from .reading_time import check_time

__all__ = ["decoded", "plain_suffix", "read_bytes", "read_text"]

_GZIP = b"\x1f\x8b"
_CHUNK = 2**20
# The longer marks first: that of UTF-32 begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def plain_suffix(path: Path) -> str:
    """The ending that says what a file holds, in lower case, without the one of packed files.

    Examples
    --------
    >>> plain_suffix(Path("points.CSV.gz"))
    '.csv'
    """
    inner = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return inner.suffix.lower()


def read_bytes(
    path: Path, limits: ReadLimits, error: type[FacetryError], what: str = "the file"
) -> bytes:
    """The content of a file; unpacked if it is packed with gzip, whatever its name.

    Raises
    ------
    FacetryError
        Of the class `error`: if the file cannot be read, is damaged, or goes beyond ``bytes``.
    """
    try:
        with path.open("rb") as file:
            packed = file.peek(2)[:2] == _GZIP
            data = _read(gzip.GzipFile(fileobj=file) if packed else file, limits.bytes + 1)
    except (OSError, EOFError, zlib.error, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise error(f"cannot read {what} {path}: {reason}") from None
    if len(data) > limits.bytes:
        raise exceeded(limits, "bytes", f"{path} is too large", error)
    return data


def _read(file: BinaryIO | gzip.GzipFile, most: int) -> bytes:
    """Up to `most` bytes, piece by piece: what lies behind them is never unpacked."""
    pieces, size = [], 0
    while size < most and (piece := file.read(min(_CHUNK, most - size))):
        check_time()
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def read_text(
    path: Path, limits: ReadLimits, error: type[FacetryError], what: str = "the file"
) -> str:
    """The text of a file as `read_bytes`: UTF-8, or what its byte-order mark says."""
    return decoded(read_bytes(path, limits, error, what), f"{what} {path}", error)


def decoded(data: bytes, name: str, error: type[FacetryError]) -> str:
    """Bytes as text, without a byte-order mark; UTF-8 if there is none.

    Examples
    --------
    >>> decoded(codecs.BOM_UTF16_LE + "box".encode("utf-16-le"), "a text", FacetryError)
    'box'
    """
    encoding = "utf-8"
    for mark, name_of_encoding in _MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name_of_encoding
            break
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        raise error(f"cannot read {name}: {problem}") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
