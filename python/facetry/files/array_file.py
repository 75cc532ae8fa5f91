"""Numpy arrays in one file that can be mapped into memory: as `numpy.savez` writes, but aligned.

The file is an uncompressed zip of ``.npy`` members whose data starts at multiples of 64 bytes, so
that an array can be used where it lies. `numpy.load` reads such a file too.
"""

from __future__ import annotations

import io
import mmap
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ArrayFile", "write_arrays"]

_ALIGNMENT = 64
_CHUNK = 1 << 24  # bytes that are read or written at a time
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, lengths of the name and of the extra field
_ZIP64_EXTRA = 20  # bytes that zipfile adds itself, to every member
_PADDING = 0xD935  # the extra field that others use for alignment as well


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write contiguous arrays to `path`, without a copy of them in memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            position = archive.start_dir + _LOCAL_HEADER.size + len(member.filename.encode())
            member.extra = _padding(position + _ZIP64_EXTRA)
            with archive.open(member, "w", force_zip64=True) as file:
                np.lib.format.write_array_header_1_0(
                    file, np.lib.format.header_data_from_array_1_0(array)
                )
                data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
                for start in range(0, len(data), _CHUNK):
                    file.write(data[start : start + _CHUNK])


def _padding(position: int) -> bytes:
    """An extra field after which a member's data is aligned, if `position` is where it begins."""
    size = -(position + 4) % _ALIGNMENT
    return struct.pack("<HH", _PADDING, size) + bytes(size)


class ArrayFile:
    """A file of arrays that is mapped into memory. Opening it reads its table of contents alone.

    The file stays mapped while an array of `map` is in use. Memory that is mapped shows what is in
    the file at that moment: do not change or truncate it meanwhile (replacing it by another file is
    no change to it).

    Raises
    ------
    OSError
        If the file cannot be read.
    zipfile.BadZipFile
        If it is no whole archive of arrays; so do the methods.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            try:
                with zipfile.ZipFile(file) as archive:
                    self._members = {info.filename: info for info in archive.infolist()}
            except _STRANGE as problem:
                raise zipfile.BadZipFile(str(problem)) from None
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @property
    def names(self) -> list[str]:
        return [name.removesuffix(".npy") for name in self._members]

    def read(self, name: str) -> NDArray[Any]:
        """A copy of an array, checked against its checksum."""
        start, size = self._extent(name)
        content = self._memory[start : start + size]
        if zlib.crc32(content) != self._members[f"{name}.npy"].CRC:
            raise zipfile.BadZipFile(f"{name} differs from its checksum")
        try:
            return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
        except _STRANGE as problem:
            raise zipfile.BadZipFile(f"{name} is no array: {problem}") from None

    def map(self, name: str, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
        """An array of `count` elements where it lies: read-only, and not read now."""
        start, size = self._extent(name)
        header = size - count * dtype.itemsize
        if count < 0 or header <= 0 or header % _ALIGNMENT or start % _ALIGNMENT:
            raise zipfile.BadZipFile(f"{name} has another size")
        array: NDArray[Any] = np.ndarray((count,), dtype, self._memory, start + header)
        return array

    def check(self) -> None:
        """Compare all of the file with its checksums."""
        with memoryview(self._memory) as memory:
            for name, member in self._members.items():
                start, size = self._extent(name.removesuffix(".npy"))
                found = 0
                for at in range(start, start + size, _CHUNK):
                    found = zlib.crc32(memory[at : min(at + _CHUNK, start + size)], found)
                if found != member.CRC:
                    raise zipfile.BadZipFile(f"{name} differs from its checksum")

    def _extent(self, name: str) -> tuple[int, int]:
        """Where a member's data lies, and its size."""
        member = self._members.get(f"{name}.npy")
        if member is None:
            raise zipfile.BadZipFile(f"it has no array {name}")
        header = member.header_offset
        if 0 <= header <= len(self._memory) - _LOCAL_HEADER.size:
            signature, name_size, extra_size = _LOCAL_HEADER.unpack_from(self._memory, header)
            start = header + _LOCAL_HEADER.size + name_size + extra_size
            end = start + member.file_size
            whole = signature == b"PK\x03\x04" and start <= end <= len(self._memory)
            if whole and member.compress_type == zipfile.ZIP_STORED:
                return start, member.file_size
        raise zipfile.BadZipFile(f"{name} is not where it should be")


# What zipfile and numpy raise for damaged content, beside zipfile.BadZipFile.
_STRANGE = (ValueError, KeyError, EOFError, RuntimeError, TypeError, SyntaxError, OverflowError,
            MemoryError, struct.error, tokenize.TokenError)  # fmt: skip
