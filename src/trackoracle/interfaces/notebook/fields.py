"""The controls of an oracle as ipywidgets: what is not known is None, never zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as ipw

from trackoracle.rendering import (
    Control,
    shown_value,
    slider_ends,
    slider_step,
    standing,
    with_unit,
)
from trackoracle.schema import CREDIT_SEPARATOR, Typical

_WIDEST = 1e5
"""Numbers over a wider range, as followers, are typed."""
_UNKNOWN = ""
"""Stands for None among choices: ipywidgets shows a list of None as nothing chosen."""
_MS = 1000.0
_NAME = {"description_width": "9.5em"}
_WIDE = {"width": "100%"}


class Field:
    """One control.

    Parameters
    ----------
    control
        What it sets.
    box
        What is shown of it.
    parts
        Those in it that a user moves.
    """

    def __init__(self, control: Control, box: Any, *parts: Any) -> None:
        self.control, self.box, self._parts = control, box, parts
        self._given: Any = None
        self._stood: Any = None

    @property
    def is_moved(self) -> bool:
        """Whether somebody set another value than it was given."""
        return bool(self._standing() != self._stood)

    @property
    def value(self) -> Any:
        """The value: as it was given while nobody moved it, None where it is not known."""
        return self._told() if self.is_moved else self._given

    def give(self, given: Any, typed: Any, typical: Typical | None) -> None:
        """Set a value, or None for not known.

        Parameters
        ----------
        given
            As it came; it stays the value, whatever a slider can show of it.
        typed
            As the contract types it, where the control then stands.
        typical
            Where a slider stands of which nothing is known.
        """
        self._given = given
        self._show(typed, typical)
        self._stood = self._standing()

    def watch(self, moved: Callable[[Any], None]) -> None:
        """Call something when a user moves it."""
        for part in self._parts:
            part.observe(moved, "value")

    def _standing(self) -> Any:
        """Return how it stands."""
        return tuple(part.value for part in self._parts)

    def _show(self, value: Any, typical: Typical | None) -> None:
        raise NotImplementedError

    def _told(self) -> Any:
        raise NotImplementedError


class NumberField(Field):
    """A number: a slider, or typed where its range is wide, and whether it is known."""

    def __init__(self, control: Control) -> None:
        self._known = ipw.Checkbox(
            True, tooltip=control.meaning, indent=False,
            description=control.label if control.kind == "length" else with_unit(control),
            layout={"width": "11.5em", "flex": "0 0 auto"},
        )  # fmt: skip
        ends = control.seen_low, control.seen_high
        is_wide = None in ends or float(ends[1] or 0) - float(ends[0] or 0) > _WIDEST
        self._is_length = control.kind == "length"
        self._unit = _MS if self._is_length else 1.0
        flex = {"flex": "1 1 8em", "width": "auto", "min_width": "6em"}
        self._is_typed = is_wide and not self._is_length
        if self._is_typed:
            self._number = ipw.FloatText(layout=flex)
        else:
            self._number = ipw.FloatSlider(
                continuous_update=False, layout=flex, readout=not self._is_length
            )
        self._clock = ipw.Label(layout={"width": "4em"})
        row = [self._known, self._number, *([self._clock] if self._is_length else [])]
        super().__init__(control, ipw.HBox(row, layout=_WIDE), self._known, self._number)
        self._known.observe(self._dim, "value")
        self._number.observe(self._say, "value")

    def _show(self, value: Any, typical: Typical | None) -> None:
        shown = standing(self.control, value, typical)
        if not self._is_typed:
            low, high = slider_ends(self.control, shown, typical)
            step = slider_step(self.control, high - low)
            # The ends first go apart: ipywidgets refuses a lower end above the upper one.
            self._number.min = min(low / self._unit, self._number.min)
            self._number.max = max(high / self._unit, self._number.max)
            self._number.value = shown / self._unit
            self._number.min, self._number.max = low / self._unit, high / self._unit
            self._number.step = step
            digits = max(0, len(f"{step:.10f}".rstrip("0").partition(".")[2]))
            self._number.readout_format = f".{digits}f"
        else:
            self._number.value = shown
        self._known.value = value is not None
        self._dim(None)
        self._say(None)

    def _told(self) -> Any:
        return float(self._number.value) * self._unit if self._known.value else None

    def _dim(self, _: Any) -> None:
        self._number.disabled = not self._known.value

    def _say(self, _: Any) -> None:
        if self._is_length:
            told = shown_value(self.control.name, float(self._number.value) * self._unit)
            self._clock.value = told


class ChoiceField(Field):
    """One of few codes, or not known."""

    def __init__(self, control: Control) -> None:
        named = [("not known", _UNKNOWN), *((called, code) for code, called in control.choices)]
        self._choice = ipw.Dropdown(
            options=named, description=control.label, tooltip=control.meaning, style=_NAME,
            layout=_WIDE,
        )  # fmt: skip
        super().__init__(control, self._choice, self._choice)

    def _show(self, value: Any, typical: Typical | None) -> None:
        codes = {code for code, _ in self.control.choices}
        is_code = value is not None and float(value) in codes
        self._choice.value = float(value) if is_code else _UNKNOWN

    def _told(self) -> Any:
        return None if self._choice.value == _UNKNOWN else self._choice.value


class LevelsField(Field):
    """Any of the categories that were seen in training."""

    def __init__(self, control: Control) -> None:
        levels = [str(level) for level, _ in control.choices]
        self._levels = ipw.TagsInput(
            allowed_tags=levels, allow_duplicates=False, layout=_WIDE,
            tooltip=control.meaning, placeholder="not known",
        )  # fmt: skip
        label = ipw.Label(control.label, tooltip=control.meaning)
        super().__init__(control, ipw.VBox([label, self._levels], layout=_WIDE), self._levels)

    def _show(self, value: Any, typical: Typical | None) -> None:
        known = {str(level) for level, _ in self.control.choices}
        self._levels.value = [each for each in listed(value) if each in known]

    def _told(self) -> Any:
        return list(self._levels.value) or None


class TextField(Field):
    """A text, a date, or names with a semicolon between."""

    def __init__(self, control: Control) -> None:
        wanted = "2026-11-27, 2026-11 or 2026" if control.kind == "date" else "not known"
        if control.name == "artists":
            wanted = f"several names with {CREDIT_SEPARATOR} between"
        self._text = ipw.Text(
            description=control.label, placeholder=wanted, continuous_update=False,
            tooltip=control.meaning, style=_NAME, layout=_WIDE,
        )  # fmt: skip
        super().__init__(control, self._text, self._text)

    def _show(self, value: Any, typical: Typical | None) -> None:
        is_list = isinstance(value, list | tuple)
        self._text.value = CREDIT_SEPARATOR.join(value) if is_list else str(value or "")

    def _told(self) -> Any:
        return self._text.value.strip() or None


def listed(value: Any) -> list[str]:
    """Return levels as a list, however they were given."""
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(CREDIT_SEPARATOR) if part.strip()]
    return [str(each) for each in value]


def field_of(control: Control) -> Field:
    """Return what sets a control."""
    match control.kind:
        case "levels":
            return LevelsField(control)
        case "choice":
            return ChoiceField(control)
        case "number" | "length":
            return NumberField(control)
    return TextField(control)
