"""What must hold for every partition, whatever made it (the engine's guarantees by number)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

MOST_CHECKED_IN_FULL = 50_000
SAMPLE = 2_000


def checked_regions(partition, rng):
    """All regions up to 50 000, else a sample of 2 000."""
    if len(partition) <= MOST_CHECKED_IN_FULL:
        return np.arange(len(partition))
    return np.sort(rng.choice(len(partition), SAMPLE, replace=False))


def check_partition(partition, seed=0, *, minimality=20, membership=200):
    """Run every check; `minimality` regions and `membership` points for the two costly ones."""
    rng = np.random.default_rng(seed)
    chosen = checked_regions(partition, rng)
    check_order(partition)
    check_models(partition, chosen, rng)
    check_cover(partition, rng, membership)
    if partition.dimension <= 6 and len(partition) <= MOST_CHECKED_IN_FULL:
        check_volumes(partition)
    check_adjacency(partition, chosen)
    few = chosen if len(chosen) <= minimality else rng.choice(chosen, minimality, replace=False)
    for index in few:
        check_minimal(partition[int(index)])


def check_order(partition):
    """States ascend strictly: no state twice, lexicographic order."""
    states = partition.states.astype(np.int64)
    different = states[1:] != states[:-1]
    assert different.any(axis=1).all(), "a state is listed twice"
    first = different.argmax(axis=1)
    rows = np.arange(len(first))
    assert (states[1:][rows, first] > states[:-1][rows, first]).all(), "states are not in order"


def random_points_inside(partition, regions, rng):
    """One random point of each region: a random step from its interior point towards a wall."""
    offsets, A, b = partition.halfspaces
    starts = partition.interior_points[regions]
    basis = partition.domain.basis
    directions = rng.normal(size=(len(regions), basis.shape[1])) @ basis.T
    points = np.empty_like(starts)
    for row, region in enumerate(regions):
        part = slice(offsets[region], offsets[region + 1])
        slack = b[part] - A[part] @ starts[row]
        assert (slack > 0).all(), "the interior point lies on a facet"
        rate = A[part] @ directions[row]
        reach = np.min(slack[rate > 0] / rate[rate > 0]) if (rate > 0).any() else 0.0
        points[row] = starts[row] + 0.98 * rng.uniform() * reach * directions[row]
    return points


def check_models(partition, regions, rng):
    """The network's own state and outputs at points of each region are the claimed ones."""
    model = partition.model
    for points in (
        partition.interior_points[regions],
        random_points_inside(partition, regions, rng),
    ):
        logits = model(points)
        coef, intercept = partition.coef[regions], partition.intercept[regions]
        claimed = np.einsum("knm,km->kn", coef, points) + intercept
        size = np.abs(coef) @ np.abs(points)[:, :, None]
        scale = np.maximum(np.abs(logits), size[:, :, 0] + np.abs(intercept)).max(axis=1)
        assert (np.abs(claimed - logits).max(axis=1) <= 1e-9 * np.maximum(scale, 1e-30)).all()
        check_states(partition, regions, points)


def check_states(partition, regions, points):
    """States differ from the network's own only where a unit sits on a breakpoint there."""
    own = partition.model.form.states(points)
    claimed = partition.states[regions].astype(np.int64)
    for row in np.flatnonzero((own != claimed).any(axis=1)):
        units = np.flatnonzero(own[row] != claimed[row])
        flat = set(partition[int(regions[row])].flat_units.tolist())
        assert set(units.tolist()) <= flat, "the network's own state is another one"


def random_points_of_region(partition, rng, count):
    """Random points of the analysis region: combinations of interior points of its regions."""
    weights = rng.dirichlet(np.ones(min(len(partition), 6)) * 0.5, size=count)
    chosen = rng.integers(len(partition), size=weights.shape)
    return np.einsum("nc,ncm->nm", weights, partition.interior_points[chosen])


def check_cover(partition, rng, count):
    """Random points of the analysis region lie in exactly one region, the one `locate` gives."""
    points = random_points_of_region(partition, rng, count)
    located = partition.locate(points)
    assert (located >= 0).all(), "a point of the analysis region has no region"
    offsets, A, b = partition.halfspaces
    for point, region in zip(points, located, strict=True):
        inside = np.minimum.reduceat(b - A @ point, offsets[:-1])
        holders = np.flatnonzero(inside > 1e-9)
        assert len(holders) <= 1, "two regions overlap"
        assert inside[region] >= -1e-9, "the located region does not hold the point"
        assert len(holders) == 0 or holders[0] == region


def check_volumes(partition):
    """Volumes are positive and sum to the analysis region's."""
    assert (partition.volumes > 0).all()
    total = partition.domain.volume
    thin = 1e-9 * partition.undecided
    assert abs(partition.volumes.sum() / total - 1) < 1e-9 + thin


def check_adjacency(partition, regions):
    """Neighbours are symmetric, and crossing a facet changes exactly the units in `changes`."""
    facets = partition.facets
    owner = np.repeat(np.arange(len(partition)), np.diff(facets.offsets))
    inner = np.flatnonzero(facets.unit >= 0)
    if partition.undecided == 0:
        assert (facets.neighbor[inner] >= 0).all(), "a facet inside the region has no neighbour"
    assert (facets.neighbor[facets.unit < 0] == -1).all()
    inner = inner[facets.neighbor[inner] >= 0]
    pairs = set(zip(owner[inner].tolist(), facets.neighbor[inner].tolist(), strict=True))
    assert len(pairs) == len(inner), "two facets lead to the same neighbour"
    assert {(b, a) for a, b in pairs} == pairs, "neighbours are not symmetric"
    chosen = np.isin(owner, regions)
    for f in inner[chosen[inner]]:
        here = partition.states[owner[f]]
        there = partition.states[facets.neighbor[f]]
        changes = facets.changes[facets.change_offsets[f] : facets.change_offsets[f + 1]]
        assert np.flatnonzero(here != there).tolist() == changes.tolist()
        assert facets.tight_offsets[f + 1] > facets.tight_offsets[f], "no unit is tight"


def check_minimal(region):
    """Leaving out any listed halfspace enlarges the region; no other boundary cuts it."""
    A, b = region.halfspaces
    space = region.partition.domain
    rows, limits = A @ space.basis, b - A @ space.origin
    size = np.linalg.norm(rows, axis=1)
    rows, limits = rows / size[:, None], limits / size
    for f in range(len(b)):
        others = np.arange(len(b)) != f
        solved = linprog(
            -rows[f],
            A_ub=rows[others],
            b_ub=limits[others],
            bounds=[(-10, 10)] * rows.shape[1],
            method="highs",
        )
        assert solved.status == 0
        assert -solved.fun > limits[f] + 1e-10, "a listed halfspace is redundant"
    if region.partition.dimension <= 6:
        check_no_other_boundary(region)


def check_no_other_boundary(region):
    """At every corner, pulled inside a little, the network's own state is the region's."""
    partition, corners = region.partition, region.vertices
    pulled = corners + 1e-4 * (region.interior_point - corners)
    own = partition.model.form.states(pulled)
    different = set(np.flatnonzero((own != region.state).any(axis=0)).tolist())
    assert different <= set(region.flat_units.tolist()), "a boundary inside the region"


def check_sample(partition, seed=0, count=SAMPLE):
    """As `check_partition` for a sample of a partition too large for tables of all its facets."""
    rng = np.random.default_rng(seed)
    model = partition.model
    check_order(partition)
    located = partition.locate(random_points_of_region(partition, rng, count))
    assert (located >= 0).all(), "a point of the analysis region has no region"
    for index in np.sort(rng.choice(len(partition), count, replace=False)):
        region = partition[int(index)]
        centre, (A, b) = region.interior_point, region.halfspaces
        assert (b - A @ centre > 0).all(), "the interior point lies on a facet"
        assert (model.form.states(centre[None])[0] == region.state).all()
        claimed = region.coef @ centre + region.intercept
        assert np.allclose(claimed, model(centre[None])[0], rtol=1e-9, atol=1e-12)
        for facet in region.facets:
            if facet.kind == "side":
                continue
            behind = partition[facet.neighbor]
            different = np.flatnonzero(behind.state != region.state)
            assert tuple(different.tolist()) == facet.changes
            assert region.index in behind.neighbors
