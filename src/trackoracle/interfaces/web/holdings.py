"""What the server holds for all users: oracles, the catalog it was started with, its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from trackoracle.interfaces.limits import AppLimits
from trackoracle.interfaces.web.jobs import JobBoard
from trackoracle.settings import Settings

if TYPE_CHECKING:
    from trackoracle.audio import Listeners
    from trackoracle.feedback import FeedbackStore
    from trackoracle.neighbours import Neighbours
    from trackoracle.oracle import Oracle
    from trackoracle.schema import Importance


@dataclass(frozen=True)
class Holdings:
    """What one app serves; nothing in it belongs to one user.

    Parameters
    ----------
    oracles
        By name; the first is the one that is meant without a choice.
    catalog
        The source of the catalog that every user may open.
    limits
        What users may send.
    feedback
        Where what they say is kept; None for the place that the settings tell.
    """

    oracles: Mapping[str, Oracle]
    catalog: str
    limits: AppLimits
    feedback: str | None = None

    @cached_property
    def listeners(self) -> Listeners:
        """Processes that hear recordings for all users."""
        from trackoracle.audio import Hearing, Listeners

        seconds = self.limits.audio_seconds
        return Listeners(Hearing(seconds=seconds), Settings.from_environment().n_jobs)

    @cached_property
    def board(self) -> JobBoard:
        """The long work of all users."""
        return JobBoard(self.limits.jobs)

    @cached_property
    def index(self) -> Neighbours:
        """The index of the catalog, among whose tracks similar ones are looked for."""
        import trackoracle

        with _building:
            return trackoracle.open_index(self.catalog)

    @cached_property
    def store(self) -> FeedbackStore:
        """Where what users say is kept; asked for anew until it could be opened."""
        from trackoracle.feedback import open_feedback

        with _building:
            return self.__dict__.get("store") or open_feedback(self.feedback)

    @cached_property
    def weighed(self) -> dict[str, Importance]:
        """What weighs in an oracle's answers, by its name, once a user asked for it."""
        return {}


_held: list[Holdings] = []
_building = Lock()


def hold(holdings: Holdings) -> None:
    """Set what the pages of this process answer from."""
    _held[:] = [holdings]


def held() -> Holdings:
    """Return what the pages of this process answer from."""
    return _held[0]
