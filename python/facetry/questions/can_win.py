"""Does a model ever make a choice on a region?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..errors import InvalidInputError
from ..models.model import Model
from ..regions.analysis_region import AnalysisRegion
from ..regions.domain import domain_of
from ..search.options import SearchKeywords, SearchOptions
from .core_query import choice_index, core_query, run_query

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Verdict", "can_win"]

Array = NDArray[np.float64]

SAMPLES = 4096
"""Points that are looked at before a search for a witness begins."""
LOOKED_AT = 4
"""Points with the choice for which it is asked whether they only tie."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """Whether something happens anywhere on a region.

    Attributes
    ----------
    answer
        True with a witness, False with a proof (the search was complete), None if a limit came
        first.
    witness, confirmed
        float64 (m,): a point where it happens, and whether ``model.decide`` says so too: that is
        computed in double precision, the witness is not.
    status, cells
        Why the search ended, and how many cells it visited.
    """

    answer: bool | None
    witness: Array | None
    status: str
    cells: int
    confirmed: bool = False

    def __bool__(self) -> bool:
        """The answer.

        Raises
        ------
        InvalidInputError
            If it is not known.
        """
        if self.answer is None:
            raise InvalidInputError(f"not decided ({self.status}): look at .answer")
        return self.answer


def can_win(
    model: Model,
    region: AnalysisRegion,
    choice: str | int,
    **options: Unpack[SearchKeywords],
) -> Verdict:
    """Does the model ever make this choice on a region? A witness, or a proof of none.

    Choices made only in places without interior (a single point, say, where outputs tie) do not
    count.

    Parameters
    ----------
    model, region
        What is asked, and where.
    choice
        By name or number.
    options
        See `facetry.SearchOptions`.

    Examples
    --------
    >>> import facetry
    >>> layer = ([[1.0], [-1.0], [0.0]], [0.0, 0.0, -0.5])
    >>> model = facetry.load([layer], output_names=["up", "down", "flat"])
    >>> line = facetry.AnalysisRegion.box(-1, 1)
    >>> facetry.can_win(model, line, "up").answer, facetry.can_win(model, line, "flat").answer
    (True, False)
    """
    how = replace(SearchOptions.of(options), max_regions=1)
    domain = domain_of(model, region)
    wanted = choice_index(model, choice, "can_win" if model.decision.kind == "none" else "choice")
    query = core_query(model, top=wanted)
    points = _points_inside(domain)
    for hit in np.flatnonzero(model.decide(points) == wanted)[:LOOKED_AT]:
        if _core.wins_strictly(model.form, query, points[hit], wanted):
            return Verdict(True, points[hit].copy(), "complete", 0, confirmed=True)
    _, found = run_query(model, region, query, how)
    if len(found.regions) == 0:
        complete = found.regions.status == "complete"
        return Verdict(False if complete else None, None, found.regions.status, found.cells)
    witness = found.regions.interior_points(0, 1)[0]
    confirmed = bool(model.decide(witness[None, :])[0] == wanted)
    return Verdict(True, witness, "complete", found.cells, confirmed)


def _points_inside(domain: _core.Region) -> Array:
    """Points of the analysis region: its middle, and random ones (always the same)."""
    rng = np.random.default_rng(0)
    free = rng.uniform(-1.0, 1.0, size=(SAMPLES, domain.dimension))
    points = np.asarray(domain.origin + free @ domain.basis.T)
    inside = points[domain.contains(points)]
    return np.vstack([domain.interior_point[None, :], inside])
