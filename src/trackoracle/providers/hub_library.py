"""The hub's own library, made to say what goes wrong, within a time, and nothing beside it."""

from __future__ import annotations

import logging
import random
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from trackoracle.errors import (
    HubError,
    ServiceAccessError,
    ServiceBusyError,
    ServiceError,
    ServiceUnreachableError,
    TrackOracleError,
)
from trackoracle.optional import require
from trackoracle.providers.retrying import asked_wait, duration

NAME = "Hugging Face hub"
SILENCE_SECONDS = 30.0
"""The longest silence of the hub."""
PATIENCE_SECONDS = 60.0
"""The longest wait that the hub may ask for; the library alone would wait for hours."""
_MOST_SHOWN = 200
_CLOSED = (401, 403)
_CHANGED = (409, 412)
_MAY_PASS = (500, 502, 503, 504)
_PAUSE = 0.5
_WINDOW = re.compile(r";\s*r=0\s*;\s*t=(\d{1,6})")
"""Of `RateLimit: "api";r=0;t=55`: none left, and the seconds until there are more."""

T = TypeVar("T")


@contextmanager
def quiet() -> Iterator[None]:
    """Let the library tell what goes wrong by its errors alone."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def has_no_connection(error: BaseException) -> bool:
    """Tell whether an error says that there is no connection at all."""
    # By name: versions of the library stand on different ones for HTTP.
    return type(error).__name__ in ("ConnectError", "ConnectTimeout", "ConnectionError")


def asked(
    what: str,
    repo: str,
    ask: Callable[[Any], T],
    *,
    tries: int = 1,
    notes: list[str] | None = None,
) -> T:
    """Ask the hub something by its library, and let errors be ours.

    Parameters
    ----------
    what
        That is expected, for messages.
    ask
        Given the library, asks.
    tries
        How often, after what may pass; once for what must not be done twice.
    notes
        Takes what the library warns of.

    Raises
    ------
    HubError
        When the repository is not there, closed to this user, or its card is refused.
    ServiceError
        When the hub does not answer as it should; of its kinds, `ServiceBusyError` says when to
        come back, `ServiceAccessError` that the token is refused.
    """
    library = require("huggingface_hub", extra="live")
    for i in range(tries):
        try:
            return _asked_once(what, repo, lambda: ask(library), library, notes)
        except ServiceError as error:
            wait = _wait_after(error, i)
            if wait is None or i + 1 == tries:
                raise
        time.sleep(wait)
    raise AssertionError("the last try returns or raises")


def _asked_once(
    what: str, repo: str, ask: Callable[[], T], library: Any, notes: list[str] | None
) -> T:
    with ExitStack() as stack:
        stack.enter_context(quiet())
        stack.enter_context(_without_bars())
        stack.enter_context(_in_time(library))
        warned = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        try:
            answer = ask()
        except TrackOracleError:
            raise
        except Exception as error:  # of several libraries, and none says which
            raise translated(error, what, repo) from error
    if notes is not None:
        said = (str(each.message) for each in warned if issubclass(each.category, UserWarning))
        notes.extend(" ".join(text.split()) for text in said)
    return answer


def _wait_after(error: ServiceError, n_before: int) -> float | None:
    """Return how long to wait before another try; None where none would help."""
    wait = random.random() * _PAUSE * 2**n_before  # noqa: S311 (no secret)
    if isinstance(error, ServiceBusyError):
        asked_for = error.facts.get("seconds")
        wait = float(asked_for) if isinstance(asked_for, int | float) else wait
        return wait if wait <= PATIENCE_SECONDS else None
    if isinstance(error, ServiceUnreachableError):
        return None if error.facts.get("unconnected") else wait
    status = error.facts.get("status")
    return wait if status in _MAY_PASS else None


@contextmanager
def _without_bars() -> Iterator[None]:
    """Let the library draw no bars of its own."""
    bars = require("huggingface_hub.utils", extra="live")
    shown = not bars.are_progress_bars_disabled()
    if shown:
        bars.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bars()


@contextmanager
def _in_time(library: Any) -> Iterator[None]:
    """Bound the silences of the hub, and the waits that it asks for: the library does neither."""
    session = library.get_session()
    timeout, hooks = session.timeout, session.event_hooks
    session.timeout = SILENCE_SECONDS
    session.event_hooks = {**hooks, "response": [*hooks.get("response", ()), _refuse_long_wait]}
    try:
        yield
    finally:
        session.timeout, session.event_hooks = timeout, hooks


def _refuse_long_wait(response: Any) -> None:
    if response.status_code not in (429, 503):
        return
    wait = _asked_wait(response)
    if wait is not None and wait > PATIENCE_SECONDS:
        raise _busy("an answer", response.status_code, wait)


def _asked_wait(response: Any) -> float | None:
    """Return the seconds of Retry-After, else those until the hub's own window ends."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    window = _WINDOW.search(headers.get("ratelimit", ""))
    stated = asked_wait(headers)
    return stated if stated is not None or window is None else float(window[1])


def _busy(what: str, status: int, wait: float | None) -> ServiceBusyError:
    when = f"in {duration(wait)}" if wait else "later"
    return ServiceBusyError(
        f"{NAME}: expected {what}, got {status}, too many requests. Come back {when}.",
        service=NAME,
        status=status,
        seconds=wait,
    )


def translated(error: Exception, what: str, repo: str) -> TrackOracleError:
    """Return the error of ours that one of the library is.

    Parameters
    ----------
    error
        What the library raised.
    what
        That was expected.
    repo
        Of which repository.
    """
    kinds = {kind.__name__ for kind in type(error).__mro__}
    named = f"{repo}: expected {what} at the {NAME},"
    facts: dict[str, object] = {"repo": repo}
    if "GatedRepoError" in kinds:
        return HubError(
            f"{named} got a gated one. Ask for access on its page, and set HF_TOKEN.", **facts
        )
    if "RevisionNotFoundError" in kinds:
        return HubError(f"{named} got no such revision. Check what stands after the @.", **facts)
    if "DisabledRepoError" in kinds:
        return HubError(f"{named} got one that the hub has closed. Use another.", **facts)
    if "RepositoryNotFoundError" in kinds:
        return HubError(
            f"{named} got none: it is not there, or private. Check the name; of a private one set "
            "HF_TOKEN to a token that may read it.",
            **facts,
        )
    if "EntryNotFoundError" in kinds:
        return HubError(f"{named} got a repository without it. Check the name.", **facts)
    if "OfflineModeIsEnabled" in kinds:
        return HubError(f"{named} got HF_HUB_OFFLINE, which forbids asking. Unset it.", **facts)
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int):
        return _of_status(error, status, what, named)
    said = _first_line(error)
    if kinds & {"TransportError", "RequestError", "ConnectionError", "TimeoutError"}:
        got = "no connection" if has_no_connection(error) else "none that is whole"
        return ServiceUnreachableError(
            f"{named} got {got} ({type(error).__name__}: {said}). Check the connection, and try "
            "again.",
            service=NAME,
            unconnected=has_no_connection(error),
        )
    if "metadata in README.md" in said:
        problems = " ".join(str(error).split())[:_MOST_SHOWN]
        return HubError(f"{named} got a card that the hub refuses ({problems}).", **facts)
    return ServiceError(
        f"{named} got what is no answer of a hub ({type(error).__name__}: {said}). Try again "
        "later; check HF_ENDPOINT.",
        service=NAME,
    )


def _of_status(error: Exception, status: int, what: str, named: str) -> TrackOracleError:
    facts: dict[str, object] = {"service": NAME, "status": status}
    if status == 429:
        return _busy(what, status, _asked_wait(error.response))  # type: ignore[attr-defined]
    if status in _CLOSED:
        return ServiceAccessError(
            f"{named} got {status}. Check HF_TOKEN, and what it may do there.", **facts
        )
    if status in _CHANGED:
        return ServiceError(
            f"{named} got {status}: the repository has changed meanwhile. Try again.", **facts
        )
    return ServiceError(f"{named} got {status} ({_first_line(error)}). Try again later.", **facts)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or ["no reason given"]
    return lines[0][:_MOST_SHOWN]
