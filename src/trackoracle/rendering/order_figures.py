"""Figures of several answers under one another: a ranking, and scenarios of one track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trackoracle.rendering.ranking import name_of
from trackoracle.rendering.vega import (
    Figure,
    Spec,
    between,
    chart,
    level,
    mark,
    names_axis,
    quantity,
    tips,
)
from trackoracle.rendering.words import in_two_lines, percent
from trackoracle.schema import Ranking

Row = dict[str, Any]
_MOST_ROWS, _LETTERS = 50, 22
_LINE = 36
"""Pixels of a row whose name may take two lines."""
_AXES = {"popularity": "popularity, points", "hit": "probability of a hit", "tier": "expected tier"}


def ranking_figure(ranking: Ranking, names: Sequence[str | None] | None = None) -> Figure:
    """Draw tracks in their order: what is expected, its interval, and who may be the best.

    Parameters
    ----------
    names
        What people call the tracks, by row of what was asked.

    Examples
    --------
    >>> import trackoracle as to
    >>> ranking = to.load_oracle().rank([{"genre": "pop"}, {"genre": "jazz"}])
    >>> [row["track"] for row in ranking_figure(ranking).spec["data"]["values"]]
    ['track 1', 'track 2']
    """
    shown = ranking.tracks[:_MOST_ROWS]
    rows = [
        {
            "track": name_of(t, names),
            "line": in_two_lines(f"{t.rank}. {name_of(t, names)}", _LETTERS),
            "expected": t.prediction,
            "low": t.answer.get("popularity_low"),
            "high": t.answer.get("popularity_high"),
            "p_best": t.p_best,
            "p_above_next": t.p_above_next,
            "group": t.group,
            "said": percent(t.p_best),
            "ends_group": i + 1 < len(shown) and shown[i + 1].group != t.group,
        }
        for i, t in enumerate(shown)
    ]
    tooltip = tips(("p_best", "does best of all"), ("p_above_next", "better than the next"),
                   p_best=".1%", p_above_next=".1%")  # fmt: skip
    note = f"{_how_to_read(ranking.target, ranking.level)} Right: the probability of doing best"
    note += (
        " of all. A dashed line ends a group, within which none is told from its first; neighbours "
        "across it may be close, too."
    )
    if len(ranking.tracks) > len(shown):
        note += f" The first {len(shown)} of {len(ranking.tracks):,}."
    spec = _lines(rows, "track", ranking.target, "best of all", tooltip)
    return Figure("ranking", "The order, and how sure it is", note, spec, wide=True)


def scenarios_figure(
    scenarios: Sequence[tuple[str, Mapping[str, Any]]], level: float = 0.9
) -> Figure:
    """Draw the answers to several versions of one track under one another.

    Parameters
    ----------
    scenarios
        Name and what `predict` says of it, by column; the first is what the others are held
        against.
    level
        Of the intervals.

    Examples
    --------
    >>> oracle_says = {"popularity": 30.0, "popularity_low": 5.0, "popularity_high": 60.0}
    >>> faster = {**oracle_says, "popularity": 34.5}
    >>> found = scenarios_figure([("as it is", oracle_says), ("faster", faster)])
    >>> [row["said"] for row in found.spec["data"]["values"]]
    ['30.0', '34.5 (+4.5)']
    """
    target = target_of(scenarios[0][1]) if scenarios else "popularity"
    first = expected(scenarios[0][1]) if scenarios else 0.0
    rows = [
        {
            "scenario": name,
            "line": in_two_lines(f"{i}. {name}", _LETTERS),
            "expected": expected(answer),
            "low": answer.get("popularity_low"),
            "high": answer.get("popularity_high"),
            "p_hit": answer.get("p_hit"),
            "said": _beside(expected(answer), first if i > 1 else None, target),
            "ends_group": False,
        }
        for i, (name, answer) in enumerate(scenarios, start=1)
    ]
    tooltip = tips(("p_hit", "probability of a hit"), p_hit=".1%") if target != "tier" else []
    spec = _lines(rows, "scenario", target, "expected", tooltip, guide=first)
    note = f"{_how_to_read(target, level)} In brackets and dashed: against the first."
    return Figure("scenarios", "Scenarios side by side", note, spec, wide=True)


def target_of(answer: Mapping[str, Any]) -> str:
    """Return the name of the target that an answer of `predict` is of."""
    return "popularity" if "popularity" in answer else "tier" if "tier" in answer else "hit"


def expected(answer: Mapping[str, Any]) -> float:
    """Return expected popularity, the probability of a hit, or the expected tier of an answer."""
    match target_of(answer):
        case "popularity":
            return float(answer["popularity"])
        case "hit":
            return float(answer["p_hit"])
        case _:
            shares = [p for name, p in answer.items() if name.startswith("p_tier_")]
            return sum(i * float(p) for i, p in enumerate(shares))


def _beside(value: float, first: float | None, target: str) -> str:
    """Say a value, and its difference to the first."""
    digits, unit = {"popularity": (1, ""), "hit": (1, " %"), "tier": (2, "")}[target]
    by = 100 if target == "hit" else 1
    shown = f"{by * value:.{digits}f}{unit}"
    if first is None:
        return shown
    return f"{shown} ({round(by * (value - first), digits) + 0.0:+.{digits}f})"


def _how_to_read(target: str, level: float) -> str:
    if target == "popularity":
        return f"Dot: expected popularity. Line: where it lies with {100 * level:g} % probability."
    return f"Dot: {_AXES[target]}."


def _lines(
    rows: list[Row],
    name: str,
    target: str,
    head: str,
    tooltip: list[Row],
    guide: float | None = None,
) -> Spec:
    """Draw a dot and an interval a row, and write something at its right."""
    most = 100.0 if target == "popularity" else max((r["expected"] for r in rows), default=1.0)
    most = most or 1.0
    ticks: Row = (
        {"values": [0, 20, 40, 60, 80, 100]} if target == "popularity" else {"tickCount": 4}
    )
    if target == "hit":
        ticks["format"] = ".0%" if most > 0.04 else ".1%"
    scale = {"domain": [0, most], "nice": target != "popularity"}
    x = quantity("expected", _AXES[target], scale=scale, axis=ticks)
    fixed = {name: told for name, told in x.items() if name != "field"}
    y = level("line", axis=names_axis(_LETTERS), sort=[row["line"] for row in rows])
    fields = [(name, name), ("expected", _AXES[target])]
    if target == "popularity":
        fields += [("low", "from"), ("high", "to")]
    told = [*tips(*fields, expected=".3~f", low=".0f", high=".0f"), *tooltip]
    ends = {**between(x), "y": y, "tooltip": told}
    right = {"x": {"value": "width"}}
    above = {**right, "y": {"value": -10}, "text": {"value": head}}
    layers = [
        mark("rule", "guide", {"y": {**y, "bandPosition": 1}},
             transform=[{"filter": "datum.ends_group == true"}]),
        *([mark("rule", "guide", {"x": {**fixed, "datum": guide}}, [{}])]
          if guide is not None else []),
        *([mark("rule", "interval", ends)] if target == "popularity" else []),
        mark("point", "point", {"x": x, "y": y, "tooltip": told}),
        mark("text", "label", {**right, "y": y, "text": {"field": "said"}}, align="left", dx=10),
        mark("text", "aside", above, [{}], align="left", dx=10),
    ]  # fmt: skip
    return chart(_LINE * max(len(rows), 1), *layers, rows=rows)
