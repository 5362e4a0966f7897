"""The card of estimators: where they come from, how good they are, what they do not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trackoracle.audio.estimating.errors import Errors
from trackoracle.audio.estimating.estimators import LoudnessMap
from trackoracle.audio.estimating.labelled import Pool
from trackoracle.audio.estimating.scores import FeatureScores, Interval
from trackoracle.schema import ESTIMATED


def estimator_card(
    scores: Mapping[str, Sequence[FeatureScores]],
    pool: Pool,
    errors: Errors,
    loudness: LoudnessMap | None,
    sources: Sequence[str],
    notes: Sequence[str],
) -> str:
    """Write the card, Markdown."""
    n_groups = len(set(pool.group.tolist()))
    blocks = [
        "# Estimators of audio features",
        f"Estimated: {', '.join(ESTIMATED)}, from descriptors of the sound. Trained on "
        f"{len(pool.labels):,} labelled rows of {n_groups:,} artists or releases, "
        f"{len(pool.recipes)} recipe{'s' if len(pool.recipes) > 1 else ''}.",
        *_listed("Where they come from", sources),
        "## How good they are",
        "Cross-validation in folds that hold out whole artists, and every row of a title that is "
        "judged. R2, correlation and mean absolute error (MAE) with 95 % bootstrap intervals that "
        "resample artists; beside them the MAE of always saying the mean (R2 0). Coverage: share "
        "of truths in the 90 % interval.",
        *(f"### {name}\n\n{_table(of)}" for name, of in scores.items()),
        "## Errors together",
        "Correlation of the errors' normal scores, by which features are drawn together:",
        _correlations(errors),
        *([_loudness(loudness)] if loudness else []),
        *_listed("What to know", notes),
    ]
    return "\n\n".join(blocks) + "\n"


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {line}" for line in lines)] if lines else []


def _table(scores: Sequence[FeatureScores]) -> str:
    rows = [
        "| feature | n | R2 | correlation | MAE | MAE of the mean | coverage |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {s.feature} | {s.n:,} | {_told(s.r2)} | {_told(s.correlation)} | {_told(s.mae)} | "
        f"{s.baseline_mae:.3f} | {_told(s.coverage)} |"
        for s in scores
    ]
    return "\n".join(rows)


def _told(value: Interval) -> str:
    return f"{value[0]:.3f} ({value[1]:.3f} to {value[2]:.3f})"


def _correlations(errors: Errors) -> str:
    head = f"| | {' | '.join(ESTIMATED)} |\n|---|{'---|' * len(ESTIMATED)}"
    lines = [
        f"| {name} | {' | '.join(f'{value:.2f}' for value in row)} |"
        for name, row in zip(ESTIMATED, errors.correlation, strict=True)
    ]
    return "\n".join([head, *lines])


def _loudness(loudness: LoudnessMap) -> str:
    return (
        "## Loudness\n\nCatalog loudness = "
        f"{loudness.constant:.2f} + {loudness.slope:.3f} x integrated LUFS, dB; "
        f"standard error {loudness.error:.1f} dB."
    )
