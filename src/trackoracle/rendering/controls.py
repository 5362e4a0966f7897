"""The inputs that an oracle asks for, as people set them, for every interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trackoracle.schema import CODE_NAMES, INPUT_GROUPS, Contract, ContractColumn

Kind = Literal["number", "length", "choice", "levels", "text", "date"]
MOST_CHOICES = 16
"""Whole numbers that are chosen from a list; more are typed."""
GROUP_NAMES = {
    "metadata": "Track",
    "genre": "Genre",
    "artist": "Artist",
    "release": "Release",
    "audio": "Sound",
    "other": "More",
}
_LENGTHS = ("duration_ms",)
"""Numbers that people tell as minutes and seconds."""
_PLAINLY = {
    "key": "The note that the piece is in.",
    "mode": "Whether it is in major or minor.",
    "explicit": "Whether its lyrics are marked explicit.",
}
"""What columns mean, where the schema tells of their codes."""


@dataclass(frozen=True)
class Control:
    """One input of an oracle, and how it is set.

    Parameters
    ----------
    name
        The column.
    label, meaning
        What people call it, and what it is in a sentence.
    kind
        "number"; "length", a number of milliseconds that is told as minutes and seconds;
        "choice" of few codes; "levels", any of the categories seen; "text"; or "date".
    group
        The input group, by the name of the schema.
    unit
        Of a number.
    low, high
        What is possible; None where unbounded.
    seen_low, seen_high
        The range seen in training: the ends of a slider. None where nothing slides.
    middle
        The middle value seen.
    whole
        Whether only whole numbers are possible.
    choices
        Codes, or categories, and what people call them.
    """

    name: str
    label: str
    meaning: str
    kind: Kind
    group: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    seen_low: float | None = None
    seen_high: float | None = None
    middle: float | None = None
    whole: bool = False
    seen: str = ""
    choices: tuple[tuple[float | str, str], ...] = ()

    def called(self, value: float | str) -> str:
        """Return what people call a value of a choice."""
        return dict(self.choices).get(value, str(value))


def controls(contract: Contract) -> tuple[Control, ...]:
    """Return a control for each column of a contract, in its order.

    Examples
    --------
    >>> import trackoracle as to
    >>> told = {one.name: one for one in controls(to.load_oracle().contract)}
    >>> told["duration_ms"].kind, told["key"].kind, told["energy"].kind, told["genres"].kind
    ('length', 'choice', 'number', 'levels')
    >>> told["mode"].called(1)
    'major'
    """
    return tuple(map(_control, contract.columns))


def control_groups(contract: Contract) -> list[tuple[str, list[Control]]]:
    """Return the controls of a contract by the groups that people see, in their order."""
    told = controls(contract)
    groups = [
        (GROUP_NAMES[group], [one for one in told if one.group == group])
        for group in sorted(INPUT_GROUPS, key=list(GROUP_NAMES).index)
    ]
    return [(name, of_group) for name, of_group in groups if of_group]


def _control(column: ContractColumn) -> Control:
    label = column.name.replace("_", " ").removesuffix(" ms").capitalize()
    own = column.group == "other"
    meaning = "Asked by this oracle alone." if own else _PLAINLY.get(column.name, column.meaning)
    told = Control(column.name, label, meaning, "text", column.group, column.unit)
    facts = {**told.__dict__, "low": column.low, "high": column.high, "whole": column.whole}
    facts["middle"] = column.median
    if column.role == "category":
        levels = tuple((level, level) for level in column.levels)
        return Control(**facts | {"kind": "levels", "choices": levels})
    if column.role != "number":
        return Control(**facts | {"kind": "date" if column.role == "date" else "text"})
    if _is_choice(column):
        assert column.low is not None
        assert column.high is not None
        codes = CODE_NAMES.get(column.name, {})
        numbers = range(int(column.low), int(column.high) + 1)
        choices = tuple((float(n), codes.get(n, str(n))) for n in numbers)
        return Control(**facts | {"kind": "choice", "choices": choices})
    facts["kind"] = "length" if column.name in _LENGTHS else "number"
    if column.seen_low is not None and column.seen_high is not None:
        ends = {"seen_low": column.seen_low, "seen_high": column.seen_high}
        facts |= {**ends, "seen": column.seen}
    return Control(**facts)


def _is_choice(column: ContractColumn) -> bool:
    bounded = column.low is not None and column.high is not None
    return column.whole and bounded and column.high - column.low < MOST_CHOICES  # type: ignore[operator]
