"""From how the controls stand to what an oracle says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from trackoracle.audio import Hearing, Listeners
from trackoracle.errors import SourceError, TrackOracleError, UnknownNameError
from trackoracle.interfaces.limits import AppLimits
from trackoracle.oracle import Oracle
from trackoracle.rendering import Control, answer_html, controls, error_html, finite, with_errors
from trackoracle.schema import Explanation, Heard, Popularity, heard_rows
from trackoracle.settings import Settings

if TYPE_CHECKING:
    from trackoracle.feedback import FeedbackStore

Row = dict[str, Any]
LEVEL = 0.9
MS = 1000.0
"""Milliseconds of a second: lengths are set in seconds."""


@dataclass(frozen=True)
class Held:
    """What the page serves; nothing in it belongs to one user.

    Parameters
    ----------
    oracles
        By name.
    limits
        What users may send.
    feedback
        Where what they say is kept; None for the place that the settings tell.
    """

    oracles: Mapping[str, Oracle]
    limits: AppLimits
    feedback: str | None = None

    def oracle(self, name: str) -> Oracle:
        """Return an oracle by its name."""
        if name not in self.oracles:
            raise UnknownNameError("oracle", str(name)[:100], self.oracles)
        return self.oracles[name]

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """A control for each column that any oracle knows, as wide as the widest needs."""
        found: dict[str, Control] = {}
        for oracle in self.oracles.values():
            for control in controls(oracle.contract):
                own = found.get(control.name)
                found[control.name] = _joined(own, control) if own else control
        return tuple(found.values())

    @cached_property
    def listeners(self) -> Listeners:
        """Processes that hear recordings for all users."""
        seconds = self.limits.audio_seconds
        return Listeners(Hearing(seconds=seconds), Settings.from_environment().n_jobs)

    @cached_property
    def store(self) -> FeedbackStore:
        """Where what users say is kept."""
        from trackoracle.feedback import open_feedback

        with _opening:
            return self.__dict__.get("store") or open_feedback(self.feedback)


_opening = Lock()


def _joined(one: Control, other: Control) -> Control:
    """Return a control in which the values of both can be set."""
    lows = [end for end in (one.seen_low, other.seen_low) if end is not None]
    highs = [end for end in (one.seen_high, other.seen_high) if end is not None]
    choices = dict([*one.choices, *other.choices])
    return replace(
        one,
        seen_low=min(lows, default=None),
        seen_high=max(highs, default=None),
        choices=tuple(choices.items()),
    )


def row_of(
    held: Held, name: str, left_out: Sequence[str], heard: Row, values: Sequence[Any]
) -> Row:
    """Return what is asked: what is known of the columns of the oracle that is chosen.

    Parameters
    ----------
    name
        Of the oracle.
    left_out
        Columns that are not known, wherever their controls stand.
    heard
        What was heard of a recording: an estimated feature keeps its error until it is set.
    values
        How the controls stand, in their order.
    """
    known, row = held.oracle(name).contract.names, Row()
    kept = set()
    for control, value in zip(held.controls, values, strict=True):
        if control.name not in known or control.name in left_out or value in (None, "", []):
            continue
        told = _milliseconds(value) if control.kind == "length" else value
        row[control.name] = told
        if told == heard.get(control.name):
            kept.add(control.name)
    return with_errors(row, heard, kept)


def _milliseconds(seconds: Any) -> Any:
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return round(seconds * MS, 3) if is_number else seconds


def answered(held: Held, name: str, row: Row) -> Explanation:
    """Return what the oracle says; raise what is wrong with what was sent."""
    return held.oracle(name).explain(row, level=LEVEL)


def shown(held: Held, name: str, row: Row, threshold: float) -> tuple[str, Row, Row]:
    """Return what the page shows of an answer, what was asked, and what `predict` says of it.

    What cannot be meant is told in both forms, by the facade's sentence.
    """
    try:
        told = answered(held, name, row)
        oracle = held.oracle(name)
        is_points = isinstance(oracle.target, Popularity)
        spread = oracle.distribution(row) if is_points else None
    except TrackOracleError as error:
        return error_html(error.message), plain(row), plain(error.to_dict())
    sent = json.dumps(plain(row), ensure_ascii=False)
    html = answer_html(told, oracle.target, spread, threshold=threshold, sent=sent)
    return html, plain(row), plain(told.answer)


def hear(held: Held, path: Path) -> tuple[Heard, Row]:
    """Listen to a recording that was sent, and delete it; return what was heard, and as a row.

    Raises
    ------
    SourceError
        When it cannot be heard; the sentence tells no path of this machine.
    """
    try:
        told = held.listeners.hear(path)
    finally:
        path.unlink(missing_ok=True)
    if not isinstance(told, Heard):
        raise SourceError(told.reason.replace(str(path), path.name))
    row = heard_rows([told]).row(0, named=True)
    return told, {name: value for name, value in row.items() if value is not None}


def plain(values: Mapping[str, Any]) -> Row:
    """Return values as JSON has them."""
    told: Row = json.loads(json.dumps(finite(dict(values)), default=str))
    return told
