"""Similar tracks as a table, and as rows to be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.rendering.words import listed
from trackoracle.schema import TRACK_COLUMNS, FeatureGap, Similar, SimilarTrack

_N_NAMED = 3
LEGEND = (
    "distance: root mean square of the gaps in {n} audio features, in standard deviations of the "
    "catalog; two random tracks are 1.41 apart. In brackets: the share of the squared distance."
)


def similar_table(told: Similar) -> RenderableType:
    """Show the tracks that were found, in what they are alike and in what least."""
    name = told.track_name or f"track {told.track}"
    by = f" by {', '.join(told.artists)}" if told.artists else ""
    table = Table(title=escape(f"Most like {name}{by}"), title_style="bold", title_justify="left",
                  box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))  # fmt: skip
    table.add_column("", justify="right")
    table.add_column("track", overflow="fold", min_width=12, max_width=38)
    table.add_column("distance", justify="right", no_wrap=True)
    shows_popularity = any(track.popularity is not None for track in told.tracks)
    predicts = _predicts(told)
    if shows_popularity:
        table.add_column("popularity", justify="right", no_wrap=True)
    if predicts:
        table.add_column("predicted", justify="right", no_wrap=True)
    table.add_column("nearest in, then farthest in", overflow="fold", min_width=24)
    for track in told.tracks:
        cells = [f"[bold]{track.distance:.2f}[/]"]
        if shows_popularity:
            cells.append("" if track.popularity is None else f"{track.popularity:.0f}")
        if predicts:
            cells.append(_predicted(track.prediction))
        table.add_row(str(track.rank), _named(track), *cells, _why(track))
    return Group(table, *(Text(line, style="dim") for line in similar_lines(told)))


def similar_lines(told: Similar) -> list[str]:
    """Say how to read what was found, how it was asked for, and what else is to be known."""
    return [LEGEND.format(n=len(told.features)), *_weights(told), *told.notes]


def _named(track: SimilarTrack) -> str:
    name = escape(track.track_name or f"track {track.track}")
    facts = [", ".join(track.artists), ", ".join(track.genres), str(track.year or "")]
    below = escape(" · ".join(fact for fact in facts if fact))
    return f"{name}\n[dim]{below}[/]" if below else name


def _why(track: SimilarTrack) -> str:
    near, far = why_similar(track)
    return escape(near) + (f"\n[dim]{escape(far)}[/]" if far else "")


def why_similar(track: SimilarTrack) -> tuple[str, str]:
    """Say in which features two tracks are nearest, and in which farthest; both their values."""
    near = [_gap_text(gap) for gap in track.gaps[:_N_NAMED]]
    far = [
        f"{_gap_text(gap)} ({100 * gap.share:.0f} %)"
        for gap in reversed(track.gaps[_N_NAMED:][-2:])
        if gap.share > 0
    ]
    return "; ".join(near), "; ".join(far)


def _gap_text(gap: FeatureGap) -> str:
    unit = TRACK_COLUMNS[gap.feature].unit
    if gap.feature == "duration_ms":
        return f"length {_minutes(gap.own)} / {_minutes(gap.other)}"
    digits = 0 if unit == "BPM" else 1 if unit else 2
    values = f"{gap.own:.{digits}f} / {gap.other:.{digits}f}"
    return f"{gap.feature} {values}{f' {unit}' if unit else ''}"


def _minutes(ms: float) -> str:
    seconds = round(ms / 1000)
    return f"{seconds // 60}:{seconds % 60:02}"


def _predicts(told: Similar) -> bool:
    return any(track.prediction for track in told.tracks)


def _predicted(answer: dict[str, float] | None) -> str:
    if not answer:
        return ""
    for column, digits in (("popularity", 0), ("p_hit", 2), ("tier", 0)):
        if column in answer:
            return f"{answer[column]:.{digits}f}"
    return ""


def _weights(told: Similar) -> list[str]:
    said = []
    if told.within_genre:
        said.append("only tracks that share a genre")
    elif told.genre_weight:
        said.append(f"another genre counts {told.genre_weight:g}")
    if told.era_weight:
        said.append(f"each decade apart counts {told.era_weight:g}")
    return [f"{listed(said).capitalize()}."] if said else []


def similar_rows(answers: Sequence[Similar]) -> pl.DataFrame:
    """Return what was found as rows: the track asked about, rank, track, distance, each gap.

    Returns
    -------
    (m, k) frame; a column `gap_FEATURE` for each feature, null where it was not compared by.
    """
    features = list(dict.fromkeys(name for told in answers for name in told.features))
    rows: list[dict[str, Any]] = []
    for told in answers:
        for track in told.tracks:
            gaps = {gap.feature: gap.gap for gap in track.gaps}
            rows.append(
                {
                    "asked": told.track,
                    "rank": track.rank,
                    "track_id": track.track,
                    "track_name": track.track_name,
                    "artists": list(track.artists),
                    "genres": list(track.genres),
                    "year": track.year,
                    "popularity": track.popularity,
                    "distance": track.distance,
                    "audio_distance": track.audio_distance,
                    **{f"gap_{name}": gaps.get(name) for name in features},
                }
            )
    texts = dict.fromkeys(("asked", "track_id", "track_name"), pl.String)
    lists = {name: pl.List(pl.String) for name in ("artists", "genres")}
    numbers = dict.fromkeys(("popularity", "distance", "audio_distance"), pl.Float64)
    whole = {"rank": pl.Int64, "year": pl.Int64}
    gaps_of = {f"gap_{name}": pl.Float64 for name in features}
    kinds: dict[str, Any] = {**texts, **lists, **numbers, **whole, **gaps_of}
    names = [
        "asked", "rank", "track_id", "track_name", "artists", "genres", "year", "popularity",
        "distance", "audio_distance", *gaps_of,
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={name: kinds[name] for name in names})
