"""The order of several tracks, as text and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.rendering.plain_words import called
from trackoracle.rendering.words import interval, listed, number
from trackoracle.schema import Estimate, RankedTrack, Ranking, Report

_MOST_ROWS = 50
_MOST_NAMED = 4
_EVEN = 0.5
_HEADS = {"popularity": "popularity", "hit": "P(hit)", "tier": "tier"}
ASSOCIATION = "This is association among known tracks: nothing here says what makes a single."


def ranking_table(ranking: Ranking, names: Sequence[str | None] | None = None) -> RenderableType:
    """Show the order, a line under each group, and the case for the single.

    Parameters
    ----------
    names
        What people call the tracks, by row of what was asked.
    """
    table = Table(title="Ranking", title_style="bold", title_justify="left", box=box.SIMPLE_HEAD,
                  pad_edge=False, padding=0)  # fmt: skip
    table.add_column("", justify="right")
    table.add_column("track", overflow="fold", min_width=10, max_width=40)
    has_interval = ranking.target == "popularity"
    heads = [_HEADS[ranking.target], *(["interval", "P(hit)"] if has_interval else [])]
    for head in (*heads, "above next", "best"):
        table.add_column(head, justify="right", no_wrap=True)
    shown = ranking.tracks[:_MOST_ROWS]
    for i, track in enumerate(shown):
        last_of_group = i + 1 == len(shown) or shown[i + 1].group != track.group
        cells = [f"[bold]{_number(track.prediction, ranking)}[/]"]
        if has_interval:
            low, high = (track.answer[f"popularity_{end}"] for end in ("low", "high"))
            cells += [f"{low:.0f} to {high:.0f}", f"{track.answer['p_hit']:.2f}"]
        table.add_row(
            f"{track.rank} ",
            escape(name_of(track, names)),
            *cells,
            _above_next(track, ranking),
            f"{track.p_best:.2f}",
            end_section=last_of_group,
        )
    lines = [Text(single_case(ranking, names)), Text()]
    if len(ranking.tracks) > len(shown):
        rest = len(ranking.tracks) - len(shown)
        lines.insert(0, Text(f"... and {rest:,} more tracks; --json F writes all", style="dim"))
    lines += [Text(sentence, style="dim") for sentence in (_legend(ranking), *ranking.notes)]
    return Group(table, *lines)


def _above_next(track: RankedTrack, ranking: Ranking) -> str:
    if track.p_above_next is None:
        return ""
    return f"{'' if track.p_above_next >= ranking.sure else '~'}{track.p_above_next:.2f}"


def _legend(ranking: Ranking) -> str:
    said = (
        f"above next: probability of doing better than the next; ~ below {ranking.sure:.2f}, two "
        "to one. best: probability of doing best of all. Lines part groups: in one, none is told "
        "from its first."
    )
    joined = [
        f"{n:,} {words}"
        for words, n in ((_RELATIONS[name], n) for name, n in ranking.n_pairs.items())
        if n
    ]
    return f"{said} Neighbours: {listed(joined)}." if joined else said


_RELATIONS = {"album": "of one album", "artist": "of one artist", "strangers": "by different ones"}


def single_case(ranking: Ranking, names: Sequence[str | None] | None = None) -> str:
    """Make the case for the first track as a single, in one paragraph of the ranking's figures."""
    first, *others = ranking.tracks
    if not others:
        return f"{name_of(first, names)} is the only track: there is nothing to compare it with."
    said = [
        f"{name_of(first, names)} is the one to try first: {_expected(first, ranking)}. It does "
        f"best of the {len(ranking.tracks):,} with a probability of {_chance(first.p_best)}, "
        f"where chance would be {_chance(1 / len(ranking.tracks))}."
    ]
    close = [track for track in others if track.group == first.group]
    assert first.p_above_next is not None
    said.append(
        f"It does better than the next, {name_of(others[0], names)}, with a probability of "
        f"{first.p_above_next:.2f}, which is "
        f"{'too close to call' if close else 'better than two to one'}."
    )
    if len(close) > 1:
        named = [name_of(track, names) for track in close[:_MOST_NAMED]]
        if len(close) > _MOST_NAMED:
            named.append(f"{len(close) - _MOST_NAMED:,} more")
        said.append(f"So it is with each of {listed(named)}: choose among them by ear.")
    if first.p_above_next < _EVEN:
        said.append("It stands first by what is expected on average, not by how often it wins.")
    if len(close) == len(others):
        said.append("No track stands apart from the others.")
    return " ".join([*said, ASSOCIATION])


def close_calls(ranking: Ranking, names: Sequence[str | None] | None = None) -> list[str]:
    """Name the tracks of each group of several, among which it is too close to call."""
    said = []
    for group in ranking.groups:
        if len(group) > 1:
            named = [name_of(track, names) for track in group[:_MOST_NAMED]]
            if len(group) > _MOST_NAMED:
                named.append(f"{len(group) - _MOST_NAMED:,} more")
            places = f"{group[0].rank:,} to {group[-1].rank:,}"
            said.append(f"Places {places}: {listed(named)}.")
    return said


def order_worth(report: Report) -> str:
    """Say in a sentence what an oracle's orders proved worth on tracks of new artists.

    Examples
    --------
    >>> import trackoracle as to
    >>> said = order_worth(to.load_oracle().report)
    >>> "0.335 (0.314 to 0.354) by sound alone" in said
    True
    """
    metric = _ORDER_METRICS.get(report.metric)
    if metric is None:
        return (
            "How well this oracle orders tracks was not scored: its report tells of the tiers' "
            "probabilities alone."
        )
    quality = {each.inputs: each.scores for each in report.quality.get(_NEW, ())}
    scores = report.of(report.chosen).scores.get(_NEW, {})
    if metric not in scores:
        return "How well this oracle orders tracks of new artists was not scored."
    sound = quality.get(_SOUND, {}).get(metric)
    by_sound = f"{_worth(sound, metric)} by sound alone" if sound else "not scored by sound alone"
    baselines = [b for b in report.baselines if metric in b.scores.get(_NEW, {})]
    naive = max(baselines, key=lambda b: b.scores[_NEW][metric].value, default=None)
    beside = "" if naive is None else (
        f", where {called(naive.name)} has {number(naive.scores[_NEW][metric].value, metric)}"
    )  # fmt: skip
    return (
        "What its order proved worth on tracks of new artists that it had not seen, as "
        f"{_ORDER_MEANS[metric]}: {by_sound}, {_worth(scores[metric], metric)} with all that it "
        f"takes{beside}."
    )


def _worth(estimate: Estimate, metric: str) -> str:
    return f"{number(estimate.value, metric)} ({interval(estimate, metric)})"


_NEW, _SOUND = "new_artist", "audio"
_ORDER_METRICS = {"r2": "spearman", "roc_auc": "roc_auc"}
"""What tells of an order, by the main metric of a report."""
_ORDER_MEANS = {
    "spearman": "rank correlation (0 is chance, 1 the true order)",
    "roc_auc": "how often a hit stands above a miss (0.5 is chance)",
}


def ranking_rows(ranking: Ranking, names: Sequence[str | None] | None = None) -> pl.DataFrame:
    """Return the order as a table, a row a track, the best first.

    Examples
    --------
    >>> import trackoracle as to
    >>> ranking = to.load_oracle().rank([{"genre": "pop"}, {"genre": "jazz"}])
    >>> ranking_rows(ranking, ["One", "Two"]).columns[:4]
    ['rank', 'track', 'popularity', 'popularity_low']
    """
    rows: list[dict[str, Any]] = [
        {
            "rank": track.rank,
            "track": name_of(track, names),
            **_numbers(track, ranking),
            "p_above_next": track.p_above_next,
            "p_best": track.p_best,
            "group": track.group,
            "known": track.known,
            "track_id": track.track,
            "row": track.row,
        }
        for track in ranking.tracks
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _numbers(track: RankedTrack, ranking: Ranking) -> dict[str, float]:
    if ranking.target == "tier":
        tiers = {name: p for name, p in track.answer.items() if name.startswith("p_tier_")}
        return {"expected_tier": track.prediction, **tiers}
    if ranking.target == "hit":
        return {"p_hit": track.prediction}
    return {name: track.answer[name] for name in _POINTS}


_POINTS = ("popularity", "popularity_low", "popularity_high", "p_hit")


def _chance(p: float) -> str:
    """Write a probability; of many tracks each has little, which is not nothing."""
    return f"{p:.2f}" if p >= 0.05 else f"{p:.2g}"


def _expected(track: RankedTrack, ranking: Ranking) -> str:
    value = _number(track.prediction, ranking)
    match ranking.target:
        case "hit":
            return f"a hit with a probability of {value}"
        case "tier":
            return f"tier {value} on average"
        case _:
            low, high = (track.answer[f"popularity_{end}"] for end in ("low", "high"))
            return (
                f"an expected popularity of {value}, and {low:.0f} to {high:.0f} with a "
                f"probability of {100 * ranking.level:g} %"
            )


def name_of(track: RankedTrack, names: Sequence[str | None] | None) -> str:
    """Return what people call a track, else its id."""
    named = names[track.row - 1] if names is not None else track.name
    return str(named) if named else f"track {track.track}"


def _number(value: float, ranking: Ranking) -> str:
    return f"{value:.1f}" if ranking.unit == "points" else f"{value:.2f}"
