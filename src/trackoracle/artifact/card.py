"""The model card: what a person should know before using an oracle."""

from __future__ import annotations

from collections.abc import Sequence

from trackoracle.schema import CandidateResult, Card, Estimate, Report

_SCOPE = (
    "Scores hold for tracks like those of the catalog, at its snapshot date, of which as much is "
    "known; with less, answers are less sure. Popularity is an association with what is known of "
    "a track, never its cause."
)
_HASHES = (
    "What is known of artists, albums, titles, genres and words is kept as numbers under hashed "
    "names. Hashes are not anonymity: who has a name can look it up."
)
_TOLD = "Seen tracks are kept as hashes, so that an evaluation leaves them out."
_UNTOLD = (
    "Which tracks were seen is not kept: an evaluation cannot leave them out, and on the tracks of "
    "the catalog its scores would be too good."
)
_WARNED = (
    "A track is warned of when its audio numbers lie farther out than those of 99.9 % of the "
    "training tracks of which as many are known: Mahalanobis' distance between the normal scores "
    "of their ranks, kept as quantiles and a covariance."
)
_UNWARNED = "The training tracks were too few to tell when another is unlike them."

_BACKGROUND = (
    "What is plausible in a genre is kept as quantiles, a covariance and shares of its tracks, of "
    "at least twenty; nothing of a single track."
)


def limits_of(
    *,
    without: Sequence[str],
    tells_seen: bool,
    tells_novelty: bool,
    tells_background: bool,
    least_artists: int = 0,
) -> tuple[str, ...]:
    """Say what an oracle cannot do.

    Parameters
    ----------
    without
        Input groups that it may not use.
    tells_seen
        Whether it keeps hashes of the tracks it was trained on.
    tells_novelty
        Whether it can tell how far a track lies from them.
    tells_background
        Whether it keeps what tracks of each genre are like.
    least_artists
        Names and words of fewer first artists are not known.
    """
    masked = f"Nothing is known of {' and '.join(without)}, whatever the input says."
    rare = f"Titles, words and genres that fewer than {least_artists} artists use are not known."
    return (
        _SCOPE,
        *([masked] if without else []),
        *([rare] if least_artists > 1 else []),
        _WARNED if tells_novelty else _UNWARNED,
        *([_BACKGROUND] if tells_background else []),
        _HASHES,
        _TOLD if tells_seen else _UNTOLD,
    )


def model_card(report: Report, catalog: Card, limits: Sequence[str]) -> str:
    """Write the card as Markdown: target, data, protocols, scores beside baselines, limits."""
    notice = " **Synthetic: not about real tracks.**" if catalog.synthetic else ""
    lines = [
        f"# Oracle of {report.target['name']}",
        "",
        f"Chosen: **{report.chosen}** ({report.rule}).{notice}",
        "",
        report.audit_said,
        "",
        "## Data",
        "",
        f"- {catalog.name} ({catalog.adapter}); {catalog.source}",
        f"- licence: {catalog.licence}; snapshot: {catalog.snapshot or 'not known'}",
        f"- {catalog.n_tracks:,} tracks of {catalog.n_rows_read:,} rows, {catalog.n_recordings:,} "
        f"recordings, {catalog.n_artists:,} artists",
        f"- sha256 {catalog.checksum}",
        *(f"- {finding.n:,} x {finding.what}" for finding in catalog.findings),
        "",
        "## Scores",
        "",
        f"{report.metric}, with 95 % bootstrap intervals over whole groups.",
        "",
        *_table(report),
        "",
        *(
            f"- {p.name}: held out together: {p.held_out}; stands for {p.stands_for}; "
            f"{p.n_folds} folds, {p.n_purged:,} rows purged"
            for p in report.protocols
        ),
        *(f"- {note}" for note in report.notes),
        "",
        *_inputs(report),
        "## Limits",
        "",
        *(f"- {limit}" for limit in limits),
        "",
    ]
    return "\n".join(lines)


_OF_INPUTS = {
    "r2": "R2",
    "mae": "MAE",
    "coverage_90": "90 % intervals hold",
    "width_90": "their width, points",
    "roc_auc": "ROC-AUC",
    "brier": "Brier",
}


def _inputs(report: Report) -> list[str]:
    """Tell what is left when less is known of a track: of a recording alone, the audio."""
    rows = [(name, quality) for name, found in report.quality.items() for quality in found]
    told = [metric for metric in _OF_INPUTS if all(metric in q.scores for _, q in rows)]
    if not any(quality.inputs != "all" for _, quality in rows):
        return []
    return [
        "## When less is known",
        "",
        f"| protocol | inputs given | {' | '.join(_OF_INPUTS[metric] for metric in told)} |",
        f"|---|---|{'---|' * len(told)}",
        *(
            f"| {name} | {q.inputs} | {' | '.join(_cell(q.scores[metric]) for metric in told)} |"
            for name, q in rows
        ),
        "",
    ]


def _table(report: Report) -> list[str]:
    names = [protocol.name for protocol in report.protocols]
    return [
        f"| candidate | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
        *(_row(r, names, report.metric) for r in (*report.baselines, *report.candidates)),
    ]


def _row(result: CandidateResult, protocols: list[str], metric: str) -> str:
    cells = " | ".join(
        _cell(result.scores[name][metric]) if name in result.scores else "-" for name in protocols
    )
    return f"| {result.name} | {cells} |"


def _cell(estimate: Estimate) -> str:
    digits = 3 if abs(estimate.value) < 1 else 2
    value, low, high = (f"{n:.{digits}f}" for n in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})"
