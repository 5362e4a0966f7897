"""How good trained estimators of audio features are, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.table import Table


def learned_view(scores: Mapping[str, Mapping[str, Any]], n_recordings: int) -> Table:
    """Show the cross-validated scores of estimators.

    Parameters
    ----------
    scores
        By source and feature, as `Estimators.facts` has them; the last source is shown, which
        is all of them where there are several.
    n_recordings
        That they were trained on.
    """
    table = Table(
        title=f"Trained on {n_recordings:,} recordings; judged on artists not learned from",
        title_justify="left",
        box=box.SIMPLE,
        caption="R2 of always saying the mean is 0. Intervals: 95 %, resampling artists.",
        caption_justify="left",
    )
    table.add_column("feature")
    for name in ("R2", "95 %", "correlation", "MAE", "of the mean", "90 % holds"):
        table.add_column(name, justify="right")
    for feature, own in list(scores.values())[-1].items():
        r2 = own["r2"]
        table.add_row(
            feature,
            f"{r2['value']:.2f}",
            f"{r2['low']:.2f} to {r2['high']:.2f}",
            f"{own['correlation']['value']:.2f}",
            f"{own['mae']['value']:.3f}",
            f"{own['baseline_mae']:.3f}",
            f"{own['coverage']['value']:.2f}",
        )
    return table
