"""Pictures: what is drawn, checked by structure, by sampling the network, and by a few pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from facetry.errors import InvalidInputError
from facetry.explain.explainer import Explainer
from facetry.models.load import load
from facetry.models.model import Model
from facetry.regions.analysis_region import AnalysisRegion
from facetry.search.partition import Partition, partition
from facetry.show import polygons
from facetry.show.outlines import Outlines
from facetry.show.palette import CHOICES
from facetry.show.plot import plot_partition, save_picture
from facetry.show.polygons import decided_pieces, planar

mpl.use("Agg")
EXAMPLES = Path(__file__).parents[2] / "python" / "examples"


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    pyplot.close("all")


def random_model(outputs: int, decision: str | float | None = None, seed: int = 0) -> Model:
    """A random network with 3 inputs a, b, c and 16 ReLUs."""
    random = np.random.default_rng(seed)
    layers = [(random.normal(size=(16, 3)), random.normal(size=16))]
    layers.append((random.normal(size=(outputs, 16)), random.normal(size=outputs)))
    return load(layers, feature_names=["a", "b", "c"], decision=decision)


def cut_of(model: Model) -> Partition:
    return partition(model, AnalysisRegion.cut([0, 0.3, 0], {"a": (-2, 2), "c": (-1, 3)}))


def planes_model() -> Model:
    """Output 0 is x, output 1 is y: output 0 wins below the diagonal."""
    return load([(np.eye(2), np.zeros(2)), (np.eye(2), np.zeros(2))])


# Regions in the plane ---------------------------------------------------------------------------


def test_planar_models_are_those_of_the_network() -> None:
    model = random_model(3)
    plane = planar(cut_of(model))
    assert plane.axes == (0, 2)
    for polygon, slopes, heights in zip(plane.polygons(), plane.slopes, plane.heights, strict=True):
        centre = polygon.mean(axis=0)
        point = np.array([centre[0], 0.3, centre[1]])
        np.testing.assert_allclose(slopes @ centre + heights, model(point)[0], rtol=1e-9)


def test_a_slanted_plane_is_drawn_over_two_of_its_features() -> None:
    model = random_model(3)
    # the plane c = a + b / 10, up to rounding
    corners: list[list[float]] = [[0, 0, 0], [1, 0, 1], [0, 1, 0.1], [1, 1, 1.1]]
    found = partition(model, AnalysisRegion.around(corners, hull=True))
    plane = planar(found)
    assert plane.axes in {(0, 1), (1, 2)}
    for polygon, slopes, heights in zip(plane.polygons(), plane.slopes, plane.heights, strict=True):
        p = polygon.mean(axis=0)
        a, b = (p[0], p[1]) if plane.axes == (0, 1) else (p[1] - p[0] / 10, p[0])
        point = np.array([a, b, a + b / 10])
        np.testing.assert_allclose(slopes @ p + heights, model(point)[0], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("decision", ["highest", "lowest", 0.5])
def test_pieces_show_the_decision_at_every_point(decision: str | float) -> None:
    model = random_model(1 if decision == 0.5 else 5, decision)
    plane = planar(cut_of(model))
    pieces = decided_pieces(plane, model.decision.kind, model.decision.threshold)
    assert len(np.unique(pieces.choice)) > 1
    points = np.random.default_rng(4).uniform([-2, -1], [2, 3], size=(3000, 2))
    owner = np.full(len(points), -1)
    hits = np.zeros(len(points), dtype=int)
    for piece, polygon in enumerate(pieces.polygons):
        inside = Outline(polygon).contains_points(points)
        owner[inside], hits = piece, hits + inside
    assert (hits == 1).mean() > 0.999  # a few points fall on lines
    seen = hits == 1
    full = np.column_stack([points[:, 0], np.full(len(points), 0.3), points[:, 1]])
    np.testing.assert_array_equal(pieces.choice[owner[seen]], model.decide(full[seen]))


def test_pieces_cover_the_cut() -> None:
    plane = planar(cut_of(random_model(5, "highest")))
    pieces = decided_pieces(plane, "highest")
    area = sum(abs(np.linalg.det([p[i] - p[0], p[i + 1] - p[0]])) / 2
               for p in pieces.polygons for i in range(1, len(p) - 1))  # fmt: skip
    assert area == pytest.approx(16.0, rel=1e-6)


def test_an_output_that_wins_only_inside_a_region_is_found() -> None:
    # on [0, 4]: y0 = 3 - x, y1 = x - 1, and y2 = 1.5 wins only between 1.5 and 2.5
    outputs = np.array([[-1.0, 0], [1, 0], [0, 0]])
    layers = [(np.eye(2), np.zeros(2)), (outputs, np.array([3.0, -1, 1.5]))]
    found = partition(load(layers), AnalysisRegion.box(0, 4))
    pieces = decided_pieces(planar(found), "highest")
    spans = {
        int(choice): (polygon[:, 0].min(), polygon[:, 0].max())
        for polygon, choice in zip(pieces.polygons, pieces.choice, strict=True)
    }
    assert spans == {0: (0.0, 1.5), 1: (2.5, 4.0), 2: (1.5, 2.5)}


def test_equal_outputs_go_to_the_lowest_index() -> None:
    layers = [(np.eye(2), np.zeros(2)), (np.ones((3, 2)), np.array([0.0, 1, 1]))]
    found = partition(load(layers), AnalysisRegion.box(0, 1))
    assert set(decided_pieces(planar(found), "highest").choice.tolist()) == {1}


@pytest.mark.parametrize("decision", ["highest", "lowest"])
def test_outputs_that_cannot_win_change_no_piece(
    decision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane = planar(cut_of(random_model(7, decision, seed=4)))
    quick = decided_pieces(plane, decision)
    monkeypatch.setattr(polygons, "_rivals", lambda values: list(range(values.shape[1])))
    slow = decided_pieces(plane, decision)
    np.testing.assert_array_equal(quick.region, slow.region)
    np.testing.assert_array_equal(quick.choice, slow.choice)
    for piece, expected in zip(quick.polygons, slow.polygons, strict=True):
        assert _area_of(piece) == pytest.approx(_area_of(expected))


def test_joined_outlines_are_the_polygons() -> None:
    random = np.random.default_rng(3)
    own = [random.normal(size=(count, 2)) for count in random.integers(3, 9, size=1000)]
    groups = random.integers(0, 3, size=1000)
    found: dict[int, list[np.ndarray]] = {0: [], 1: [], 2: []}
    for group, corners, begins in Outlines.of(own).joined(groups):
        assert len(corners) < 1500
        found[group] += np.split(corners, np.flatnonzero(begins)[1:])
    for group, closed in found.items():
        expected = [own[index] for index in np.flatnonzero(groups == group)]
        for polygon, outline in zip(expected, closed, strict=True):
            np.testing.assert_array_equal(outline, [*polygon, polygon[0]])


def test_regions_beside_each_other_have_other_parities() -> None:
    found = cut_of(random_model(2))
    parities = found.state_parities()
    np.testing.assert_array_equal(parities, found.states.sum(axis=1) % 2)
    neighbours = found.facets.neighbor
    owners = np.repeat(np.arange(len(found)), np.diff(found.halfspaces.offsets))
    inner = neighbours >= 0
    assert (parities[owners[inner]] != parities[neighbours[inner]]).all()


# Pictures ---------------------------------------------------------------------------------------


def drawn_polygons(ax: mpl.axes.Axes) -> list[int]:
    return [_polygons_of(c) for c in ax.collections if isinstance(c, PathCollection)]


def _polygons_of(collection: PathCollection) -> int:
    return sum(int((path.codes == Outline.CLOSEPOLY).sum()) for path in collection.get_paths())


def legend_names(ax: mpl.axes.Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_axes_are_named_and_span_the_region() -> None:
    ax = plot_partition(cut_of(random_model(3)))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "c")
    assert ax.get_xlim() == pytest.approx((-2, 2))
    assert ax.get_ylim() == pytest.approx((-1, 3))


def test_given_axes_are_drawn_on_and_returned() -> None:
    ax = Figure().subplots()
    assert plot_partition(cut_of(random_model(3)), ax=ax) is ax
    assert not pyplot.get_fignums()


def test_legend_names_the_outputs_that_win() -> None:
    ax = plot_partition(partition(planes_model(), AnalysisRegion.box(0, 1)))
    assert legend_names(ax) == ["y0", "y1"]
    one = plot_partition(partition(planes_model(), AnalysisRegion.box([2, 0], [3, 1])))
    assert legend_names(one) == ["y0"]


def test_threshold_names_both_sides() -> None:
    model = load([(np.eye(2), np.zeros(2)), (np.array([[1.0, -1]]), np.zeros(1))], decision=0.25)
    ax = plot_partition(partition(model, AnalysisRegion.box(0, 1)))
    assert legend_names(ax) == ["y0 ≤ 0.25", "y0 > 0.25"]


@pytest.mark.parametrize("color", ["region", "leader", "rank", "weight"])
def test_every_region_is_drawn_with_a_border(color: str) -> None:
    found = cut_of(random_model(1))
    feature = "b" if color in ("rank", "weight") else None
    ax = plot_partition(found, color=color, feature=feature)
    assert drawn_polygons(ax) == [len(found), len(found)]


@pytest.mark.parametrize("color", ["rank", "weight"])
def test_each_region_has_the_colour_of_its_number(color: str) -> None:
    found = cut_of(random_model(2))
    explainer = Explainer(found.model, feature_ranges=[(0, 1), (0, 20), (-1, 1)])
    explanation = explainer.describe(found)
    values = (explanation.ranks if color == "rank" else explanation.weights)[:, 1, 1]
    ax = plot_partition(found, color=color, feature="b", output="y1", explainer=explainer)
    filled = ax.collections[0]
    shown = filled.to_rgba(filled.get_array())
    for point, expected in zip(found.interior_points, filled.to_rgba(values), strict=True):
        paths = [path.contains_point(point[[0, 2]]) for path in filled.get_paths()]
        np.testing.assert_array_equal(shown[paths], [expected])


def test_an_explanation_plots_itself() -> None:
    found = cut_of(random_model(2))
    ax = Explainer(found.model).describe(found, "y1").plot(color="rank", feature="a")
    assert "rank of a for y1" in ax.get_title()


def test_a_partition_plots_itself() -> None:
    ax = cut_of(random_model(2)).plot(color="region")
    assert isinstance(ax, mpl.axes.Axes)
    assert ax.get_xlabel() == "a"


def test_an_incomplete_partition_is_marked() -> None:
    region = AnalysisRegion.cut(0, {"a": (-2, 2), "c": (-1, 3)})
    ax = plot_partition(partition(random_model(2), region, max_regions=3))
    assert "incomplete" in ax.get_title()


def test_pixels_have_the_colour_of_the_choice() -> None:
    figure = Figure(figsize=(4, 4), dpi=100)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    plot_partition(partition(planes_model(), AnalysisRegion.box(0, 1)), ax=ax)
    ax.legend([]).remove()
    ax.set_title("")
    ax.axis("off")
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    image = np.asarray(pixels)[..., :3] / 255.0
    for x, y, choice in ((0.9, 0.1, 0), (0.1, 0.9, 1), (0.6, 0.5, 0), (0.5, 0.6, 1)):
        pixel = image[int((1 - y) * 400), int(x * 400)]
        np.testing.assert_allclose(pixel, to_rgb(CHOICES[choice]), atol=0.01)


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_pictures_are_written(tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"picture{suffix}"
    save_picture(plot_partition(cut_of(random_model(2))), path, suffix[1:])
    assert path.read_bytes().startswith(start)


# How red-green colour-blind people see linear RGB (Machado, Oliveira and Fernandes, 2009).
DEUTERANOPIA = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
PROTANOPIA = [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]


def lab_of(linear: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB rows: distances are as large as they look."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(np.clip(linear, 0, 1) @ to_xyz.T / [0.9505, 1.0, 1.089]).T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["all", "d", "p"])
def test_colours_can_be_told_apart(seen: np.ndarray) -> None:
    colours = np.array([to_rgb(colour) for colour in CHOICES])
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    looks = lab_of(linear @ np.array(seen).T)
    gaps = np.linalg.norm(looks[:, None] - looks[None], axis=-1)[np.triu_indices(len(looks), 1)]
    assert gaps.min() > 15


# Mistakes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"color": "red"}, "color must be one of top, leader, rank, weight, region"),
        ({"color": "rank", "output": 0}, "needs a feature"),
        ({"color": "rank", "output": 0, "feature": "z"}, "no feature is named 'z'"),
        ({"color": "rank", "feature": "a"}, "say which output"),
        ({"color": "leader"}, "say which output.*y0, y1"),
        ({"color": "leader", "output": "w"}, "no output is named 'w'"),
        ({"color": "leader", "output": 0, "scale": "range"}, "feature_ranges="),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        plot_partition(cut_of(random_model(2)), **options)  # type: ignore[arg-type]


def test_a_model_without_a_decision_has_no_top() -> None:
    with pytest.raises(InvalidInputError, match="makes no decision"):
        plot_partition(cut_of(random_model(1)), color="top")


@pytest.mark.parametrize("region", [AnalysisRegion.box(0, 1), AnalysisRegion.cut(0, {"a": (0, 1)})])
def test_only_two_dimensions_are_drawn(region: AnalysisRegion) -> None:
    with pytest.raises(InvalidInputError, match="only a two-dimensional region"):
        plot_partition(partition(random_model(2), region))


def test_an_output_that_was_not_explained_is_refused() -> None:
    found = cut_of(random_model(2))
    with pytest.raises(InvalidInputError, match="not in this explanation"):
        Explainer(found.model).describe(found, "y1").plot(color="leader", output="y0")


def test_each_of_many_choices_has_its_own_colour() -> None:
    from facetry.show.palette import colours_of

    for count in (1, 10, 11, 48, 200):
        colours = list(colours_of(range(count), 300).values())
        assert len(set(colours)) == count
        assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in colours)
    assert colours_of([7, 3], 10) == {3: CHOICES[3], 7: CHOICES[7]}
    assert colours_of([70, 30], 100) == {30: CHOICES[0], 70: CHOICES[1]}


@pytest.mark.parametrize("color", ["top", "leader"])
def test_no_two_entries_of_a_legend_share_a_colour(color: str) -> None:
    rng = np.random.default_rng(2)
    k = 24
    directions = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, k + 1)[:k]])
    W = np.hstack([directions, np.zeros((k, k - 2))])
    extra = rng.normal(size=(k, k))
    layers = [(W, np.zeros(k)), (np.eye(k) if color == "top" else extra, np.zeros(k))]
    model = load(layers, decision="highest")
    region = AnalysisRegion.cut(0.0, {0: (-1, 1), 1: (-1, 1)})
    explainer = Explainer(model, feature_ranges=np.array([[0, 1 + i % 7] for i in range(k)]))
    ax = partition(model, region).plot(color=color, output=0, explainer=explainer)
    handles = ax.get_legend().legend_handles
    if color == "top":
        assert len(handles) > 10
    assert len({handle.get_facecolor() for handle in handles}) == len(handles)


def test_a_query_plots_its_answer() -> None:
    model = load([(np.eye(2), np.zeros(2)), (np.eye(2), np.zeros(2))])
    square = AnalysisRegion.box([-1, -1], [1, 1])
    found = Explainer(model).query(square, top=0)
    ax = found.plot()
    paths = next(c for c in ax.collections if isinstance(c, PathCollection)).get_paths()
    areas = [_area_of(outline) for path in paths for outline in path.to_polygons()]
    assert sum(areas) == pytest.approx(found.volumes.sum())
    compared = Explainer(model).query(square, top=0, runner_up=1)
    assert "y0 - y1" in compared.plot(color="leader").get_title()
    compared.plot(color="weight", feature=0)
    conditions = Explainer(model).query(square, conditions={0: (0.25, None)})
    assert _area_of(conditions.partition.corners.points) > 0
    with pytest.raises(InvalidInputError, match="say which output"):
        conditions.plot(color="leader")
    conditions.plot(color="leader", output=1)


def _area_of(corners: np.ndarray) -> float:
    x, y = corners.T
    return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
