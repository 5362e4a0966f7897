"""Work on recordings in processes of their own, so that none stops the rest."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from trackoracle.errors import TrackOracleError
from trackoracle.schema import Unheard

LONGEST = 3600.0
"""Seconds after which a recording that gives no answer is given up."""
TURN = 0.2
"""Seconds to wait at a time, so that Ctrl-C is noticed."""
Work = Callable[[Path], Any]
"""What is done with a recording; it can be pickled, and so can its answer."""


def in_processes(
    paths: list[Path], work: Work, n_jobs: int, turn: Callable[[], None] | None = None
) -> Iterator[tuple[Path, Any]]:
    """Yield each path with the answer of the work, or an `Unheard`, as they come.

    `turn` is called whenever it was waited for `TURN` seconds, or less; what it raises ends the
    processes.
    """
    left = list(reversed(paths))
    workers = [Worker() for _ in range(min(n_jobs, len(paths)))]
    try:
        while left or any(worker.path for worker in workers):
            for worker in workers:
                if left and worker.path is None:
                    worker.give(left.pop(), work)
            if turn:
                turn()
            ready = wait([worker.pipe for worker in workers if worker.path], timeout=TURN)
            for worker in workers:
                if worker.path and (worker.pipe in ready or worker.is_late):
                    yield worker.path, worker.answer()
    finally:
        for worker in workers:
            worker.stop()


class Worker:
    """One process, and the recording that it works on."""

    def __init__(self) -> None:
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
        """Whether the recording is to be given up."""
        return time.monotonic() - self._since > LONGEST

    def give(self, path: Path, work: Work) -> None:
        """Begin with a recording."""
        self.path, self._since = path, time.monotonic()
        self.pipe.send((path, work))

    def answer(self) -> Any:
        """Take the answer; where there is none, begin anew with another process."""
        assert self.path is not None
        try:
            if self.pipe.poll():
                answer = self.pipe.recv()
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
        """End the process."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


_one_begins = threading.Lock()


@contextmanager
def _no_script() -> Iterator[None]:
    """Keep a new process from running the user's script again: it needs nothing of it.

    One thread at a time: another would find, and put back, what is not to be seen.
    """
    with _one_begins:
        main = vars(sys.modules["__main__"])
        kept: dict[str, Any] = {
            name: main[name] for name in ("__file__", "__spec__") if name in main
        }
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
            path, work = pipe.recv()
        except EOFError:
            return
        try:
            answer = work(path)
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
