"""What `facetry demo` shows: a network whose target function, and so its features, are known.

The network learned a function of five inputs in [0, 1] with four quadrants in (x1, x2); see
`python/examples/train_piecewise.py`. Top left only x5 matters; top right x2, x3, x4; bottom left
x1, x3; bottom right x2, x4. The explanation shows how far the network learned just that.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from ..explain.explainer import Explainer
from ..models.load import load
from ..regions.analysis_region import AnalysisRegion
from ..show.plot import new_axes, plot_explanation

if TYPE_CHECKING:
    from ..base.foreign_types import Axes
    from ..models.model import Model
    from ..results.explanation import Explanation

__all__ = ["demo_explanation", "demo_model", "demo_picture"]

_FEATURES = ["x1", "x2", "x3", "x4", "x5"]


def demo_model() -> Model:
    """The network that ships with the package: 5 inputs, 32 + 32 ReLUs, 1 output."""
    with as_file(files("facetry.cli") / "demo_data" / "piecewise.onnx") as path:
        return load(path, feature_names=_FEATURES, output_names=["y"])


def demo_explanation() -> Explanation:
    """Its explanation where x1 and x2 vary over [0, 1] and the other inputs are 0.5."""
    explainer = Explainer(demo_model(), feature_ranges=[(0, 1)] * len(_FEATURES))
    region = AnalysisRegion.cut(0.5, {"x1": (0, 1), "x2": (0, 1)})
    return explainer.describe(region)


def demo_picture(explanation: Explanation) -> Axes:
    """Two maps side by side: the feature of rank 1, and the rank of x3."""
    left, right = new_axes(2)
    plot_explanation(explanation, color="leader", ax=left)
    return plot_explanation(explanation, color="rank", feature="x3", ax=right)
