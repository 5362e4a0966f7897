"""What a user says of an answer, kept as the app's feedback is."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import OrderedDict
from threading import Lock
from typing import Any

from trackoracle.errors import FeedbackError, TrackOracleError
from trackoracle.interfaces.gradio_page.asking import Held, Row, answered, plain
from trackoracle.schema import Feedback

MOST = 30
"""So often one session's feedback is kept."""
_SESSIONS = 10_000
"""Sessions whose flags are remembered; the oldest are forgotten first."""


class Flags:
    """Keeps what is said, an answer once and so many a session.

    Parameters
    ----------
    held
        What the page serves.
    """

    def __init__(self, held: Held) -> None:
        self._held = held
        # The label tells nothing of the session that Gradio knows: nobody else has the key.
        self._key = secrets.token_bytes(32)
        self._said: OrderedDict[str, set[str]] = OrderedDict()
        self._lock = Lock()

    def label(self, session: str | None) -> str:
        """Return the label under which a session's feedback is kept."""
        told = str(session or secrets.token_hex(16)).encode()
        return hashlib.blake2b(told, key=self._key, digest_size=8).hexdigest()

    def keep(
        self, session: str | None, name: str, row: Row, verdict: Any, actual: Any, comment: Any
    ) -> str:
        """Keep what is said of an answer; return what the user is told."""
        label = self.label(session)
        sign = json.dumps([name, plain(row)], sort_keys=True)
        with self._lock:
            before = self._said.setdefault(label, set())
            self._said.move_to_end(label)
            while len(self._said) > _SESSIONS:
                self._said.popitem(last=False)
            if sign in before:
                return "You already said something of this answer. Thank you."
            if len(before) >= MOST:
                return f"You flagged {MOST} answers, as many as one visit can. Thank you."
            before.add(sign)
        try:
            self._add(label, name, row, verdict, actual, comment)
        except TrackOracleError as error:
            before.discard(sign)
            return error.message
        return "Thank you. It is kept."

    def _add(
        self, label: str, name: str, row: Row, verdict: Any, actual: Any, comment: Any
    ) -> None:
        if verdict is None:
            raise FeedbackError("verdict: expected one of the choices, got none. Choose one.")
        if actual is not None and (isinstance(actual, bool) or not isinstance(actual, int | float)):
            raise FeedbackError("actual: expected a number, got another. Correct it.")
        # Asked again: what is kept is the oracle's answer, whatever a client says that it was.
        answer = answered(self._held, name, row).answer
        checksum = self._held.oracle(name).bundle.checksum
        self._held.store.add(
            Feedback(name, checksum, plain(row), plain(answer), verdict, "gradio", label,
                     actual=actual, comment=str(comment or ""))
        )  # fmt: skip
