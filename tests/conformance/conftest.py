"""The networks and data sets made by others that these tests run on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The data directory: $FACETRY_DATA, else ../shared/data beside the project.

    Without it the tests skip; with FACETRY_REQUIRE_DATA=1 they fail instead.
    """
    project = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("FACETRY_DATA") or project.parent / "shared" / "data")
    if not (folder / "INDEX.md").exists():
        reason = f"no data in {folder}: set FACETRY_DATA to the folder that holds INDEX.md"
        if os.environ.get("FACETRY_REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
