"""Files are written whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from facetry.base.whole_file import write_whole
from facetry.errors import InvalidInputError

pytestmark = pytest.mark.usefixtures("in_an_empty_directory")


def failing(path: Path) -> None:
    path.write_text("half")
    raise OSError(28, "No space left on device")


def test_a_failed_write_leaves_the_old_file() -> None:
    Path("result.csv").write_text("old")
    with pytest.raises(InvalidInputError, match=r"cannot write result\.csv: No space left"):
        write_whole(Path("result.csv"), failing)
    assert Path("result.csv").read_text() == "old"
    assert [path.name for path in Path().iterdir()] == ["result.csv"]


def test_a_written_file_has_the_usual_mode() -> None:
    Path("usual").write_text("")
    write_whole(Path("result"), lambda path: path.write_text("x"))
    assert Path("result").stat().st_mode == Path("usual").stat().st_mode


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_is_written_to_and_not_replaced() -> None:
    os.mkfifo("pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_text()))
    reader.start()
    write_whole(Path("pipe"), lambda path: path.write_text("x"))
    reader.join(10)
    assert read == ["x"]
    assert Path("pipe").is_fifo()


def test_a_folder_is_no_file() -> None:
    Path("folder").mkdir()
    with pytest.raises(InvalidInputError, match="cannot write folder: Is a directory"):
        write_whole(Path("folder"), lambda path: path.write_text("x"))
