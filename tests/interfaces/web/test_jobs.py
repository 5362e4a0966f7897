"""Long work: so much at a time, in turn, with an end when nobody wants it any more."""

from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from tests.audio.sounds import chord

from trackoracle.audio import Hearing, Listeners, listen_all
from trackoracle.errors import SourceError, WorkLimitError
from trackoracle.interfaces.web.jobs import Job, JobBoard, Progress
from trackoracle.schema import Heard

LONG = 20.0
"""Seconds after which a test fails that waits for something."""


@pytest.fixture
def board() -> Iterator[JobBoard]:
    board = JobBoard(2)
    yield board
    board.close()


class Gate:
    """Work that goes on until a test lets it, or it is cancelled."""

    def __init__(self, answer: object = "done") -> None:
        self.began, self.go, self.answer = threading.Event(), threading.Event(), answer
        self.n_rounds = 0

    def __call__(self, progress: Progress) -> object:
        self.began.set()
        while not self.go.wait(0.005):
            self.n_rounds += 1
            progress(self.n_rounds, 1_000_000, f"round {self.n_rounds}")
        return self.answer


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_job_tells_how_far_it_is_and_what_came_of_it(board: JobBoard) -> None:
    reached, go = threading.Event(), threading.Event()

    def work(progress: Progress) -> list[int]:
        progress(1, 4, "a.mp3")
        reached.set()
        go.wait(LONG)
        progress(0, 0)
        return [4]

    job = board.submit("s", work)
    assert reached.wait(LONG)
    assert (job.state, job.share, job.progress, job.place) == ("running", 0.25, (1, 4, "a.mp3"), 0)
    with pytest.raises(LookupError, match="the work is running; it has no result"):
        _ = job.result
    go.set()
    assert job.wait(LONG)
    assert (job.state, job.share, job.result, job.error) == ("done", 1.0, [4], None)
    took = job.seconds
    assert 0 < took == job.seconds


def test_where_the_whole_is_not_known_no_share_is_told(board: JobBoard) -> None:
    gate = Gate()
    job = board.submit("s", lambda progress: (progress(3, 0), gate(progress)))
    assert gate.began.wait(LONG)
    assert job.share is None or job.progress[1] == 1_000_000
    gate.go.set()


def test_so_many_run_at_a_time_and_who_came_first_is_served_first() -> None:
    board, order = JobBoard(2), list[int]()
    lock, now, most = threading.Lock(), [0], [0]

    def work(i: int) -> Callable[[Progress], None]:
        def run(progress: Progress) -> None:
            with lock:
                order.append(i)
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.005)
            with lock:
                now[0] -= 1

        return run

    gates = [Gate(), Gate()]
    for gate in gates:
        board.submit(str(id(gate)), gate)
    jobs = [board.submit(f"session {i}", work(i)) for i in range(20)]
    assert [job.place for job in jobs] == list(range(1, 21))
    assert (board.n_running, board.n_waiting) == (2, 20)
    gates[0].go.set()  # one place is free: they go through it in turn
    assert all(job.wait(LONG) for job in jobs)
    assert order == list(range(20))
    gates[1].go.set()
    more = [board.submit(f"session {i}", work(i)) for i in range(20)]
    assert all(job.wait(LONG) for job in more)
    assert most[0] == 2
    board.close()


def test_one_session_does_not_keep_the_others_out(board: JobBoard) -> None:
    first, second, other = Gate(), Gate(), Gate()
    job, later = board.submit("greedy", first), board.submit("greedy", second)
    third = board.submit("other", other)
    assert other.began.wait(LONG)
    assert (job.state, later.state, later.place, third.state) == (
        "running",
        "waiting",
        1,
        "running",
    )
    board.submit("greedy", Gate())
    with pytest.raises(WorkLimitError, match="expected at most 3 at a time"):
        board.submit("greedy", Gate())
    first.go.set()
    assert second.began.wait(LONG)
    assert third.state == "running"


def test_the_line_has_an_end() -> None:
    board = JobBoard(1, most=3)
    for i in range(3):
        board.submit(str(i), Gate())
    with pytest.raises(WorkLimitError, match="at most 3 in line of all users"):
        board.submit("4", Gate())
    board.close()
    with pytest.raises(WorkLimitError, match="one that is closing"):
        board.submit("5", Gate())


def test_cancelling_ends_running_and_waiting_work(board: JobBoard) -> None:
    gates = [Gate(), Gate(), Gate()]
    jobs = [board.submit(str(i), gate) for i, gate in enumerate(gates)]
    assert gates[0].began.wait(LONG)
    jobs[2].cancel()
    jobs[0].cancel()
    assert [job.state for job in jobs] == ["cancelled", "running", "cancelled"]
    assert jobs[0].wait(LONG)
    assert jobs[2].wait(0)
    assert not gates[2].began.is_set()
    until(lambda: board.n_running == 1)
    jobs[0].cancel()
    gates[1].go.set()
    assert jobs[1].wait(LONG)
    jobs[1].cancel()
    assert (jobs[1].state, jobs[1].result) == ("done", "done")


def test_work_that_does_not_look_is_cancelled_for_the_user_and_holds_its_place() -> None:
    board, go = JobBoard(1), threading.Event()
    deaf = board.submit("a", lambda progress: go.wait(LONG))
    waits = board.submit("b", lambda progress: 1)
    deaf.cancel()
    assert (deaf.state, waits.state, waits.place) == ("cancelled", "waiting", 1)
    assert not deaf.wait(0)
    go.set()
    assert waits.wait(LONG)
    assert (deaf.wait(LONG), deaf.state, waits.result) == (True, "cancelled", 1)
    board.close()


def test_a_handler_of_errors_does_not_hold_cancelled_work(board: JobBoard) -> None:
    began = threading.Event()

    def stubborn(progress: Progress) -> None:
        while True:
            try:
                began.set()
                progress.check()
            except Exception:
                continue

    job = board.submit("s", stubborn)
    assert began.wait(LONG)
    job.cancel()
    assert job.wait(LONG)


def test_errors_are_kept_and_only_ours_are_not_logged(
    board: JobBoard, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(progress: Progress) -> None:
        raise SourceError("a.mp3: expected a recording, got none. Drop another.")

    def break_down(progress: Progress) -> None:
        raise KeyError("secret title")

    with caplog.at_level(logging.ERROR):
        ours = board.submit("s", refuse)
        assert ours.wait(LONG)
        assert caplog.records == []
        other = board.submit("s", break_down)
        assert other.wait(LONG)
    assert (ours.state, other.state) == ("failed", "failed")
    assert isinstance(ours.error, SourceError)
    assert isinstance(other.error, KeyError)
    (record,) = caplog.records
    assert "KeyError at " in record.getMessage()
    assert "secret" not in caplog.text


class Large:
    """What a job holds on to, or does not."""


@pytest.mark.parametrize("fails", [False, True])
def test_what_work_held_is_let_go_when_it_ends(board: JobBoard, fails: bool) -> None:
    held = Large()
    gone = weakref.ref(held)

    def work(progress: Progress, held: Large = held) -> None:
        mine = held
        try:
            if fails:
                raise ValueError(str(mine))
        except ValueError as error:
            raise SourceError("no") from error

    job = board.submit("s", work)
    assert job.wait(LONG)
    del held, work
    gc.collect()
    assert gone() is None


def test_who_vanished_has_nothing_running_and_no_results() -> None:
    clock = [0.0]
    board = JobBoard(3, vanish_seconds=60, clock=lambda: clock[0])
    gates = [Gate(), Gate(), Gate()]
    lost, kept, done = (board.submit(name, gate) for name, gate in zip("abc", gates, strict=True))
    waits = board.submit("a", Gate())
    gates[2].go.set()
    assert done.wait(LONG)
    clock[0] = 59.0
    assert kept.state == "running"  # looked at
    board.forget_vanished()
    clock[0] = 60.0
    board.forget_vanished()
    assert lost.wait(LONG)
    assert (lost.state, waits.state, kept.state) == ("cancelled", "cancelled", "running")
    assert done.state == "cancelled"
    with pytest.raises(LookupError):
        _ = done.result
    gates[1].go.set()
    assert kept.wait(LONG)
    assert kept.result == "done"
    clock[0] = 1_000.0
    board.forget_vanished()
    assert kept.result == "done"  # it was taken
    board.close()


def test_vanished_sessions_are_found_by_themselves() -> None:
    board = JobBoard(1, vanish_seconds=0.1)
    gate, follower = Gate(), Gate()
    job = board.submit("lost", gate)
    other = board.submit("there", follower)
    end = time.monotonic() + LONG
    while not follower.began.is_set():  # only this one is looked at
        assert time.monotonic() < end
        assert other.state in ("waiting", "running")
        time.sleep(0.01)
    assert job.wait(LONG)
    assert job.state == "cancelled"
    until(lambda: other.wait(0))  # and then neither
    until(lambda: board._watch is None)
    again = board.submit("new", lambda progress: 5)
    assert again.wait(LONG)
    assert again.result == 5
    board.close()


def test_leaving_ends_all_of_one_session(board: JobBoard) -> None:
    gates = [Gate(), Gate(), Gate()]
    own, waits, other = (board.submit(name, gate) for name, gate in zip("aab", gates, strict=True))
    board.leave("a")
    assert own.wait(LONG)
    assert (own.state, waits.state, other.state) == ("cancelled", "cancelled", "running")


def test_many_users_at_once_lose_nothing() -> None:
    board = JobBoard(4, most=1_000)
    results: dict[int, object] = {}

    def user(i: int) -> None:
        for j in range(5):
            job: Job[int] = board.submit(str(i), lambda progress, j=j: progress(j, 5) or i * 10 + j)
            assert job.wait(LONG)
            results[i * 10 + j] = job.result

    users = [threading.Thread(target=user, args=(i,)) for i in range(20)]
    for thread in users:
        thread.start()
    for thread in users:
        thread.join()
    assert results == {i * 10 + j: i * 10 + j for i in range(20) for j in range(5)}
    assert (board.n_running, board.n_waiting) == (0, 0)
    board.close()


def _listening() -> set[int]:
    """Return the processes that hear; multiprocessing keeps one of its own."""
    children = psutil.Process().children(recursive=True)
    return {child.pid for child in children if "resource_tracker" not in str(child.cmdline())}


def test_cancelled_hearing_leaves_no_process(board: JobBoard, tmp_path: Path) -> None:
    """A recording of twenty minutes is being heard: its process is gone soon after."""
    before = _listening()
    soundfile.write(tmp_path / "long.wav", np.tile(chord(10.0, 8_000), (120, 1)), 8_000)
    job = board.submit("s", lambda progress: listen_all([tmp_path], n_jobs=1, turn=progress.check))
    until(lambda: bool(_listening() - before))
    job.cancel()
    assert job.wait(LONG)
    assert not _listening() - before

    soundfile.write(tmp_path / "short.wav", chord(6.0, 8_000), 8_000)
    listeners = Listeners(Hearing(), 1)
    began = threading.Event()

    def hear(progress: Progress) -> object:
        began.set()
        return listeners.hear(tmp_path / "long.wav", turn=progress.check)

    job, waits = board.submit("s", hear), board.submit("t", hear)
    assert began.wait(LONG)
    waits.cancel()
    job.cancel()
    assert job.wait(LONG)
    assert waits.wait(LONG)
    answer = listeners.hear(tmp_path / "short.wav")
    assert isinstance(answer, Heard)
    assert answer.file.endswith("short.wav")  # not what was cancelled
    listeners.close()
    assert not _listening() - before
