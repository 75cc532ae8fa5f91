"""Pictures of two-dimensional partitions: the only module that imports matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.arguments import shown
from ..base.doors import draw
from ..base.printable import printable
from ..errors import InvalidInputError, MissingDependencyError
from ..explain.explainer import Explainer
from ..models.model import Model
from ..regions.region_parts import FeatureKey
from ..results.explanation import Explanation
from ..search.partition import Partition
from .outlines import Outlines
from .palette import CHOICES, DIVERGING, SEQUENTIAL, colours_of, region_colour
from .polygons import PlanarPartition, decided_pieces, planar

if TYPE_CHECKING:
    from ..base.foreign_types import Axes

__all__ = [
    "COLOURS",
    "check_colour",
    "new_axes",
    "plot_explanation",
    "plot_partition",
    "save_picture",
]

COLOURS = {
    "top": "each part of a region by the choice the model makes there",
    "leader": "each region by the feature of rank 1",
    "rank": "each region by the rank of one feature",
    "weight": "each region by the signed weight of one feature",
    "region": "neighbouring regions apart, nothing more",
}
"""What regions can be coloured by."""

_LEGEND_ROWS = 16


@draw.way_of(Partition)
def plot_partition(
    partition: Partition,
    *,
    color: str | None = None,
    feature: FeatureKey | None = None,
    output: str | int | None = None,
    explainer: Explainer | None = None,
    scale: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a two-dimensional partition in the units of its two features.

    Parameters
    ----------
    partition
        The regions.
    color
        One of `COLOURS`; by default ``"top"``, or ``"region"`` if the model makes no decision.
    feature
        For ``"weight"`` and ``"rank"``: the feature, by name or index.
    output
        For ``"weight"``, ``"rank"`` and ``"leader"``: the output; not needed if there is one only.
    explainer, scale
        Where expected ranges or standard deviations come from, and which to use, as in
        `Explainer.describe`. Without an explainer weights are plain coefficients.
    ax
        The axes to draw on; new ones if None.

    Returns
    -------
    The axes; nothing is shown.

    Raises
    ------
    InvalidInputError
        If the partition is not two-dimensional, or a name or an option is wrong or missing.
    MissingDependencyError
        If matplotlib is not installed.
    """
    if not isinstance(partition, Partition):
        raise InvalidInputError(f"a Partition can be drawn, not {shown(partition)}")
    if explainer is not None and not isinstance(explainer, Explainer):
        raise InvalidInputError(f"explainer must be an Explainer, not {shown(explainer)}")
    chosen = explainer or Explainer(partition.model)
    index = None if output is None else partition.model.output_index(output)
    return _plot(
        partition,
        lambda: chosen.describe(partition, index, scale),
        color=color,
        feature=feature,
        row=0 if index is not None or partition.model.output_size == 1 else None,
        ax=ax,
    )


@draw.way_of(Explanation)
def plot_explanation(
    explanation: Explanation,
    *,
    color: str | None = None,
    feature: FeatureKey | None = None,
    output: str | int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the partition that was explained; see `plot_partition`.

    Raises
    ------
    InvalidInputError
        If the explanation is of points or was read from a file, or as in `plot_partition`.
    """
    if not isinstance(explanation, Explanation):
        raise InvalidInputError(f"an Explanation can be drawn, not {shown(explanation)}")
    partition = explanation.partition
    if partition is None:
        raise InvalidInputError(
            "this explanation has no partition to draw (it is of points, or was read from a "
            "file); explain an analysis region, or plot a partition opened with facetry.open"
        )
    row = _row_of(explanation, partition.model, output)
    return _plot(partition, lambda: explanation, color=color, feature=feature, row=row, ax=ax)


def _row_of(explanation: Explanation, model: Model, output: str | int | None) -> int | None:
    """Which row of the explanation is meant; None if none is, but there are several."""
    names = explanation.output_names
    if output is None:
        return 0 if len(names) == 1 else None
    # what a query compares is not an output of the model
    known = isinstance(output, str) and output in names
    name = output if known else model.output_names[model.output_index(output)]
    if name not in names:
        shown = ", ".join(map(repr, names[:6]))
        raise InvalidInputError(f"output {name!r} is not in this explanation; there are {shown}")
    return names.index(name)


def check_colour(
    model: Model, color: str | None, feature: FeatureKey | None, output: int | None
) -> str:
    """The colouring that `plot_partition` will use.

    Raises
    ------
    InvalidInputError
        If it is unknown, or needs a feature, an output or a decision that there is not.
    """
    if color is None:
        color = "region" if model.decision.kind == "none" else "top"
    if not isinstance(color, str) or color not in COLOURS:
        raise InvalidInputError(f"color must be one of {', '.join(COLOURS)}, not {shown(color)}")
    if color == "top" and model.decision.kind == "none":
        raise InvalidInputError(
            "this model makes no decision, so regions cannot be coloured by it; "
            "use color='region', 'weight' or 'rank', or load the model with decision="
        )
    if color in ("rank", "weight"):
        if feature is None:
            raise InvalidInputError(f"color={color!r} needs a feature: feature=")
        model.feature_index(feature)
    if color in ("rank", "weight", "leader") and output is None and model.output_size > 1:
        listed = ", ".join(model.output_names[:6]) + (", ..." if model.output_size > 6 else "")
        raise InvalidInputError(f"say which output to draw with output=; there are {listed}")
    return color


def save_picture(ax: Axes, path: Path, format: str = "png") -> None:
    """Write the figure of `ax` to a file, as ``"png"`` or ``"svg"``."""
    figure: Any = ax.figure
    figure.savefig(path, format=format, dpi=150, bbox_inches="tight")


def new_axes(columns: int = 1) -> NDArray[Any]:
    """Fresh axes that belong to no window: shape (columns,)."""
    Figure = _matplotlib().figure.Figure
    figure = Figure(figsize=(6.4 * columns, 4.8), layout="constrained")
    axes: NDArray[Any] = figure.subplots(1, columns, squeeze=False)[0]
    return axes


def _matplotlib() -> Any:
    try:
        import matplotlib
        import matplotlib.collections
        import matplotlib.figure
        import matplotlib.patches
        import matplotlib.path
    except ImportError:
        raise MissingDependencyError("plots need matplotlib: pip install matplotlib") from None
    return matplotlib


def _new_shown_axes() -> Axes:
    _matplotlib()
    from matplotlib import pyplot

    figure = pyplot.figure(layout="constrained")
    return figure.add_subplot()


def _plot(
    partition: Partition,
    explain: Callable[[], Explanation],
    *,
    color: str | None,
    feature: FeatureKey | None,
    row: int | None,
    ax: Axes | None,
) -> Axes:
    color = check_colour(partition.model, color, feature, row)
    if ax is not None and not hasattr(ax, "add_collection"):
        raise InvalidInputError(f"ax must be axes of matplotlib, not {shown(ax)}")
    plane = planar(partition)
    painter = _Painter(partition, plane, ax)
    if color == "top":
        painter.paint_choices()
    elif color == "region":
        painter.paint_regions()
    else:
        painter.paint_weights(explain(), color, feature, row or 0)
    painter.finish()
    return painter.axes


class _Painter:
    """Draws one partition on one pair of axes."""

    def __init__(self, partition: Partition, plane: PlanarPartition, ax: Axes | None) -> None:
        self.partition, self.plane, self.model = partition, plane, partition.model
        self.matplotlib = _matplotlib()
        self.axes = _new_shown_axes() if ax is None else ax
        self.outlines = plane.outlines()

    # What is painted ------------------------------------------------------------------------

    def paint_choices(self) -> None:
        decision = self.model.decision
        pieces = decided_pieces(self.plane, decision.kind, decision.threshold)
        names = _choice_names(self.partition)
        colours = colours_of(pieces.choice.tolist(), len(names))
        self._fill(Outlines.of(pieces.polygons), pieces.choice, colours)
        self._legend([(names[i], colour) for i, colour in colours.items()])
        self.axes.set_title(_decision_title(self.partition))

    def paint_regions(self) -> None:
        # neighbours have near indices, hence the large step through the palette's soft colours
        colours = {index: region_colour(index) for index in range(len(CHOICES))}
        self._fill(self.outlines, np.arange(len(self.outlines)) % len(CHOICES), colours, alpha=0.45)
        self.axes.set_title(f"{len(self.outlines)} linear regions")

    def paint_weights(
        self, explanation: Explanation, color: str, feature: FeatureKey | None, row: int
    ) -> None:
        name = explanation.output_names[row]
        weights, ranks = explanation.weights[:, row], explanation.ranks[:, row]
        if color == "leader":
            self._paint_leaders(ranks, name)
            return
        assert feature is not None  # check_colour has seen to it
        index = self.model.feature_index(feature)
        what = f"{color} of {self.model.feature_names[index]}"
        self._title(what if self.model.output_size == 1 else f"{what} for {name}")
        if color == "rank":
            self._paint_ranks(ranks[:, index], ranks.shape[1])
        else:
            self._paint_signed(weights[:, index], explanation.scale)

    def _paint_leaders(self, ranks: NDArray[np.int64], output: str) -> None:
        leaders = (ranks == 1).argmax(axis=1)
        colours = colours_of(leaders.tolist(), self.model.input_size)
        self._fill(self.outlines, leaders, colours)
        self._legend([(self.model.feature_names[i], colour) for i, colour in colours.items()])
        title = "feature of rank 1"
        self._title(title if self.model.output_size == 1 else f"{title} for {output}")

    def _paint_ranks(self, ranks: NDArray[np.int64], worst: int) -> None:
        colours = self.matplotlib.colormaps[SEQUENTIAL].resampled(worst)
        levels = self.matplotlib.colors.BoundaryNorm(np.arange(0.5, worst + 1), worst)
        collection = self._fill_values(ranks, colours, levels)
        step = -(-worst // 10)
        bar = self._colour_bar(
            collection, "rank (1: largest weight)", np.arange(1, worst + 1, step)
        )
        bar.ax.invert_yaxis()
        bar.ax.minorticks_off()

    def _paint_signed(self, weights: ArrayLike, scale: str) -> None:
        values = np.asarray(weights)
        # a few extreme regions must not wash out all others: the colours end at the 99th percentile
        limit = float(np.percentile(np.abs(values), 99)) or float(np.abs(values).max()) or 1.0
        levels = self.matplotlib.colors.Normalize(-limit, limit)
        collection = self._fill_values(values, self.matplotlib.colormaps[DIVERGING], levels)
        label = "weight" if scale == "none" else f"weight ({scale} scale)"
        beyond = bool((np.abs(values) > limit).any())
        self._colour_bar(collection, label, extend="both" if beyond else "neither")

    def _title(self, text: str) -> None:
        self.axes.set_title(_label(text))

    # How it is painted ----------------------------------------------------------------------

    def _fill(
        self,
        outlines: Outlines,
        groups: NDArray[np.int64],
        colours: dict[int, str],
        alpha: float = 1.0,
    ) -> None:
        # each face has an edge of its own colour, else thin white seams show between neighbours
        edges = "face" if alpha == 1.0 else "none"
        paths, numbers = self._joined(outlines, groups)
        faces = [colours[number] for number in numbers]
        self._add(paths, facecolors=faces, edgecolors=edges, linewidths=0.4, alpha=alpha)

    def _fill_values(self, values: NDArray[Any], colours: Any, levels: Any) -> Any:
        # what has the same colour is one group, and shows the first of its values
        shades = colours(levels(values), bytes=True)
        _, firsts, groups = np.unique(shades, axis=0, return_index=True, return_inverse=True)
        paths, numbers = self._joined(self.outlines, groups.reshape(-1))
        shown = values[firsts[numbers]]
        return self._add(
            paths, array=shown, cmap=colours, norm=levels, edgecolors="face", linewidths=0.4
        )

    def _joined(self, outlines: Outlines, groups: NDArray[np.int64]) -> tuple[list[Any], list[int]]:
        """Few paths through many polygons, and the group of each."""
        Path = self.matplotlib.path.Path
        paths, numbers = [], []
        for number, corners, begins in outlines.joined(groups):
            codes = np.where(begins, Path.MOVETO, Path.LINETO).astype(Path.code_type)
            codes[np.append(begins[1:], True)] = Path.CLOSEPOLY
            paths.append(Path(corners, codes))
            numbers.append(number)
        return paths, numbers

    def _add(self, paths: list[Any], **options: Any) -> Any:
        collection = self.matplotlib.collections.PathCollection(paths, **options)
        self.axes.add_collection(collection, autolim=False)
        return collection

    def _colour_bar(self, collection: Any, label: str, ticks: Any = None, **options: Any) -> Any:
        figure: Any = self.axes.figure
        return figure.colorbar(collection, ax=self.axes, label=label, ticks=ticks, **options)

    def _legend(self, entries: list[tuple[str, str]]) -> None:
        patches = [
            self.matplotlib.patches.Patch(facecolor=colour, label=_label(name))
            for name, colour in entries
        ]
        self.axes.legend(
            handles=patches[: 3 * _LEGEND_ROWS],
            loc="upper left",
            bbox_to_anchor=(1.02, 1.0),
            borderaxespad=0.0,
            frameon=False,
            ncols=1 + (len(patches) - 1) // _LEGEND_ROWS,
        )

    def finish(self) -> None:
        """Borders of the regions, names of the axes, and whether something is missing."""
        width = float(np.clip(10.0 / np.sqrt(len(self.outlines)), 0.1, 0.6))
        # regions beside each other are in different paths, so that each draws its half of a line
        paths, _ = self._joined(self.outlines, self.partition.state_parities())
        self._add(paths, facecolors="none", edgecolors="black", linewidths=width, alpha=0.55)
        names = [self.model.feature_names[index] for index in self.plane.axes]
        self.axes.set_xlabel(_label(names[0]))
        self.axes.set_ylabel(_label(names[1]))
        low, high = self.plane.points.min(axis=0), self.plane.points.max(axis=0)
        self.axes.update_datalim([low, high])
        self.axes.set_xlim(low[0], high[0])
        self.axes.set_ylim(low[1], high[1])
        if self.partition.status != "complete":
            self.axes.patch.set(facecolor="white", edgecolor="0.6", hatch="////")
            self.axes.set_title(f"{self.axes.get_title()} (incomplete: hatched is not searched)")


def _choice_names(partition: Partition) -> list[str]:
    model = partition.model
    if model.decision.kind != "threshold":
        return list(model.output_names)
    labels = list(model.tail.labels)
    if len(labels) == 2:
        return labels
    name, threshold = model.output_names[0], f"{model.decision.threshold:g}"
    return [f"{name} ≤ {threshold}", f"{name} > {threshold}"]


def _label(name: str) -> str:
    """A name as matplotlib shows it: "$" begins a formula, a leading "_" hides an entry."""
    text = printable(name).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def _decision_title(partition: Partition) -> str:
    kind = partition.model.decision.kind
    return {"highest": "highest output", "lowest": "lowest output"}.get(kind, "decision")
