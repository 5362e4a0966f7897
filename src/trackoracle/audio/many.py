"""Listen to many recordings: in processes of their own, so that none stops the rest."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from trackoracle.audio.finding import find_recordings
from trackoracle.audio.journal import HeardJournal
from trackoracle.audio.listening import listen
from trackoracle.audio.workers import TURN, Worker, in_processes
from trackoracle.schema import Heard, Unheard


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
    turn: Callable[[], None] | None = None,
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
    turn
        Called several times a second; what it raises ends the listening and its processes.

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
    with HeardJournal(journal, asdict(hearing)) as kept:
        for path in paths:
            known = kept.find(path)
            if known is not None:
                answers[path] = known
        missing = [path for path in paths if path not in answers]
        for path, answer in in_processes(missing, hearing.listen, n_jobs, turn):
            answers[path] = answer
            if isinstance(answer, Heard):
                kept.add(path, answer)
            if progress:
                progress(len(answers), len(paths), path.name)
    return [answers[path] for path in paths]


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
        self._free: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(n_jobs):
            self._free.put(None)

    def hear(
        self,
        path: Path,
        hearing: Hearing | None = None,
        *,
        turn: Callable[[], None] | None = None,
    ) -> Heard | Unheard:
        """Listen to a recording, once a process is free; from any thread.

        Parameters
        ----------
        hearing
            How, where not as the others.
        turn
            Called several times a second, also before a process is free; what it raises ends the
            listening to this recording.
        """
        worker = self._next(turn)
        try:
            worker = worker or Worker()
            worker.give(path, (hearing or self._hearing).listen)
            while not (worker.pipe.poll(TURN) or worker.is_late):
                if turn:
                    turn()
            answer: Heard | Unheard = worker.answer()
        except BaseException:
            # It would give this answer to whoever asks next.
            if worker:
                worker.stop()
            worker = None
            raise
        finally:
            self._free.put(worker)
        return answer

    def _next(self, turn: Callable[[], None] | None) -> Worker | None:
        while turn:
            turn()
            with contextlib.suppress(queue.Empty):
                return self._free.get(timeout=TURN)
        return self._free.get()

    def close(self) -> None:
        """End the processes that are free."""
        while not self._free.empty():
            worker = self._free.get()
            if worker:
                worker.stop()
