"""What a person says of one prediction."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from trackoracle.errors import FeedbackError

Verdict = Literal["too high", "too low", "about right", "other"]
FeedbackInterface = Literal["app", "gradio"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
COMMENT_LENGTH = 2_000
"""Most characters of a comment."""
JSON_LENGTH = 60_000
"""Most bytes of what was asked and of the answer, as JSON; what a TEXT of MySQL holds."""
_NAME_LENGTH = 100
_HASH = re.compile(r"[0-9a-f]{0,64}")
_SESSION = re.compile(r"[0-9a-f]{16}")
_UNSAID = re.compile(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What is kept of a comment as a blank: other white space, control characters, halves of pairs."""


@dataclass(frozen=True)
class Feedback:
    """What a person says of one prediction, with what was asked and answered.

    Parameters
    ----------
    oracle, oracle_hash
        The name under which it answered, and the SHA-256 of its bundle; empty where it is not
        known.
    asked
        The values that were asked about, by column.
    answered
        What the oracle answered.
    verdict
        What is said of it; see `VERDICTS`.
    interface
        Where it was said.
    session
        16 hexadecimal digits, drawn at random for the session; see `secrets.token_hex`. They
        tell nothing of a person.
    actual
        The true value in the target's unit, where the person knows it.
    comment
        At most `COMMENT_LENGTH` characters; control characters become blanks.
    at
        When, with a time zone; kept in UTC.
    id
        The number that a store gave it; None before.

    Raises
    ------
    FeedbackError
        On what cannot be kept.

    Examples
    --------
    >>> said = Feedback("starter", "", {"tempo": 120.0}, {"popularity": 41.5}, "too low",
    ...                 "app", "0123456789abcdef", comment="it was on every radio ")
    >>> said.comment, said.to_dict()["asked"]
    ('it was on every radio', {'tempo': 120.0})
    """

    oracle: str
    oracle_hash: str
    asked: Mapping[str, Any]
    answered: Mapping[str, Any]
    verdict: Verdict
    interface: FeedbackInterface
    session: str
    actual: float | None = None
    comment: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "comment", _UNSAID.sub(" ", self.comment).strip())
        if self.at.tzinfo is None:
            raise FeedbackError(
                f"at: expected a time with its zone, got {self.at}. Use datetime.now(UTC)."
            )
        object.__setattr__(self, "at", self.at.astimezone(UTC))
        _check_choice("verdict", self.verdict, VERDICTS)
        _check_choice("interface", self.interface, get_args(FeedbackInterface))
        _check_form("oracle", len(self.oracle), 0 < len(self.oracle) <= _NAME_LENGTH,
                    f"a name of 1 to {_NAME_LENGTH} characters")  # fmt: skip
        _check_form("oracle_hash", self.oracle_hash, bool(_HASH.fullmatch(self.oracle_hash)),
                    "hexadecimal digits")  # fmt: skip
        _check_form("session", self.session, bool(_SESSION.fullmatch(self.session)),
                    "16 hexadecimal digits")  # fmt: skip
        if self.actual is not None and not math.isfinite(self.actual):
            raise FeedbackError(
                f"actual: expected a number, got {self.actual}. Correct it, or leave it out."
            )
        if len(self.comment) > COMMENT_LENGTH:
            raise FeedbackError(
                f"comment: expected at most {COMMENT_LENGTH:,} characters, got "
                f"{len(self.comment):,}. Shorten it."
            )
        feedback_json("asked", self.asked)
        feedback_json("answered", self.answered)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; the time in ISO 8601."""
        return asdict(self) | {
            "asked": dict(self.asked),
            "answered": dict(self.answered),
            "at": self.at.isoformat(),
        }


def feedback_json(name: str, values: Mapping[str, Any]) -> str:
    """Return values as one text of ASCII.

    Raises
    ------
    FeedbackError
        When they are no plain values, or too long.

    Examples
    --------
    >>> feedback_json("asked", {"tempo": 120, "artists": ["A"]})
    '{"tempo": 120, "artists": ["A"]}'
    """
    try:
        text = json.dumps(dict(values), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise FeedbackError(
            f"{name}: expected plain values by name, got others ({error}). Leave those out."
        ) from error
    if len(text) > JSON_LENGTH:
        raise FeedbackError(
            f"{name}: expected at most {JSON_LENGTH:,} bytes as JSON, got {len(text):,}. Leave "
            "long values out."
        )
    return text


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    _check_form(name, value, value in choices, f"one of {', '.join(map(repr, choices))}")


def _check_form(name: str, value: object, fits: bool, expected: str) -> None:
    if not fits:
        shown = repr(value)[:60]
        raise FeedbackError(f"{name}: expected {expected}, got {shown}. Correct it.")
