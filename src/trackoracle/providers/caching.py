"""Answers kept on disk for a while, so that nothing is asked twice without need."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from trackoracle.atomic import replacing
from trackoracle.errors import TrackOracleError
from trackoracle.providers.requests import Answer, Deadline, Request, Sender, now

_FORMAT = 1
_KEPT_SHARE = 0.9
"""Of the limit, what stays when it is passed: not every answer clears up again."""


class Store:
    """A folder of answers: written whole, bounded in size; what is damaged counts as absent.

    Parameters
    ----------
    folder
        Made when the first answer is kept.
    most_bytes
        Of all answers together; the oldest go first. 0 keeps nothing.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most_bytes = folder, most_bytes

    def read(self, key: str) -> Answer | None:
        """Return the answer kept under a key, or None."""
        try:
            facts = json.loads(self._path(key).read_text(encoding="utf-8"))
            body = facts["body"].encode()
            whole = (
                facts["format"] == _FORMAT
                and facts["key"] == key
                and facts["sha256"] == hashlib.sha256(body).hexdigest()
            )
            return Answer(200, body, {}, _moment(facts["fetched"]).isoformat()) if whole else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def keep(self, key: str, answer: Answer) -> None:
        """Keep an answer; where the folder cannot be written, do without."""
        facts: dict[str, Any] = {"format": _FORMAT, "key": key, "fetched": answer.fetched}
        try:
            facts["body"] = answer.body.decode()
        except UnicodeDecodeError:
            return
        facts["sha256"] = hashlib.sha256(answer.body).hexdigest()
        text = json.dumps(facts)
        if len(text) > self._most_bytes:
            return
        with contextlib.suppress(OSError, TrackOracleError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with replacing(self._path(key), private=True) as temporary:
                temporary.write_text(text, encoding="utf-8")
            self._bound()

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _bound(self) -> None:
        kept = [(path, path.stat()) for path in self._folder.glob("*.json")]
        total = sum(facts.st_size for _, facts in kept)
        if total <= self._most_bytes:
            return
        for path, facts in sorted(kept, key=lambda item: item[1].st_mtime_ns):
            path.unlink(missing_ok=True)
            total -= facts.st_size
            if total <= _KEPT_SHARE * self._most_bytes:
                return


class Cached:
    """Gives an answer again while it is fresh; keeps those that are JSON objects.

    Parameters
    ----------
    refresh
        Ask again, whatever is kept, and keep the new answer.
    """

    def __init__(
        self,
        sender: Sender,
        store: Store,
        *,
        refresh: bool = False,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._sender, self._store, self._refresh, self._clock = sender, store, refresh, clock

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """Return the kept answer where there is a fresh one, else ask."""
        if request.method != "GET" or request.fresh_for <= 0:
            return self._sender.send(request, deadline)
        key = json.dumps([request.url, sorted(request.query)])
        kept = None if self._refresh else self._store.read(key)
        if kept and self._age(kept) < request.fresh_for:
            return kept
        answer = self._sender.send(request, deadline)
        if answer.status == 200 and _is_object(answer.body):
            self._store.keep(key, answer)
        return answer

    def _age(self, answer: Answer) -> float:
        """Seconds since an answer was fetched; one from the future is never fresh."""
        age = (self._clock() - _moment(answer.fetched)).total_seconds()
        return age if age >= -1 else float("inf")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
