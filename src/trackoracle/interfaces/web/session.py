"""What one user has at hand: never shared, gone with the browser's tab."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from trackoracle.interfaces.web.holdings import held
from trackoracle.schema import ESTIMATED, Heard, bounds

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

Origin = Literal["hand", "recording", "link", "catalog", "sample"]
Row = dict[str, Any]
_KEY = "trackoracle"


@dataclass
class InHand:
    """The track that a user asks about.

    Parameters
    ----------
    title
        What it is called on the pages.
    origin
        Where it came from.
    row
        What is known of it, as it came.
    edits
        What the user set otherwise, by column; None leaves a column out.
    heard
        What was heard, of a recording.
    notes
        What is to be known of where it came from.
    number
        Another one for every track, by which its controls are told from those of the last.
    """

    title: str
    origin: Origin
    row: Row
    edits: Row = field(default_factory=dict)
    heard: Heard | None = None
    notes: tuple[str, ...] = ()
    number: int = 0

    def asked(self) -> Row:
        """Return the row that an oracle is asked about: as it came, with the edits.

        An estimated feature that was set by hand is no longer estimated: its bounds go.
        """
        row = self.row | self.edits
        for name in ESTIMATED:
            if name in self.edits:
                for bound in bounds(name):
                    row.pop(bound, None)
        return {name: value for name, value in row.items() if not _is_missing(value)}


@dataclass(frozen=True)
class Scenario:
    """A version of a track that a user keeps to compare: its row, and what was predicted."""

    name: str
    row: Mapping[str, Any]
    answer: Mapping[str, Any]
    oracle: str
    origin: Origin = "hand"


@dataclass
class Session:
    """One user's things.

    Parameters
    ----------
    label
        Random, tells nothing of the user; under it feedback is kept.
    oracle_name
        Which oracle answers.
    in_hand
        The track asked about; None before there is any.
    scenarios
        Versions kept side by side.
    kept
        What a page keeps from turn to turn, by its own names.
    """

    label: str
    oracle_name: str
    in_hand: InHand | None = None
    scenarios: list[Scenario] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    n_tracks: int = 0

    @property
    def oracle(self) -> Oracle:
        """The oracle that answers."""
        return held().oracles[self.oracle_name]

    def take(self, title: str, origin: Origin, row: Mapping[str, Any], **more: Any) -> InHand:
        """Put another track in hand."""
        self.n_tracks += 1
        self.in_hand = InHand(title, origin, dict(row), number=self.n_tracks, **more)
        return self.in_hand


def session() -> Session:
    """Return the things of the user who is being answered."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session(secrets.token_hex(8), next(iter(held().oracles)))
    own: Session = st.session_state[_KEY]
    return own


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | tuple) and not value)
