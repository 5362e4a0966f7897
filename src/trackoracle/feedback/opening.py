"""Which store is meant: the one that is named, that of the environment, or the user's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from trackoracle.errors import FeedbackError
from trackoracle.feedback.store import FeedbackStore
from trackoracle.settings import Settings, feedback_file


def open_feedback(
    named: str | Path | None = None, settings: Settings | None = None, *, create: bool = True
) -> FeedbackStore:
    """Open the store of feedback.

    Parameters
    ----------
    named
        A file or a database URL; left out, that of the settings, and there left out too, a file
        in the user's own folder, which is made.
    settings
        The environment's, when left out.
    create
        Whether to make a store that is not there yet.

    Raises
    ------
    FeedbackError
        When it cannot be opened; see `FeedbackStore.open`.

    Examples
    --------
    >>> import tempfile
    >>> with open_feedback(Path(tempfile.mkdtemp()) / "feedback.db") as store:
    ...     store.count()
    0
    """
    place = named or (settings or Settings.from_environment()).feedback
    if place:
        return FeedbackStore.open(place, create=create)
    own = _own_file()
    if create:
        try:
            own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FeedbackError(
                f"{own}: expected a folder that can be made, got an error "
                f"({error.strerror or error}). Set TRACKORACLE_FEEDBACK to another place."
            ) from error
    return FeedbackStore.open(own, create=create)


def _own_file() -> Path:
    try:
        return feedback_file(os.environ, sys.platform)
    except RuntimeError as error:  # a container's user may have none
        raise FeedbackError(
            "feedback: expected a home folder to keep it in, got none. Set TRACKORACLE_FEEDBACK "
            "to a file or a database URL."
        ) from error
