"""Does an installed wheel work? Run by the wheel builds in an environment without test packages."""

from __future__ import annotations

import facetry

model = facetry.load([([[1.0, -1.0], [1.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [-1.0])])
region = facetry.AnalysisRegion.box([-1.0, -1.0], [1.0, 1.0])
partition = facetry.partition(model, region, threads=2)
if len(partition) != 4 or abs(partition.volumes.sum() - 4.0) > 1e-12:
    raise SystemExit(f"{len(partition)} regions, volume {partition.volumes.sum()}")
best = facetry.Explainer(model).maximum(region)
if best.value != 1.0:
    raise SystemExit(f"maximum {best.value}")
print(facetry.__version__, "works")
