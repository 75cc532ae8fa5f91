"""House rules: rooms, one home for each heavy library, the public surface, the version."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import facetry

PROJECT = Path(__file__).resolve().parents[1]
CPP = PROJECT / "cpp"
PACKAGE = PROJECT / "python" / "facetry"

ROOMS = [
    "base", "kernels", "optimize", "geometry", "network", "state", "regions", "search", "partition",
    "milp", "explain",
]  # fmt: skip

INCLUDE = re.compile(r'#include "(?:facetry/)?(\w+)/')

LIBRARY_HOMES = {
    "onnx": {"onnx_file.py"},
    "onnxruntime": {"onnxruntime_reference.py"},
    "matplotlib": {"plot.py"},
    "pandas": {"table.py"},
    "pyarrow": {"table.py"},
    "yaml": {"region_file.py", "cli_region.py"},
    "tqdm": {"progress.py"},
    "torch": {"torch_model.py", "torch_layers.py"},
    "sklearn": {"sklearn_model.py"},
    "ortools": {"ortools_solver.py"},
}
MOST_LINES = 450
TOP_LEVEL = {
    ".ci", ".git", ".gitignore", "CHANGELOG.md", "CMakeLists.txt", "LICENSE", "README.md",
    "benchmarks", "bindings", "cpp", "pyproject.toml", "python", "tests",
}  # fmt: skip
MADE_BY_TOOLS = {"build", "dist", ".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache",
                 ".hypothesis", "__pycache__", ".benchmarks", "facetry_demo.png"}  # fmt: skip


def core_files():
    return [path for path in CPP.rglob("*") if path.suffix in {".cpp", ".hpp"}]


def room_of(path):
    parts = path.relative_to(CPP).parts
    return parts[2] if parts[0] == "include" else parts[1]


@pytest.mark.parametrize("path", core_files(), ids=lambda path: path.name)
def test_rooms_include_only_rooms_to_their_left(path):
    if room_of(path) not in ROOMS:  # the umbrella header
        return
    own = ROOMS.index(room_of(path))
    for room in INCLUDE.findall(path.read_text()):
        assert room in ROOMS, f"{path.name} includes from {room}, which is no room"
        assert ROOMS.index(room) <= own, f"{path.name} ({room_of(path)}) includes from {room}"


def test_one_file_knows_openmp():
    users = [p.name for p in core_files() if re.search(r"omp\.h|#pragma omp", p.read_text())]
    assert users == ["parallel.cpp"]


def test_one_file_calls_ortools():
    users = [p.name for p in core_files() if re.search(r"dlopen|MathOptSolve\b", p.read_text())]
    assert users == ["ortools_library.cpp"]


def test_one_header_knows_the_matrix_library():
    users = [p.name for p in core_files() if "<Eigen/" in p.read_text()]
    assert users == ["linear_algebra.hpp"]


@pytest.mark.parametrize("path", core_files(), ids=lambda path: path.name)
def test_the_core_never_prints_aborts_or_reads_the_environment(path):
    text = re.sub(r"//.*", "", path.read_text())
    for word in ("std::cout", "std::cerr", "printf", "abort(", "exit(", "getenv", "assert("):
        assert not re.search(rf"(?<!\w){re.escape(word)}", text), f"{path.name} uses {word}"


@pytest.mark.parametrize("path", core_files(), ids=lambda path: path.name)
def test_tolerances_have_one_home(path):
    if path.name == "tolerances.hpp":
        return
    text = re.sub(r"//.*", "", path.read_text())
    bare = [line.strip() for line in text.splitlines() if re.search(r"\b\d(\.\d+)?e-\d+\b", line)]
    assert not bare, f"{path.name} holds a bare tolerance: {bare}"


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("library", LIBRARY_HOMES)
def test_each_heavy_library_has_one_home(library):
    users = {path.name for path in PACKAGE.glob("*.py") if library in imports_of(path)}
    assert users <= LIBRARY_HOMES[library]


def test_files_are_of_a_readable_size():
    files = [*core_files(), *PACKAGE.glob("*.py"), *(PROJECT / "bindings").glob("*.cpp")]
    long = {p.name: n for p in files if (n := len(p.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_the_public_surface():
    assert sorted(facetry.__all__) == sorted(
        """AnalysisRegion BoundaryPoint Bounds CheckReport Corners Decision Explainer
        Explanation Extrema ExtremaValue Facet FacetArrays FacetryError FileFormatError
        FlatUnits Fold Frontier Halfspaces Histogram HistogramValue InvalidInputError
        LinearRegion MissingDependencyError Model ModelLoadError NumericalError Optimum
        OutputCondition Partition Property RegionError RegionStream SolverError Sum Tail TailPart
        TailStep TightUnit UndecidedCut UnsupportedOperatorError Validity Verdict
        VerifyResult __version__ bounds disagreement fold iter_regions join load open partition
        plot_explanation plot_partition validity_regions verify write_regions""".split()  # noqa: SIM905
    )
    for name in facetry.__all__:
        assert hasattr(facetry, name)


def test_every_error_derives_from_one_class():
    for name in facetry.errors.__all__:
        assert issubclass(getattr(facetry.errors, name), facetry.FacetryError)


def test_the_version_stands_in_one_place():
    version = re.search(r'^version = "(.+)"', (PROJECT / "pyproject.toml").read_text(), re.M)[1]
    # CHANGELOG.md names releases, the file of LICENSE and data files hold other numbers.
    sources = [*core_files(), *PACKAGE.glob("*.py"), *(PROJECT / "bindings").glob("*.cpp")]
    sources += [PROJECT / "README.md", PROJECT / "CMakeLists.txt"]
    assert [p.name for p in sources if f'"{version}"' in p.read_text()] == []


def test_the_top_level_holds_nothing_else():
    names = {path.name for path in PROJECT.iterdir()}
    extra = {n for n in names - TOP_LEVEL - MADE_BY_TOOLS if not n.startswith(".venv")}
    assert not extra
