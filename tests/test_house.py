"""House rules: rooms, one home for each heavy library, the public surface, the version."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import facetry
from facetry.search.options import RegionKeywords, SearchKeywords

PROJECT = Path(__file__).resolve().parents[1]
CPP = PROJECT / "cpp"
PACKAGE = PROJECT / "python" / "facetry"

ROOMS = [
    "base", "kernels", "optimize", "geometry", "network", "state", "regions", "search", "partition",
    "milp", "explain",
]  # fmt: skip

INCLUDE = re.compile(r'#include "(?:facetry/)?(\w+)/')

PYTHON_ROOMS = [
    "base", "models", "regions", "search", "results", "questions", "explain", "show", "files",
    "cli",
]  # fmt: skip

# base/foreign_types.py names types of others for signatures, and imports nothing at run time.
LIBRARY_HOMES = {
    "onnx": {f"models/onnx/{name}.py" for name in ("file", "validity", "infer", "evaluate")},
    "onnxruntime": {"models/onnx/runtime_reference.py"},
    "matplotlib": {"show/plot.py", "base/foreign_types.py"},
    "pandas": {"files/table.py", "base/foreign_types.py"},
    "pyarrow": {"files/table.py"},
    "narwhals": {"base/frames.py"},
    "yaml": {"files/region_file.py"},
    "tqdm": {"search/progress.py"},
    "torch": {"models/torch_model.py", "models/torch_layers.py"},
    "sklearn": {"models/sklearn_model.py"},
    "ortools": {"search/ortools_solver.py"},
}
MOST_LINES = 450
TOP_LEVEL = {
    ".ci", ".clang-format", ".git", ".github", ".gitignore", ".pre-commit-config.yaml",
    "CHANGELOG.md", "CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE",
    "README.md", "benchmarks", "bindings", "cpp", "docs", "examples", "pyproject.toml", "python",
    "tests",
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
    users = {p.name for p in core_files() if "<Eigen/" in p.read_text()}
    assert users == {"linear_algebra.hpp", "decompositions.cpp"}


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


def package_files():
    return sorted(PACKAGE.rglob("*.py"))


def module_name(path):
    parts = ("facetry", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in package_files()}


def imports_of(path):
    """The top packages that a file imports from outside, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def own_imports(name):
    """The modules of the package that a module imports, also inside functions and for types."""
    path = MODULES[name]
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or node.level == 0:
            continue
        base = [*package[: len(package) - node.level + 1], *filter(None, [node.module])]
        for alias in node.names:
            full = ".".join([*base, alias.name])
            if "_core" not in (*base, alias.name):
                yield full if full in MODULES else ".".join(base)


def python_room(name):
    """The number of a module's room; -1 for errors.py, which all rooms use; the top is last."""
    parts = name.split(".")
    if len(parts) > 1 and parts[1] in PYTHON_ROOMS:
        return PYTHON_ROOMS.index(parts[1])
    return -1 if name == "facetry.errors" else len(PYTHON_ROOMS)


@pytest.mark.parametrize("name", MODULES)
def test_python_rooms_import_only_rooms_to_their_left(name):
    # The command line says the version, which stands at the top.
    allowed = python_room(name) + (name == "facetry.cli.main")
    for other in own_imports(name):
        assert python_room(other) <= allowed, f"{name} imports {other}"


def in_circles(graph):
    """What is left of a graph (from each name to those it needs) once all that can go is gone."""
    left = {name: set(others) - {name} for name, others in graph.items()}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_python_modules_import_each_other_in_no_circle():
    graph = {name: set(own_imports(name)) - {"facetry"} for name in MODULES}
    assert in_circles(graph) == []


def test_cpp_files_include_each_other_in_no_circle():
    homes = (CPP / "include", CPP / "src")
    graph = {}
    for path in core_files():
        own = re.findall(r'#include "([^"]+)"', path.read_text())
        graph[path] = [home / name for name in own for home in homes if (home / name).exists()]
    assert in_circles(graph) == []


@pytest.mark.parametrize("library", LIBRARY_HOMES)
def test_each_heavy_library_has_one_home(library):
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in package_files()
        if library in imports_of(path)
    }
    assert users <= LIBRARY_HOMES[library]


def test_heavy_libraries_are_imported_only_when_used():
    heavy = ", ".join(map(repr, LIBRARY_HOMES))
    check = f"import sys, facetry; print([name for name in ({heavy},) if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_files_are_of_a_readable_size():
    files = [*core_files(), *package_files(), *(PROJECT / "bindings").glob("*.cpp")]
    long = {p.name: n for p in files if (n := len(p.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_the_public_surface():
    assert sorted(facetry.__all__) == sorted(
        """AnalysisRegion BoundaryPoint Bounds CheckReport Corners Decision Explainer
        Explanation Extrema ExtremaValue Facet FacetArrays FacetryError Feature FeatureScales
        FileFormatError FlatUnits Fold FoldResult FoldSums Frontier Halfspaces Histogram
        HistogramValue
        InvalidInputError LinearRegion MissingDependencyError Model ModelLoadError NumericalError
        Optimum OutputCondition Partition Property ReadLimits RegionError RegionStream
        Schema SearchOptions SolverError Sum Tail TailPart TailStep TightUnit UndecidedCut
        UnsupportedOperatorError Verdict VerifyResult __version__ boundary_distance bounds
        can_win describe disagreement explain_points fold fold_stream iter_regions join load maximum
        minimum open partition plot_explanation plot_partition query validity_regions verify
        write_regions""".split()  # noqa: SIM905
    )
    assert dir(facetry) == sorted(facetry.__all__)
    for name in facetry.__all__:
        assert hasattr(facetry, name)


@pytest.mark.parametrize("name", MODULES)
def test_nothing_hides_a_module(name):
    package, _, own = name.rpartition(".")
    if package and own != "__main__":
        importlib.import_module(name)
        assert inspect.ismodule(getattr(importlib.import_module(package), own))


def test_every_search_takes_the_same_options():
    shared = {"threads", "time_limit", "memory_limit", "exactness", "cell", "cancel", "progress"}
    assert set(SearchKeywords.__annotations__) == shared
    assert set(RegionKeywords.__annotations__) == shared | {"max_regions"}
    lists = ("partition", "iter_regions", "write_regions", "query", "describe", "disagreement")
    others = ("maximum", "minimum", "can_win", "boundary_distance", "verify")
    for name in (*lists, *others):
        options = inspect.signature(getattr(facetry, name)).parameters["options"]
        kind = "RegionKeywords" if name in lists else "SearchKeywords"
        assert options.annotation == f"Unpack[{kind}]", name


def test_every_error_derives_from_one_class():
    for name in facetry.errors.__all__:
        assert issubclass(getattr(facetry.errors, name), facetry.FacetryError)


def test_the_version_stands_in_one_place():
    version = re.search(r'^version = "(.+)"', (PROJECT / "pyproject.toml").read_text(), re.M)[1]
    # CHANGELOG.md names releases, the file of LICENSE and data files hold other numbers.
    sources = [*core_files(), *package_files(), *(PROJECT / "bindings").glob("*.cpp")]
    sources += [PROJECT / "README.md", PROJECT / "CMakeLists.txt"]
    assert [p.name for p in sources if f'"{version}"' in p.read_text()] == []


def test_the_top_level_holds_nothing_else():
    names = {path.name for path in PROJECT.iterdir()}
    extra = {n for n in names - TOP_LEVEL - MADE_BY_TOOLS if not n.startswith(".venv")}
    assert not extra
