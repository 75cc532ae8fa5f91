"""Exact, continuous explanations of piecewise-linear neural networks.

A network of affine and piecewise-linear layers is, on a region of its inputs, a finite set of
linear models, each valid on a convex polytope. facetry finds all of them and explains them.

>>> import facetry
>>> model = facetry.load([([[1.0, 1.0], [1.0, -1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
>>> found = facetry.partition(model, facetry.AnalysisRegion.box([-1, -1], [1, 1]))
>>> len(found)
4
"""

from importlib.metadata import PackageNotFoundError, version

from .bounds import Bounds, bounds
from .compare_models import disagreement, join
from .decision import Decision
from .errors import (
    FacetryError,
    FileFormatError,
    InvalidInputError,
    MissingDependencyError,
    ModelLoadError,
    NumericalError,
    RegionError,
    SolverError,
    UnsupportedOperatorError,
)
from .explainer import Explainer
from .explanation import Explanation, Validity
from .folds import Extrema, ExtremaValue, Fold, Histogram, HistogramValue, Sum, fold
from .frontier import Frontier
from .linear_region import Facet, FacetArrays, LinearRegion, TightUnit, UndecidedCut
from .load import load
from .model import CheckReport, Model
from .optimum import BoundaryPoint, Optimum, Verdict
from .output_condition import OutputCondition
from .partition import (
    Corners,
    FlatUnits,
    Halfspaces,
    Partition,
    partition,
    validity_regions,
)
from .partition_file import open_partition as open
from .plot import plot_explanation, plot_partition
from .region import AnalysisRegion
from .region_writer import write_regions
from .stream import RegionStream, iter_regions
from .tail import Tail, TailPart, TailStep
from .verify import VerifyResult, verify
from .vnnlib import Property

try:
    __version__ = version("facetry")
except PackageNotFoundError:  # used from a source tree that is not installed
    __version__ = "0+unknown"

__all__ = [
    "AnalysisRegion",
    "BoundaryPoint",
    "Bounds",
    "CheckReport",
    "Corners",
    "Decision",
    "Explainer",
    "Explanation",
    "Extrema",
    "ExtremaValue",
    "Facet",
    "FacetArrays",
    "FacetryError",
    "FileFormatError",
    "FlatUnits",
    "Fold",
    "Frontier",
    "Halfspaces",
    "Histogram",
    "HistogramValue",
    "InvalidInputError",
    "LinearRegion",
    "MissingDependencyError",
    "Model",
    "ModelLoadError",
    "NumericalError",
    "Optimum",
    "OutputCondition",
    "Partition",
    "Property",
    "RegionError",
    "RegionStream",
    "SolverError",
    "Sum",
    "Tail",
    "TailPart",
    "TailStep",
    "TightUnit",
    "UndecidedCut",
    "UnsupportedOperatorError",
    "Validity",
    "Verdict",
    "VerifyResult",
    "__version__",
    "bounds",
    "disagreement",
    "fold",
    "iter_regions",
    "join",
    "load",
    "open",
    "partition",
    "plot_explanation",
    "plot_partition",
    "validity_regions",
    "verify",
    "write_regions",
]
