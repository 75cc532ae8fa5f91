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

from .base.read_limits import ReadLimits
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
from .explain.explainer import Explainer
from .files.open_file import open_file as open
from .files.region_writer import write_regions
from .models.decision import Decision
from .models.feature import Feature
from .models.join import join
from .models.load import load
from .models.model import CheckReport, Model
from .models.schema import Schema
from .models.tail import Tail, TailPart, TailStep
from .questions.boundary_distance import BoundaryPoint, boundary_distance
from .questions.bounds import Bounds, bounds
from .questions.can_win import Verdict, can_win
from .questions.describe import describe
from .questions.disagreement import disagreement
from .questions.explain_points import explain_points
from .questions.extremes import Optimum, maximum, minimum
from .questions.fold import FoldResult, FoldSums, fold
from .questions.output_condition import OutputCondition
from .questions.query import query
from .questions.verify import VerifyResult, verify
from .questions.vnnlib import Property
from .regions.analysis_region import AnalysisRegion
from .results.explanation import Explanation
from .results.scales import FeatureScales
from .search.folds import Extrema, ExtremaValue, Fold, Histogram, HistogramValue, Sum, fold_stream
from .search.frontier import Frontier
from .search.linear_region import Facet, FacetArrays, LinearRegion, TightUnit, UndecidedCut
from .search.options import SearchOptions
from .search.partition import Partition, partition, validity_regions
from .search.region_arrays import Corners, FlatUnits, Halfspaces
from .search.stream import RegionStream, iter_regions
from .show.plot import plot_explanation, plot_partition

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
    "Feature",
    "FeatureScales",
    "FileFormatError",
    "FlatUnits",
    "Fold",
    "FoldResult",
    "FoldSums",
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
    "ReadLimits",
    "RegionError",
    "RegionStream",
    "Schema",
    "SearchOptions",
    "SolverError",
    "Sum",
    "Tail",
    "TailPart",
    "TailStep",
    "TightUnit",
    "UndecidedCut",
    "UnsupportedOperatorError",
    "Verdict",
    "VerifyResult",
    "__version__",
    "boundary_distance",
    "bounds",
    "can_win",
    "describe",
    "disagreement",
    "explain_points",
    "fold",
    "fold_stream",
    "iter_regions",
    "join",
    "load",
    "maximum",
    "minimum",
    "open",
    "partition",
    "plot_explanation",
    "plot_partition",
    "query",
    "validity_regions",
    "verify",
    "write_regions",
]


def __dir__() -> list[str]:
    """The public surface, and nothing else."""
    return __all__
