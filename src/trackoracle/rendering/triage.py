"""A triage as a table, and as rows to be written."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.schema import Triage, TriagedTrack, Worth

_MOST_ROWS = 50
_TITLES = {
    "gems": "Hidden gems: predicted above what they are",
    "novelty": "Unlike what the oracle was trained on",
    "likeness": "Nearest to the references",
}
_VALUES = {"gems": "gap", "novelty": "novelty", "likeness": "distance"}
_LEGENDS = {
    "gems": "gap: points predicted above those of today.",
    "novelty": "novelty: share of training tracks whose sound is nearer to the usual.",
    "likeness": (
        "distance: root mean square of the gaps in audio features, in standard deviations of the "
        "catalog, from the nearest reference; two random tracks are 1.41 apart."
    ),
}


def triage_table(listed: Triage) -> RenderableType:
    """Show the list, and what is known of its worth."""
    table = Table(title=triage_title(listed), title_style="bold", title_justify="left",
                  box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))  # fmt: skip
    table.add_column("", justify="right")
    table.add_column("track", overflow="fold", min_width=12, max_width=44)
    points = listed.target == "popularity"
    heads = ["now", "predicted", *(["interval", "P(hit)"] if points else [])]
    for head in (*heads, _VALUES[listed.by]):
        table.add_column(head, justify="right", no_wrap=True)
    if listed.by == "likeness":
        table.add_column("like", overflow="fold", max_width=28)
    for track in listed.tracks[:_MOST_ROWS]:
        table.add_row(str(track.rank), _named(track), *_cells(track, listed))
    worth, *lines = triage_lines(listed)
    if listed.by == "gems" and points:
        lines[0] = lines[0].removesuffix(".") + "; * today's lie below the interval."
    if len(listed.tracks) > _MOST_ROWS:
        lines.insert(0, f"... and {len(listed.tracks) - _MOST_ROWS:,} more; -o F.csv writes all")
    first = [Text(worth)] if worth else []
    return Group(table, *first, *(Text(line, style="dim") for line in lines))


def triage_title(listed: Triage) -> str:
    """Say what a list is of."""
    return _TITLES[listed.by]


def triage_lines(listed: Triage) -> list[str]:
    """Say what a list is worth, or why that is not told; then how to read it, and the rest.

    The first is empty where nothing is known.
    """
    worth = worth_text(listed.worth) if listed.worth else listed.untold
    return [worth, _legend(listed), *_counts(listed), *listed.notes]


def _named(track: TriagedTrack) -> str:
    name = escape(track.track_name or f"track {track.track}")
    facts = [", ".join(track.artists), ", ".join(track.genres)]
    below = escape(" · ".join(fact for fact in facts if fact))
    return f"{name}\n[dim]{below}[/]" if below else name


def _cells(track: TriagedTrack, listed: Triage) -> list[str]:
    now, answer = track.observed, track.prediction
    cells = ["" if now is None else f"{now:.0f}"]
    if listed.target == "popularity":
        low, high = answer["popularity_low"], answer["popularity_high"]
        below = "*" if listed.by == "gems" and now is not None and now < low else ""
        cells += [f"[bold]{answer['popularity']:.0f}[/]", f"{below}{low:.0f} to {high:.0f}"]
        cells.append(f"{answer['p_hit']:.2f}")
    elif listed.target == "hit":
        cells.append(f"[bold]{answer['p_hit']:.2f}[/]")
    else:
        cells.append(f"[bold]{answer['tier']:.0f}[/]")
    digits = 0 if listed.by == "gems" and listed.target == "popularity" else 4
    cells.append(f"{track.value:.{2 if listed.by == 'likeness' else digits}f}")
    return [*cells, escape(track.reference or "")] if listed.by == "likeness" else cells


def _legend(listed: Triage) -> str:
    if listed.by == "gems" and listed.target == "hit":
        return "gap: the probability of a hit, of tracks that are none."
    return _LEGENDS[listed.by]


def _counts(listed: Triage) -> list[str]:
    said = f"{listed.n_ranked:,} recordings ranked, each by its most popular release."
    if listed.by == "likeness":
        said = f"{listed.n_ranked:,} recordings compared; those of the references are left out."
    elif listed.n_seen:
        said += f" {listed.n_seen:,} tracks left out: the oracle was trained on them."
    return [said]


def worth_text(worth: Worth) -> str:
    """Say what a list is worth, and of which tracks alone that is true."""
    precision, ends = worth.precision.value, (worth.precision.low, worth.precision.high)
    low, high = (f"{100 * end:.1f}" for end in ends)
    said = (
        f"What such a list is worth: {worth.what}, on the top {worth.k:,}: {100 * precision:.1f} % "
        f"({low} to {high}) where chance finds {100 * worth.base_rate:.1f} %, of "
        f"{worth.n_tracks:,} {worth.among}."
    )
    return f"{said} {worth.caveat}".strip()


def triage_rows(listed: Triage) -> pl.DataFrame:
    """Return the list as rows: the track, what is known, what is predicted, what orders it."""
    rows: list[dict[str, Any]] = [
        {
            "rank": track.rank,
            "track_id": track.track,
            "track_name": track.track_name,
            "artists": list(track.artists),
            "genres": list(track.genres),
            "observed": track.observed,
            _VALUES[listed.by]: track.value,
            "reference": track.reference,
            **{name: float(value) for name, value in track.prediction.items()},
            "warning": track.warning,
        }
        for track in listed.tracks
    ]
    kinds: dict[str, Any] = {
        "track_name": pl.String,
        "reference": pl.String,
        "observed": pl.Float64,
        "artists": pl.List(pl.String),
        "genres": pl.List(pl.String),
    }
    if not rows:
        first, last = {"rank": pl.Int64, "track_id": pl.String}, {"warning": pl.String}
        return pl.DataFrame(schema=first | kinds | {_VALUES[listed.by]: pl.Float64} | last)
    frame = pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)
    return frame if listed.by == "likeness" else frame.drop("reference")
