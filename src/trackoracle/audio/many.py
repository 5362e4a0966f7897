"""Listen to many recordings: in processes of their own, so that none stops the rest."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from trackoracle.audio.finding import find_recordings
from trackoracle.audio.journal import Journal
from trackoracle.audio.listening import listen
from trackoracle.errors import TrackOracleError
from trackoracle.schema import Heard, Unheard

LONGEST = 3600.0
"""Seconds after which a recording that gives no answer is given up."""
_TURN = 0.2
"""Seconds to wait at a time, so that Ctrl-C is noticed."""


@dataclass(frozen=True)
class Hearing:
    """How recordings are to be heard: the parameters of `listen`."""

    start: float = 0.0
    seconds: float | None = None
    estimators: str | None = None

    def listen(self, path: Path) -> Heard:
        """Listen to one recording."""
        return listen(path, **asdict(self))


def listen_all(
    recordings: str | Path | Sequence[str | Path],
    hearing: Hearing | None = None,
    *,
    n_jobs: int = 1,
    journal: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Heard | Unheard]:
    """Listen to recordings, each in one of several processes.

    Parameters
    ----------
    recordings
        Files, folders and patterns; see `find_recordings`.
    hearing
        How; see `listen`.
    n_jobs
        Processes. One file of several is never heard in this process: a decoder that crashes
        on it takes only its own process along.
    journal
        A file to which every recording that was heard is added at once. If it is there, what
        it holds of unchanged files is not heard again.
    progress
        Called with the recordings done, all of them, and the last one's name.

    Returns
    -------
    (n,) what was heard, or why not, in the order in which `find_recordings` gives them.

    Raises
    ------
    SourceNotFoundError, SourceError
        As `find_recordings` does; what is wrong with one recording is told in its place.
    """
    named = [recordings] if isinstance(recordings, str | Path) else recordings
    paths, hearing = find_recordings(named), hearing or Hearing()
    answers: dict[Path, Heard | Unheard] = {}
    with Journal(journal, asdict(hearing)) as kept:
        for path in paths:
            known = kept.find(path)
            if known is not None:
                answers[path] = known
        missing = [path for path in paths if path not in answers]
        for path, answer in _in_processes(missing, hearing, min(n_jobs, len(missing))):
            answers[path] = answer
            if isinstance(answer, Heard):
                kept.add(path, answer)
            if progress:
                progress(len(answers), len(paths), path.name)
    return [answers[path] for path in paths]


def _in_processes(
    paths: list[Path], hearing: Hearing, n_jobs: int
) -> Iterator[tuple[Path, Heard | Unheard]]:
    """Yield each path with its answer, as they come."""
    left = list(reversed(paths))
    workers = [_Worker(hearing) for _ in range(n_jobs)]
    try:
        while left or any(worker.path for worker in workers):
            for worker in workers:
                if left and worker.path is None:
                    worker.give(left.pop())
            ready = wait([worker.pipe for worker in workers if worker.path], timeout=_TURN)
            for worker in workers:
                if worker.path and (worker.pipe in ready or worker.is_late):
                    yield worker.path, worker.answer()
    finally:
        for worker in workers:
            worker.stop()


class Listeners:
    """Processes that hear recordings for whoever asks, one at a time each.

    They begin when they are first needed, and stay.

    Parameters
    ----------
    hearing
        How recordings are heard.
    n_jobs
        Processes at most.
    """

    def __init__(self, hearing: Hearing, n_jobs: int) -> None:
        self._hearing = hearing
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(n_jobs):
            self._free.put(None)

    def hear(self, path: Path, hearing: Hearing | None = None) -> Heard | Unheard:
        """Listen to a recording, once a process is free; from any thread.

        Parameters
        ----------
        hearing
            How, where not as the others.
        """
        worker = self._free.get()
        try:
            worker = worker or _Worker(self._hearing)
            worker.give(path, hearing)
            while not (worker.pipe.poll(_TURN) or worker.is_late):
                continue
            return worker.answer()
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End the processes that are free."""
        while not self._free.empty():
            worker = self._free.get()
            if worker:
                worker.stop()


class _Worker:
    """One process, and the recording that it hears."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.path: Path | None = None
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _no_script():
            self._process.start()
        theirs.close()

    @property
    def is_late(self) -> bool:
        return time.monotonic() - self._since > LONGEST

    def give(self, path: Path, hearing: Hearing | None = None) -> None:
        self.path, self._since = path, time.monotonic()
        self.pipe.send((path, hearing or self._hearing))

    def answer(self) -> Heard | Unheard:
        """Take the answer; where there is none, begin anew with another process."""
        assert self.path is not None
        try:
            if self.pipe.poll():
                answer: Heard | Unheard = self.pipe.recv()
                self.path = None
                return answer
            reason = f"no answer within {LONGEST / 60:.0f} minutes"
        except (EOFError, OSError):
            reason = "its decoder crashed"
        file = str(self.path)
        self.stop()
        self._begin()
        return Unheard(
            file, f"{file}: expected a recording, got a file that could not be heard "
            f"({reason}). Convert it to another format."
        )  # fmt: skip

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


@contextmanager
def _no_script() -> Iterator[None]:
    """Keep a new process from running the user's script again: it needs nothing of it."""
    main = vars(sys.modules["__main__"])
    kept: dict[str, Any] = {name: main[name] for name in ("__file__", "__spec__") if name in main}
    main.pop("__file__", None)
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(kept)


def _serve(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders write what they think of a file
    while True:
        try:
            path, hearing = pipe.recv()
        except EOFError:
            return
        try:
            answer: Heard | Unheard = hearing.listen(path)
        except TrackOracleError as error:
            answer = Unheard(str(path), error.message)
        except Exception as error:  # whatever is wrong with one must not stop the rest
            kind = type(error).__name__
            answer = Unheard(
                str(path),
                f"{path}: expected a recording that can be heard, got {kind} ({error}). "
                "Convert it to another format.",
            )
        pipe.send(answer)
