"""Long work of users: in threads, so many at a time, with progress, a place in line, and an end.

A page gives a `JobBoard` work to do, and looks at the `Job` again and again. Who looks no more has
gone: the work is cancelled and its result let go.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, Generic, Literal, Protocol, TypeVar

from trackoracle.errors import TrackOracleError, WorkLimitError

T = TypeVar("T")
State = Literal["waiting", "running", "done", "failed", "cancelled"]
_log = logging.getLogger(__name__)


class Cancelled(BaseException):
    """What ends work that is not wanted any more; no error, that handlers of errors would hold."""


class Progress(Protocol):
    """How work tells how far it is, and learns that it is not wanted any more."""

    def __call__(self, done: int, total: int, text: str = "") -> None:
        """Tell what is done, of how much (0: not known), and of what last; may raise Cancelled."""

    def check(self) -> None:
        """Raise Cancelled when the work is not wanted any more; costs next to nothing."""


class Job(Generic[T]):
    """One long piece of work of one user's session.

    Reading any of its properties tells that the session is still there. Once its result was read
    it is the reader's; before, the board lets it go when the session does.
    """

    def __init__(self, board: JobBoard, session: str, work: Callable[[Progress], T]) -> None:
        self.session = session
        self._board, self._work = board, work
        self._state: State = "waiting"
        self._result: T | None = None
        self._error: BaseException | None = None
        self._told = (0, 0, "")
        self._began = self._ended = 0.0
        self._over = threading.Event()

    @property
    def state(self) -> State:
        """Whether it waits, runs, or how it ended; cancelled from the moment that it is."""
        return self._looked()._state

    @property
    def result(self) -> T:
        """What the work returned.

        Raises
        ------
        LookupError
            When it is not done, or its result was let go.
        """
        return self._board._taken(self._looked())

    @property
    def error(self) -> BaseException | None:
        """Why it failed: an error of TrackOracle is for the user's eyes, another is logged."""
        return self._looked()._error

    @property
    def seconds(self) -> float:
        """How long it runs, or ran."""
        self._looked()
        if not self._began:
            return 0.0
        return (self._ended or self._board._clock()) - self._began

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None where it is not known."""
        self._looked()
        if self._state == "done":
            return 1.0
        done, total, _ = self._told
        return min(1.0, done / total) if total > 0 else None

    @property
    def progress(self) -> tuple[int, int, str]:
        """What is done, of how much, and of what last."""
        return self._looked()._told

    @property
    def place(self) -> int:
        """Its place in line, from 1; 0 when it does not wait."""
        return self._board._place(self._looked())

    def cancel(self) -> None:
        """Say that it is not wanted any more; running work ends when it next tells its progress."""
        self._board._cancel(self)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing of it runs any more; return whether that is so."""
        return self._over.wait(seconds)

    def _looked(self) -> Job[T]:
        self._board._seen(self.session)
        return self


class _Teller:
    """The `Progress` of one job."""

    def __init__(self, job: Job[Any]) -> None:
        self._job = job

    def __call__(self, done: int, total: int, text: str = "") -> None:
        self.check()
        self._job._told = (done, total, text)

    def check(self) -> None:
        """Raise Cancelled when the work is not wanted any more."""
        if self._job._state != "running":
            raise Cancelled


class JobBoard:
    """All long work of the app: so much at a time, first come, first served.

    A session has one job running at a time; its further ones wait for it and let others pass.

    Parameters
    ----------
    n_at_once
        How many run at a time over all sessions.
    vanish_seconds
        A session whose jobs nobody looks at for so long has gone.
    most_of_one, most
        How many jobs a session, and all of them, may have that are not over.
    clock
        What tells the time, in seconds.

    Examples
    --------
    >>> board = JobBoard(1)
    >>> job = board.submit("a session", lambda progress: progress(1, 2, "half") or 42)
    >>> job.wait(5), job.state, job.result
    (True, 'done', 42)
    >>> board.close()
    """

    def __init__(
        self,
        n_at_once: int,
        *,
        vanish_seconds: float = 90.0,
        most_of_one: int = 3,
        most: int = 100,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._n_at_once, self._vanish_seconds, self._clock = n_at_once, vanish_seconds, clock
        self._most_of_one, self._most = most_of_one, most
        self._lock = threading.RLock()
        self._line: list[Job[Any]] = []
        self._running: list[Job[Any]] = []
        self._over: list[Job[Any]] = []
        self._looked_at: dict[str, float] = {}
        self._watch: threading.Thread | None = None
        self._closed = threading.Event()

    def submit(self, session: str, work: Callable[[Progress], T]) -> Job[T]:
        """Give work to do, when it is its turn.

        Parameters
        ----------
        session
            The label of the user's session.
        work
            Called in a thread with its `Progress`; it tells it often.

        Raises
        ------
        WorkLimitError
            When the session, or all of them, have too many jobs.
        """
        job = Job(self, session, work)
        with self._lock:
            self._check_room(session)
            if self._watch is None:
                self._watch = threading.Thread(target=self._watch_sessions, daemon=True)
                self._watch.start()
            self._looked_at[session] = self._clock()
            self._line.append(job)
            self._begin_what_may()
        return job

    def leave(self, session: str) -> None:
        """Cancel all of a session, and let its results go."""
        with self._lock:
            for job in [*self._line, *self._running]:
                if job.session == session:
                    self._cancel(job)
            for job in [job for job in self._over if job.session == session]:
                self._over.remove(job)
                if job._state == "done":
                    job._state, job._result = "cancelled", None
            self._looked_at.pop(session, None)

    def forget_vanished(self) -> None:
        """Leave for the sessions that nobody looked for; also done by itself."""
        with self._lock:
            long_ago = self._clock() - self._vanish_seconds
            for session in [s for s, at in self._looked_at.items() if at <= long_ago]:
                self.leave(session)

    @property
    def n_running(self) -> int:
        """How many run, those that were cancelled and have not ended yet among them."""
        return len(self._running)

    @property
    def n_waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    def close(self) -> None:
        """Cancel everything; nothing more is begun."""
        with self._lock:
            self._closed.set()
            for session in list(self._looked_at):
                self.leave(session)

    def _check_room(self, session: str) -> None:
        unfinished = [*self._line, *self._running]
        n_own = sum(job.session == session and job._state != "cancelled" for job in unfinished)
        if self._closed.is_set():
            raise WorkLimitError("work: expected an app that runs, got one that is closing.")
        if n_own >= self._most_of_one:
            raise WorkLimitError(
                f"work: expected at most {self._most_of_one:,} at a time, got another. Wait for "
                "one to end, or cancel it."
            )
        if len(unfinished) >= self._most:
            raise WorkLimitError(
                f"work: expected at most {self._most:,} in line of all users, got another. Try "
                "again in some minutes."
            )

    def _seen(self, session: str) -> None:
        with self._lock:
            if session in self._looked_at:
                self._looked_at[session] = self._clock()

    def _taken(self, job: Job[T]) -> T:
        with self._lock:
            if job._state != "done":
                raise LookupError(f"the work is {job._state}; it has no result")
            self._over = [other for other in self._over if other is not job]
            return job._result  # type: ignore[return-value]

    def _place(self, job: Job[T]) -> int:
        with self._lock:
            return next((n for n, other in enumerate(self._line, 1) if other is job), 0)

    def _begin_what_may(self) -> None:
        """Begin with those in line whose turn it is."""
        for job in list(self._line):
            if len(self._running) >= self._n_at_once:
                return
            if any(other.session == job.session for other in self._running):
                continue
            self._line.remove(job)
            self._running.append(job)
            job._state, job._began = "running", self._clock()
            try:
                threading.Thread(target=self._run, args=(job,), daemon=True).start()
            except RuntimeError:  # the machine gives no more threads
                self._running.remove(job)
                job._state = "failed"
                job._error = WorkLimitError(
                    "work: expected a thread for it, got none. Try again in some minutes."
                )
                job._over.set()

    def _run(self, job: Job[Any]) -> None:
        state, result, error = self._outcome(job)
        with self._lock:
            self._running.remove(job)
            if job._state == "running":
                job._state, job._result, job._error = state, result, error
                self._over.append(job)
            job._ended = job._ended or self._clock()
            self._begin_what_may()
        job._over.set()

    def _outcome(self, job: Job[Any]) -> tuple[State, object, BaseException | None]:
        work, job._work = job._work, _nothing  # it may hold on to much
        try:
            return "done", work(_Teller(job)), None
        except Cancelled:
            return "cancelled", None, None
        except TrackOracleError as error:
            return "failed", None, _bare(error)
        except BaseException as error:  # whatever it is, the user must not wait for ever
            place = traceback.extract_tb(error.__traceback__)[-1]
            # Its words are the user's, the log has its kind and place.
            kind = type(error).__name__
            _log.error("work failed: %s at %s:%s", kind, place.filename, place.lineno)
            return "failed", None, _bare(error)

    def _cancel(self, job: Job[T]) -> None:
        with self._lock:
            if job._state == "waiting":
                self._line = [other for other in self._line if other is not job]
                job._work = _nothing
                job._over.set()
            elif job._state != "running":
                return
            job._state, job._ended = "cancelled", self._clock()

    def _watch_sessions(self) -> None:
        """Look for sessions that vanished, for as long as there are any."""
        while not self._closed.wait(min(self._vanish_seconds / 4, 5.0)):
            with self._lock:
                self.forget_vanished()
                if not (self._running or self._looked_at):
                    self._watch = None
                    return


def _bare(error: BaseException) -> BaseException:
    """Let go of the frames that an error holds, and all that is in them."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def _nothing(progress: Progress) -> None:
    return None
