"""Options of the whole test suite."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--run-slow", action="store_true", help="also run the tests marked slow")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--run-slow"):
        return
    skip = pytest.mark.skip(reason="slow: runs with --run-slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def in_an_empty_directory(tmp_path, monkeypatch):
    """The test's working directory is new and empty; what it writes there goes away with it."""
    monkeypatch.chdir(tmp_path)
