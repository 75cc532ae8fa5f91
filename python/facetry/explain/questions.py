"""Questions that are answered by directed search: the part of the explainer that asks them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.checks import count_or_none, seconds_or_none
from ..models.model import Model
from ..questions.extremes import (
    BoundaryPoint,
    Optimum,
    Verdict,
    boundary_distance,
    can_win,
    objective_of,
    optimise,
)
from ..questions.output_condition import Conditions
from ..questions.query import Limits
from ..questions.query_explanation import explain_query
from ..regions.analysis_region import AnalysisRegion
from ..results.explanation import Explanation
from ..search.partition import exactness_of, resolve_threads

__all__ = ["Questions"]


class Questions(ABC):
    """Queries, extremes, proofs and distances; a base of `facetry.Explainer`."""

    _model: Model

    @abstractmethod
    def check_scale(self, scale: str | None) -> str:
        """The scale that will be used; see `facetry.Explainer`."""

    @abstractmethod
    def _factors(self, scale: str) -> NDArray[np.float64]:
        """What coefficients are multiplied by, float64 (m,)."""

    @abstractmethod
    def _outputs(self, output: str | int | None) -> list[int]:
        """The outputs that are explained."""

    def query(
        self,
        region: AnalysisRegion,
        *,
        top: str | int | None = None,
        runner_up: str | int | None = None,
        where: Conditions | None = None,
        ties: str = "first",
        output: str | int | None = None,
        scale: str | None = None,
        threads: int | None = None,
        time_limit: float | None = None,
        max_regions: int | None = None,
        exactness: str | None = None,
        engine: str = "subdivision",
        progress: bool = False,
    ) -> Explanation:
        """Explain the model only where an answer holds; other parts are not searched.

        - Nothing given: every choice with its regions. ``top="a"``: where the model chooses a.
        - ``runner_up="b"`` too: where b comes second; ``"any"``: every second choice with its
          regions. The weights then say what favours the top choice over the runner-up.
        - ``where``: limits of outputs, ``{"y0": (0.5, None)}``, or `OutputCondition` objects for
          combinations of them; with or without a top choice.

        The guards of the answer are among the halfspaces of each region (`validity`), minimal.

        Parameters
        ----------
        region
            Where to ask.
        ties
            Where outputs are the same on a whole region: ``"first"`` lists their first order only,
            as argmax chooses; ``"all"`` every order, each with that region: regions then overlap.
        output
            The output to explain. Left out: the chosen one, or what it has ahead of the runner-up;
            for conditions and thresholds, all outputs.
        scale
            As in `describe`.
        threads, time_limit, max_regions, exactness, engine, progress
            As in `facetry.partition`. With ``engine="milp"`` a runner-up needs a top choice.

        Raises
        ------
        InvalidInputError
            For unknown names, an output compared with itself, choices of a model that makes none,
            or limits that are NaN.
        RegionError
            If the region does not fit the model.

        Examples
        --------
        >>> import facetry
        >>> model = facetry.load([([[1.0], [-1.0]], [0.0, 0.0])], output_names=["up", "down"])
        >>> explainer = facetry.Explainer(model)
        >>> found = explainer.query(facetry.AnalysisRegion.box(-1, 3), top="up", runner_up="any")
        >>> len(found), found.output_names, found.coef.tolist(), found.volumes.tolist()
        (1, ('up - down',), [[[2.0]]], [3.0])
        """
        return explain_query(
            self._model,
            region,
            top=top,
            runner_up=runner_up,
            where=where,
            ties=ties,
            outputs=None if output is None else self._outputs(output),
            scale=self.check_scale(scale),
            factors=self._factors(self.check_scale(scale)),
            limits=_limits(
                threads, time_limit, exactness, progress, max_regions=max_regions, engine=engine
            ),
        )

    def maximum(
        self,
        region: AnalysisRegion,
        output: str | int | Mapping[str | int, float] = 0,
        *,
        gap: float = 1e-9,
        threads: int | None = None,
        time_limit: float | None = None,
        exactness: str | None = None,
        progress: bool = False,
    ) -> Optimum:
        """The exact largest value of an output, or of a combination of outputs, on a region.

        Parameters
        ----------
        region
            Where.
        output
            A name or an index, or a mapping from outputs to weights.
        gap
            The search ends when nothing can be larger by more than this, relative to 1 + the value.
        threads, time_limit, exactness, progress
            As in `facetry.partition`. A limit leaves the best value and the best bound so far.

        Raises
        ------
        InvalidInputError, RegionError
            As in `query`.

        Examples
        --------
        >>> import facetry
        >>> model = facetry.load([([[1.0, 1.0]], [-1.0]), ([[2.0]], [0.5])])
        >>> best = facetry.Explainer(model).maximum(facetry.AnalysisRegion.box([0, 0], [1, 1]))
        >>> best.value, best.point.tolist(), best.status
        (2.5, [1.0, 1.0], 'complete')
        """
        return optimise(
            self._model,
            region,
            objective_of(self._model, output),
            _limits(threads, time_limit, exactness, progress),
            largest=True,
            gap=gap,
        )

    def minimum(
        self,
        region: AnalysisRegion,
        output: str | int | Mapping[str | int, float] = 0,
        *,
        gap: float = 1e-9,
        threads: int | None = None,
        time_limit: float | None = None,
        exactness: str | None = None,
        progress: bool = False,
    ) -> Optimum:
        """The exact smallest value; as `maximum`."""
        return optimise(
            self._model,
            region,
            objective_of(self._model, output),
            _limits(threads, time_limit, exactness, progress),
            largest=False,
            gap=gap,
        )

    def can_win(
        self,
        region: AnalysisRegion,
        choice: str | int,
        *,
        threads: int | None = None,
        time_limit: float | None = None,
        exactness: str | None = None,
        progress: bool = False,
    ) -> Verdict:
        """Does the model ever make this choice on a region? A witness, or a proof of none.

        Choices made only in places without interior (a single point, say) do not count.

        Examples
        --------
        >>> import facetry
        >>> layer = ([[1.0], [-1.0], [0.0]], [0.0, 0.0, -0.5])
        >>> model = facetry.load([layer], output_names=["up", "down", "flat"])
        >>> explainer = facetry.Explainer(model)
        >>> line = facetry.AnalysisRegion.box(-1, 1)
        >>> explainer.can_win(line, "up").answer, explainer.can_win(line, "flat").answer
        (True, False)
        """
        limits = _limits(threads, time_limit, exactness, progress)
        return can_win(self._model, region, choice, limits)

    def boundary_distance(
        self,
        region: AnalysisRegion,
        x: ArrayLike,
        *,
        norm: str = "L2",
        scale: str = "none",
        threads: int | None = None,
        time_limit: float | None = None,
        exactness: str | None = None,
        progress: bool = False,
    ) -> BoundaryPoint:
        """How far is the point x from the nearest point of the region with another choice?

        Parameters
        ----------
        region
            Where to look; it must hold x.
        x
            One point: shape (m,) or input_shape.
        norm
            ``"L1"``, ``"L2"`` or ``"Linf"``.
        scale
            ``"none"``: in units of the inputs; ``"range"`` or ``"sigma"``: each move is divided by
            the feature's expected range or standard deviation (a feature without one cannot move).
        threads, time_limit, exactness, progress
            As in `facetry.partition`. A limit leaves the nearest point found, and how far the
            boundary is at least.

        Examples
        --------
        >>> import facetry
        >>> model = facetry.load([([[1.0, 1.0], [0.0, 0.0]], [0.0, 1.0])], output_names=["a", "b"])
        >>> square = facetry.AnalysisRegion.box([-2, -2], [2, 2])
        >>> near = facetry.Explainer(model).boundary_distance(square, [0.0, 0.0])
        >>> round(near.distance, 6), near.choice, near.other, near.point.round(6).tolist()
        (0.707107, 'b', 'a', [0.5, 0.5])
        """
        return boundary_distance(
            self._model,
            region,
            x,
            _limits(threads, time_limit, exactness, progress),
            norm=norm,
            scale=self._factors(self.check_scale(scale)),
        )


def _limits(
    threads: int | None,
    time_limit: float | None,
    exactness: str | None,
    progress: bool,
    *,
    max_regions: int | None = None,
    engine: str = "subdivision",
) -> Limits:
    """The options of a search, checked."""
    return Limits(
        threads=resolve_threads(threads),
        time_limit=seconds_or_none(time_limit, "time_limit"),
        max_regions=count_or_none(max_regions, "max_regions"),
        progress=progress,
        exactness=exactness_of(engine, "auto", exactness),
        engine=engine,
    )
