"""Edits of a track in the words of who makes music, and what each feature does alone, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trackoracle.rendering.counterfactuals import value_text
from trackoracle.rendering.reasons import label
from trackoracle.rendering.vega import Figure, chart, level, mark, names_axis, quantity, tips
from trackoracle.rendering.words import in_two_lines, listed, percent
from trackoracle.schema import Change, Counterfactual, Counterfactuals, Typical

_LITTLE, _MUCH = 0.1, 0.4
"""Shares of what is usual in the genre: an edit below one is little, above the other a lot."""
_RISES = {
    "duration_ms": ("lengthen", "shorten"),
    "tempo": ("speed up", "slow down"),
    "loudness": ("make it louder,", "make it quieter,"),
}
_TURNS = {
    "key": "move to the key of {}",
    "mode": "turn to {}",
    "time_signature": "count in {}",
    "explicit": "set explicit to {}",
    "genres": "make it {}",
}
_ORDINARY, _SELDOM = 0.5, 0.1
_LETTERS, _LINE = 24, 36


def edits_sentence(changes: Sequence[Change], typical: Mapping[str, Typical] | None = None) -> str:
    """Say edits as what is to be done.

    Parameters
    ----------
    typical
        What is usual, by column: how large an edit is, is told where it is known.

    Examples
    --------
    >>> energy = {"energy": Typical(0.6, 0.2, 0.9)}
    >>> edits = [Change("duration_ms", 215000.0, 185000.0, "ms"), Change("energy", 0.6, 0.65)]
    >>> edits_sentence(edits, energy)
    'Shorten to 3:05 and raise energy a little'
    """
    said = listed([_edit(change, (typical or {}).get(change.feature)) for change in changes])
    return said[:1].upper() + said[1:]


def _edit(change: Change, typical: Typical | None) -> str:
    name, before, after = change.feature, change.before, change.after
    to = value_text(name, after)
    if name in _TURNS or isinstance(before, str) or isinstance(after, str):
        return _TURNS.get(name, f"set {label(name)} to {{}}").format(to)
    falls = after < before
    if name in _RISES:
        joined = "to" if name != "loudness" else "at"
        return f"{_RISES[name][falls]} {joined} {to}"
    size = ""
    if typical is not None and typical.high > typical.low:
        share = abs(after - before) / (typical.high - typical.low)
        size = " a little" if share < _LITTLE else " a lot" if share > _MUCH else ""
    return f"{'lower' if falls else 'raise'} {label(name)}{size}"


def gain(result: Counterfactuals, found: Counterfactual) -> tuple[str, str]:
    """Return what a change is worth, as a number to be shown large, and what it is.

    It is about the goal: a probability where one was asked for, else the prediction.
    """
    before = result.goal_value
    if result.goal.kind in ("p_hit", "tier") or result.target == "hit":
        return percent(found.goal_value), f"probability of {_wanted(result)}, now {percent(before)}"
    more = found.goal_value - before
    if result.target == "tier":
        return f"{more:+.2f}", f"tiers: {found.goal_value:.2f} on average, now {before:.2f}"
    low, high = (found.answer[f"popularity_{end}"] for end in ("low", "high"))
    return f"{more:+.1f}", (
        f"points: {found.goal_value:.0f} expected, and with {100 * result.level:g} % probability "
        f"{low:.0f} to {high:.0f}"
    )


def _wanted(result: Counterfactuals) -> str:
    return f"tier {result.goal.tier} or higher" if result.goal.kind == "tier" else "a hit"


def sureness(found: Counterfactual) -> str:
    """Say how sure it is that a changed track is the better one.

    Examples
    --------
    >>> edit = Change("tempo", 120.0, 100.0, "BPM")
    >>> found = Counterfactual((edit,), {}, 50.0, 50.0, False, 0.62, True, 1.0, 0.3)
    >>> sureness(found)
    'Too close to call: 62 % that a track like this beats one as it is, where 50 % is chance.'
    """
    chance = f"{percent(found.p_better)} that a track like this beats one as it is"
    if found.within_noise:
        return f"Too close to call: {chance}, where 50 % is chance."
    return f"{chance}, better than two to one."


def rarity(found: Counterfactual, group: str) -> str:
    """Say how usual a changed track would be; nothing where that is not known.

    Parameters
    ----------
    group
        The tracks that it is held against.

    Examples
    --------
    >>> edit = Change("tempo", 120.0, 100.0, "BPM")
    >>> rarity(Counterfactual((edit,), {}, 50.0, 50.0, False, 0.7, False, 1.0, 0.04), "acoustic")
    'Seldom: 4.0 % of real tracks (acoustic) are more unusual.'
    """
    if found.plausibility is None:
        return ""
    word = (
        "Ordinary" if found.plausibility >= _ORDINARY
        else "Plausible" if found.plausibility >= _SELDOM else "Seldom"
    )  # fmt: skip
    of = f" ({group})" if group else ""
    return f"{word}: {percent(found.plausibility)} of real tracks{of} are more unusual."


def levers_figure(result: Counterfactuals) -> Figure:
    """Draw the most that each feature does when it alone is changed.

    Examples
    --------
    >>> import trackoracle as to
    >>> track = {"genre": "pop", "tempo": 120.0, "energy": 0.5}
    >>> figure = levers_figure(to.load_oracle().counterfactuals(track, most_edits=1))
    >>> figure.title
    'What each feature goes with alone'
    """
    is_share = result.goal.kind in ("p_hit", "tier") or result.unit == "probability"
    digits, by, unit = (1, 100, " %") if is_share else (2 if result.unit == "tier" else 1, 1, "")
    rows: list[dict[str, Any]] = []
    idle = []
    for lever in result.levers:
        more = round(by * (lever.goal_value - result.goal_value), digits)
        if lever.after is not None and more <= 0:
            idle.append(label(lever.feature))
        elif lever.after is not None:
            name = f"{label(lever.feature)}: {value_text(lever.feature, lever.after)}"
            rows.append(
                {
                    "feature": label(lever.feature),
                    "line": in_two_lines(name, _LETTERS),
                    "more": more,
                    "said": f"{more:+.{digits}f}{unit}",
                }
            )
    still = [label(lever.feature) for lever in result.levers if lever.after is None]
    note = "Each feature alone, at its best plausible value. Association, not cause."
    if idle:
        note += f" Nothing is gained by {listed(idle)}."
    if still:
        note += f" No other value is plausible alone: {listed(still)}."
    most = max((row["more"] for row in rows), default=0.0) or 1.0
    axis = f"more {_axis(result)}"
    x = quantity("more", axis, scale={"domain": [0, 1.2 * most], "nice": False},
                 axis={"tickCount": 4})  # fmt: skip
    y = level("line", axis=names_axis(_LETTERS), sort=[row["line"] for row in rows])
    where = {"x": x, "y": y, "tooltip": tips(("line", "at"), ("said", axis))}
    layers = [
        mark("bar", "main", where, minBandSize=2),
        mark("text", "label", {**where, "text": {"field": "said"}}, align="left", dx=5),
    ]
    return Figure("levers", "What each feature goes with alone", note,
                  chart(_LINE * max(len(rows), 1), *layers, rows=rows))  # fmt: skip


def _axis(result: Counterfactuals) -> str:
    if result.goal.kind == "tier":
        return "probability of the tier, %"
    if result.goal.kind == "p_hit" or result.unit == "probability":
        return "probability of a hit, %"
    return "points" if result.unit == "points" else "tiers on average"
