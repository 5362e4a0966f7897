"""The figures of a catalog report: its numbers as Vega-Lite, section by section."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trackoracle.rendering.catalog_charts import (
    along_figures,
    feature_figures,
    level_figures,
    target_figures,
)
from trackoracle.rendering.catalog_maps import (
    against_figures,
    correlation_figures,
    mood_figures,
)
from trackoracle.rendering.catalog_sections import (
    effect_figures,
    genre_figures,
    picked_figures,
    time_figures,
)
from trackoracle.rendering.vega import Figure

if TYPE_CHECKING:
    from trackoracle.exploration import CatalogReport


def sections(report: CatalogReport) -> dict[str, list[Figure]]:
    """Draw every section that the catalog has numbers for, in the order of the page."""
    target = report.target
    parts = {
        "target": target_figures(target) if target else [],
        "features": [f for one in report.features for f in feature_figures(one, target)],
        "levels": [f for one in report.levels for f in level_figures(one, target)],
        "correlations": correlation_figures(report),
        "genres": genre_figures(report),
        "picked": picked_figures(report.genres, report) if report.genres else [],
        "moods": mood_figures(report.moods, target) if report.moods else [],
        "along": [
            *(f for one in report.along if target for f in along_figures(one, target)),
            *against_figures(report),
        ],
        "times": time_figures(report),
        "tests": effect_figures(report),
    }
    return {name: filled(figures) for name, figures in parts.items()}


def filled(figures: list[Figure]) -> list[Figure]:
    """Widen what would stand alone in a row of two."""
    found: list[Figure] = []
    half = False
    for i, figure in enumerate(figures):
        alone = not half and (i + 1 == len(figures) or figures[i + 1].wide)
        wide = figure.wide or alone
        half = not wide and not half
        found.append(replace(figure, wide=wide))
    return found
