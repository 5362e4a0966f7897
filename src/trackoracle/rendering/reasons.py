"""What an explanation says in sentences, each from its numbers: association, never cause."""

from __future__ import annotations

from collections.abc import Sequence

from trackoracle.schema import (
    CALIBRATION,
    CODE_NAMES,
    TRACK_COLUMNS,
    Attribution,
    Explanation,
    Given,
)

CAVEAT = (
    "This is what went together in the tracks that the oracle learned from. It does not say what "
    "caused it, nor what would happen if the track were changed."
)
LITTLE = {"points": 0.5, "log-odds": 0.05, "tier": 0.02}
"""By unit: a contribution below this is said not to matter."""
_DIGITS = {"points": 1, "log-odds": 2, "tier": 2}
_MOST_NAMED = 3
_MOST_LITTLE = 8
_LABELS = {
    "genres": "genre",
    "artists": "artist",
    "track_name": "title",
    "artists x album_name": "album by this artist",
    "track_name x album_name": "title in the album's name",
    "duration_ms": "duration",
    CALIBRATION: "calibration",
}


def label(feature: str) -> str:
    """Return what people call a feature.

    Examples
    --------
    >>> label("duration_ms"), label("energy x valence"), label("time_signature")
    ('duration', 'energy with valence', 'time signature')
    """
    return _LABELS.get(feature, feature.replace(" x ", " with ").replace("_", " "))


def amount(value: float, unit: str) -> str:
    """Write an amount with the digits of its unit; what rounds to nothing has no sign.

    Examples
    --------
    >>> amount(-0.04, "points"), amount(12.345, "log-odds")
    ('0.0', '12.35')
    """
    digits = _DIGITS[unit]
    return f"{round(value, digits) + 0.0:.{digits}f}"


def signed(value: float, unit: str) -> str:
    """Write what something contributes, with its sign."""
    shown = amount(value, unit)
    return shown if shown.startswith("-") or not float(shown) else f"+{shown}"


def shown_value(feature: str, value: Given) -> str:
    """Write a value as people say it.

    Examples
    --------
    >>> shown_value("duration_ms", 209164.0), shown_value("key", 1.0), shown_value("tempo", None)
    ('3:29', 'C♯/D♭', 'not given')
    >>> shown_value("loudness", -9.658), shown_value("genres", "pop; rock")
    ('-9.66 dB', 'pop; rock')
    """
    if value is None:
        return "" if feature == CALIBRATION else "not given"
    if isinstance(value, str):
        return value
    if feature == "duration_ms":
        seconds = round(value / 1000)
        return f"{seconds // 60}:{seconds % 60:02}"
    codes = CODE_NAMES.get(feature, {})
    if value in codes:
        return codes[int(value)]
    column = TRACK_COLUMNS.get(feature)
    unit = f" {column.unit}" if column is not None and column.unit else ""
    whole = column is not None and column.whole
    # Nobody hears a thousandth, and 2.69e-07 says no more than 0.
    text = f"{value:.0f}" if whole else f"{value:.3g}" if abs(value) >= 5e-4 else "0"
    return text + unit


def reasons(told: Explanation) -> tuple[str, ...]:
    """Say what drives a prediction, how sure it is, and what is of no weight, in sentences."""
    own = [a for a in told.attributions if a.feature != CALIBRATION]
    found = (
        answer_sentence(told),
        _start_sentence(told),
        *_driver_sentences(own, told.unit),
        _calibration_sentence(told),
        _sureness_sentence(told),
        _missing_sentence(own),
        _little_sentence(own, told.unit),
        _error_sentence(own, told.unit),
        _interaction_sentence(told),
        CAVEAT,
    )
    return tuple(sentence for sentence in found if sentence)


def answer_sentence(told: Explanation) -> str:
    """Say what is predicted."""
    answer = told.answer
    if told.unit == "points":
        return (
            f"Expected popularity {amount(told.prediction, 'points')} points, with "
            f"{100 * told.level:g} % probability from {answer['popularity_low']:.0f} to "
            f"{answer['popularity_high']:.0f}."
        )
    if told.unit == "log-odds":
        return (
            f"Probability of a hit {100 * answer['p_hit']:.1f} % "
            f"(log-odds {amount(told.prediction, 'log-odds')})."
        )
    tier = answer["tier"]
    return (
        f"Most likely tier {tier}, with {100 * answer[f'p_tier_{tier}']:.0f} % probability; "
        f"expected tier {amount(told.prediction, 'tier')}."
    )


def _start_sentence(told: Explanation) -> str:
    moved = told.raw - told.baseline
    way = "adds" if moved >= 0 else "takes off"
    return (
        f"The model starts from {_with_unit(told.baseline, told.unit)}, before it is told "
        f"anything of the track; what it is told {way} "
        f"{_with_unit(abs(moved), told.unit)}."
    )


def _with_unit(value: float, unit: str) -> str:
    shown = amount(value, unit)
    return {
        "points": f"{shown} points",
        "log-odds": f"log-odds of {shown}",
        "tier": f"{shown} tiers",
    }[unit]


def _driver_sentences(own: Sequence[Attribution], unit: str) -> tuple[str, ...]:
    sentences = []
    for sign, way in ((1, "more"), (-1, "less")):
        found = [a for a in own if sign * a.contribution >= LITTLE[unit]]
        if found:
            listed = ", ".join(
                f"{named(a)} {signed(a.contribution, unit)}" for a in found[:_MOST_NAMED]
            )
            rest = found[_MOST_NAMED:]
            others = (
                f" and {len(rest)} other{'s' if len(rest) > 1 else ''} "
                f"{signed(sum(a.contribution for a in rest), unit)}"
                f"{' together' if len(rest) > 1 else ''}"
                if rest
                else ""
            )
            sentences.append(f"Associated with {way}: {listed}{others}.")
        else:
            sentences.append(
                f"Nothing is associated with {way} by {LITTLE[unit]:g} {_plural_unit(unit)}."
            )
    return tuple(sentences)


def named(a: Attribution) -> str:
    """Name a feature with what it is on this track, where that says something."""
    if a.value is None:
        return f"{label(a.feature)} not given"
    if a.feature in ("genres", "key", "mode", "explicit"):
        return f"{label(a.feature)} ({shown_value(a.feature, a.value)})"
    return label(a.feature)


def _plural_unit(unit: str) -> str:
    return {"points": "points", "log-odds": "of log-odds", "tier": "tiers"}[unit]


def _calibration_sentence(told: Explanation) -> str:
    if abs(told.calibration) < LITTLE[told.unit]:
        return ""
    return (
        f"Calibration, fitted to tracks that the model had not seen, moves its answer by "
        f"{signed(told.calibration, told.unit)}."
    )


def _sureness_sentence(told: Explanation) -> str:
    if told.unit != "points":
        return ""
    low, high = told.answer["popularity_low"], told.answer["popularity_high"]
    inside = low <= told.baseline <= high
    return (
        f"The interval is {high - low:.0f} points wide and "
        + ("still holds" if inside else "leaves out")
        + f" the {amount(told.baseline, 'points')} that the model starts from."
    )


def _missing_sentence(own: Sequence[Attribution]) -> str:
    missing = sorted(label(a.feature) for a in own if a.value is None and " x " not in a.feature)
    return f"Not given: {', '.join(missing)}." if missing else ""


def _little_sentence(own: Sequence[Attribution], unit: str) -> str:
    little = [a for a in own if a.value is not None and abs(a.contribution) < LITTLE[unit]]
    if not little:
        return ""
    listed = sorted(label(a.feature) for a in little[::-1][:_MOST_LITTLE])
    more = len(little) - len(listed)
    others = f" and {more} more" if more else ""
    return (
        f"Of little weight here, less than {LITTLE[unit]:g} {_plural_unit(unit)} each: "
        f"{', '.join(listed)}{others}."
    )


def _error_sentence(own: Sequence[Attribution], unit: str) -> str:
    errors = [a.error for a in own if a.error is not None]
    if not errors:
        return ""
    return (
        "Contributions are estimated by sampling, the total excepted; the largest standard error "
        f"is {max(errors):.2g} {_plural_unit(unit)}."
    )


def _interaction_sentence(told: Explanation) -> str:
    if told.interactions is None:
        return ""
    strong = [p for p in told.interactions if abs(p.contribution) >= LITTLE[told.unit]]
    if not strong:
        return f"No two features tell {LITTLE[told.unit]:g} {_plural_unit(told.unit)} together."
    listed = ", ".join(
        f"{label(p.features[0])} and {label(p.features[1])} {signed(p.contribution, told.unit)}"
        for p in strong[:_MOST_NAMED]
    )
    return f"Together, beyond what each tells: {listed}."
