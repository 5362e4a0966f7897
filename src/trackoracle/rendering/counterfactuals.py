"""What would change a prediction, as text and as a table; association, never cause."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.rendering.reasons import label, shown_value
from trackoracle.rendering.words import listed
from trackoracle.schema import Change, Counterfactual, Counterfactuals, Lever

_NOTHING = {"points": 0.5, "probability": 0.005, "tier": 0.02}
"""By unit: less is not told as a difference."""
_MOST_LEVERS = 3


def counterfactuals_table(result: Counterfactuals, name: str | None = None) -> RenderableType:
    """Show what would change a prediction: the sentences, and a row a counterfactual."""
    what = escape(str(name)) if name else f"track {escape(result.track)}"
    parts: list[RenderableType] = [Text.from_markup(f"[bold]Changes of {what}[/]")]
    said = change_text(result)
    parts += [Text(said[0]), Text()]
    if result.counterfactuals:
        parts += [_table(result), Text(_legend(result), style="dim"), Text()]
    parts += [Text(sentence) for sentence in said[1:]]
    parts += [Text(note, style="dim") for note in result.notes]
    return Group(*parts)


def _table(result: Counterfactuals) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("change", overflow="fold", min_width=14)
    table.add_column(_HEADS[result.target], justify="right", no_wrap=True)
    has_interval = "popularity_low" in result.answer
    if has_interval:
        table.add_column("interval", justify="right", no_wrap=True)
    if result.goal.kind in ("p_hit", "tier") and result.target != "hit":
        table.add_column("P(goal)", justify="right", no_wrap=True)
    table.add_column("better", justify="right", no_wrap=True)
    table.add_column("usual", justify="right", no_wrap=True)
    rows: list[Counterfactual | None] = [None, *result.counterfactuals]
    for found in rows:
        answer = result.answer if found is None else found.answer
        changes = (
            ["as it is"] if found is None else [_change_cell(change) for change in found.changes]
        )
        prediction = result.prediction if found is None else found.prediction
        cells = [f"[bold]{_number(prediction, result.unit)}[/]"]
        if has_interval:
            cells.append(f"{answer['popularity_low']:.0f} to {answer['popularity_high']:.0f}")
        if result.goal.kind in ("p_hit", "tier") and result.target != "hit":
            value = result.goal_value if found is None else found.goal_value
            cells.append(_number(value, "probability"))
        if found is None:
            cells += ["", ""]
        else:
            noise = "~" if found.within_noise else ""
            usual = "-" if found.plausibility is None else f"{100 * found.plausibility:.0f} %"
            cells += [f"{noise}{found.p_better:.2f}", usual]
        style = "dim" if found is None else "green" if found.reaches else ""
        table.add_row(escape("\n".join(changes)), *cells, style=style, end_section=True)
    return table


_HEADS = {"popularity": "popularity", "hit": "P(hit)", "tier": "tier"}


def _legend(result: Counterfactuals) -> str:
    noise = (
        " ~ too close to call: below two to one."
        if any(found.within_noise for found in result.counterfactuals)
        else ""
    )
    return (
        "better: probability that a track like the changed one beats a track like this one."
        f"{noise} usual: share of real tracks ({result.compared_with}) that are more unusual."
    )


def change_text(result: Counterfactuals) -> list[str]:
    """Say what is predicted, what would help, what would not, and what is within the noise.

    Returns
    -------
    Sentences; each states only figures of the result.
    """
    said = [f"{_predicted(result)} {goal_verdict(result)}"]
    if result.counterfactuals:
        said.append(_first(result))
        said.append(noise_sentence(result.counterfactuals))
    helping, idle, none = _sorted_levers(result)
    if helping:
        shown = [
            f"{label(lever.feature)} at {value_text(lever.feature, lever.after)} "
            f"({_number(lever.goal_value, _goal_unit(result))})"
            for lever in helping[:_MOST_LEVERS]
        ]
        said.append(f"Alone, these go with most: {listed(shown)}.")
    if idle:
        least = _number(_NOTHING[_goal_unit(result)], _goal_unit(result))
        said.append(
            f"Alone, worth less than {least}{_unit_words(_goal_unit(result))} at any plausible "
            f"value: {listed([label(lever.feature) for lever in idle])}."
        )
    if none:
        names = listed([label(lever.feature) for lever in none])
        said.append(f"No other value is plausible alone: {names}.")
    return said


def _predicted(result: Counterfactuals) -> str:
    value = _number(result.prediction, result.unit)
    match result.target:
        case "hit":
            return f"Predicted: a hit with probability {value}."
        case "tier":
            return f"Predicted: tier {value} on average."
        case _:
            low, high = (result.answer[f"popularity_{end}"] for end in ("low", "high"))
            return (
                f"Predicted: popularity {value}, and with {100 * result.level:g} % probability "
                f"{low:.0f} to {high:.0f}."
            )


def goal_verdict(result: Counterfactuals) -> str:
    """Say whether the goal is reached, and what is the best where it is not."""
    goal = result.goal.text
    if result.met:
        return f"The goal, {goal}, is reached as it is."
    if result.goal.at_least is None:
        if not result.counterfactuals:
            return "No plausible change goes with a better prediction."
        return f"The goal is {goal} by at most {_edits(result.most_edits)}."
    if result.feasible:
        n = len(result.counterfactuals)
        return f"The goal, {goal}, is reached by {n} plausible change{'' if n == 1 else 's'}."
    if not result.counterfactuals:
        return f"No plausible change reaches the goal, {goal}, and none comes nearer."
    best = max(found.goal_value for found in result.counterfactuals)
    found = _number(best, _goal_unit(result))
    least = result.goal.at_least
    if least is not None and found == _number(least, _goal_unit(result)):
        found = f"a little less than {found}"
    return (
        f"No plausible change of at most {_edits(result.most_edits)} reaches the goal, {goal}: "
        f"the best that was found is {found}."
    )


def _first(result: Counterfactuals) -> str:
    found = result.counterfactuals[0]
    most = max(one.goal_value for one in result.counterfactuals) - result.goal_value
    least = _NOTHING[_goal_unit(result)]
    if most < least:
        unit = _goal_unit(result)
        return f"No change is worth {_number(least, unit)}{_unit_words(unit)}."
    edits = listed(
        [
            f"{label(c.feature)} {value_text(c.feature, c.after)} instead of "
            f"{value_text(c.feature, c.before)}"
            for c in found.changes
        ]
    )
    unit = _goal_unit(result)
    return (
        f"With {edits}, {_quantity(result)} is {_number(found.goal_value, unit)} instead of "
        f"{_number(result.goal_value, unit)}."
    )


def noise_sentence(found: Sequence[Counterfactual], mark: str = "~") -> str:
    """Say which of some changes, at least one, are within the noise.

    Parameters
    ----------
    mark
        What stands at these where they are listed.
    """
    n_noise = sum(one.within_noise for one in found)
    best = max(one.p_better for one in found)
    if n_noise == len(found):
        return (
            "All of it is within the noise: a track like the changed one beats a track like this "
            f"one with a probability of {best:.2f} at most, and 0.5 is chance."
        )
    if n_noise:
        return f"{n_noise} of {len(found)} are within the noise, marked {mark}."
    least = min(one.p_better for one in found)
    return (
        "Each is beyond the noise: a track like the changed one beats a track like this one with "
        f"a probability of {least:.2f} or more."
    )


def _sorted_levers(result: Counterfactuals) -> tuple[list[Lever], list[Lever], list[Lever]]:
    """Part the levers: what helps alone, what does next to nothing, what cannot move."""
    least = _NOTHING[_goal_unit(result)]
    movable = [lever for lever in result.levers if lever.after is not None]
    helping = [lever for lever in movable if lever.goal_value - result.goal_value >= least]
    idle = [lever for lever in movable if lever not in helping]
    return helping, idle, [lever for lever in result.levers if lever.after is None]


def _goal_unit(result: Counterfactuals) -> str:
    """Return the unit of what the goal is about."""
    if result.goal.kind in ("p_hit", "tier"):
        return "probability"
    return result.unit


def _quantity(result: Counterfactuals) -> str:
    if result.goal.kind == "tier":
        return "the probability of the goal"
    if result.goal.kind == "p_hit" or result.target == "hit":
        return "the probability of a hit"
    return f"the expected {result.target}"


def _unit_words(unit: str) -> str:
    return " points" if unit == "points" else ""


def _number(value: float, unit: str) -> str:
    """Write a prediction with the digits that its unit deserves."""
    return f"{value:.1f}" if unit == "points" else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _edits(n: int) -> str:
    return "one edit" if n == 1 else f"{n} edits"


def _change_cell(change: Change) -> str:
    before, after = (value_text(change.feature, v) for v in (change.before, change.after))
    unit = f" {change.unit}"
    before = before.removesuffix(unit) if after.endswith(unit) else before
    return f"{label(change.feature)} {before} → {after}"


def value_text(feature: str, value: float | str | None) -> str:
    """Write a value as a musician reads it.

    Examples
    --------
    >>> value_text("duration_ms", 215000.0), value_text("key", 9), value_text("loudness", -7.25)
    ('3:35', 'A', '-7.2 dB')
    """
    if value is None or isinstance(value, str):
        return "" if value is None else value
    match feature:
        case "duration_ms" | "key" | "mode" | "explicit":
            return shown_value(feature, value)
        case "time_signature":
            return f"{int(value)}/4"
        case "loudness":
            return f"{value:.1f} dB"
        case "tempo":
            return f"{value:.0f} BPM"
        case _:
            return f"{value:.4g}" if abs(value) >= 1 else f"{value:.3f}"
