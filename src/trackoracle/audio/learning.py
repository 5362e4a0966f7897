"""Train estimators on a folder of recordings whose features are known."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.decoding.resampling import mono_22050
from trackoracle.audio.decoding.sound import open_recording
from trackoracle.audio.describing.descriptors import Describer, Descriptors
from trackoracle.audio.describing.recipes import RECIPES
from trackoracle.audio.estimating.estimators import Estimators
from trackoracle.audio.estimating.labelled import NONE, Part
from trackoracle.audio.estimating.labels import Labels, read_labels
from trackoracle.audio.estimating.layers import LogMel
from trackoracle.audio.estimating.training import train_estimators
from trackoracle.audio.finding import find_recordings
from trackoracle.errors import NotEnoughDataError, RecordingError, TrackOracleError

RECIPE = "full"
Progress = Callable[[int, int, str], None]
Row = NDArray[np.float64]
_CRASHED = (
    "{path}: expected a recording, got a file at which the decoder crashed. "
    "Convert it to another format."
)


@dataclass(frozen=True)
class Skipped:
    """A recording that was not learned from, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Heard:
    """Mean descriptors of a recording, (k,), and where asked for the middle window's log-mels."""

    row: Row
    log_mel: LogMel | None


@dataclass(frozen=True)
class Learned:
    """Estimators, and what they were not made of.

    Parameters
    ----------
    estimators
        What was trained.
    n_recordings
        How many recordings it was trained on.
    skipped
        Recordings without a label, or that could not be heard.
    n_without_file
        Rows of the labels for which no recording was there.
    """

    estimators: Estimators
    n_recordings: int
    skipped: tuple[Skipped, ...]
    n_without_file: int

    def to_dict(self) -> dict[str, Any]:
        """Return scores and what was left out, as plain data."""
        return {
            "n_recordings": self.n_recordings,
            "scores": self.estimators.facts,
            "skipped": [asdict(each) for each in self.skipped],
            "n_without_file": self.n_without_file,
        }


def learn(
    recordings: str | Path,
    labels: str | Path,
    *,
    seed: int = 0,
    network: bool = False,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Learned:
    """Train estimators on recordings of one's own.

    Parameters
    ----------
    recordings
        Folder; recordings in folders within count too.
    labels
        CSV with a column `file` (path within the folder, name, or what stands before its
        ending), any of the features of `ESTIMATED` in 0..1, and possibly `artist`: folds
        then hold out whole artists.
    seed
        The same gives the same estimators.
    network
        Also try a network on log-mel spectrograms (extra `neural`), in the same folds.
    n_jobs
        Processes that listen; a recording that crashes one is left out.
    progress
        Called as (done, all, what was last done).

    Raises
    ------
    SourceError, MissingColumnError, InvalidValuesError
        When the labels cannot be used.
    NotEnoughDataError
        When too few recordings are both there and labelled.
    """
    folder, known = Path(recordings), read_labels(Path(labels))
    paths = find_recordings([folder])
    rows = known.rows_of(paths, folder)
    chosen: list[tuple[Path, int]] = []
    skipped: list[Skipped] = []
    for path, row in zip(paths, rows, strict=True):
        if row is None:
            skipped.append(Skipped(str(path), f"{path}: the labels have no row for it"))
        elif np.isnan(known.values[row]).all():
            skipped.append(Skipped(str(path), f"{path}: its row of the labels tells nothing"))
        else:
            chosen.append((path, row))
    described: dict[Path, Heard] = {}
    for path, answer in describe_all([path for path, _ in chosen], n_jobs, network=network):
        if isinstance(answer, Skipped):
            skipped.append(answer)
        else:
            described[path] = answer
        if progress:
            progress(len(described) + len(skipped), len(paths), path.name)
    kept = [(path, row) for path, row in chosen if path in described]
    if not kept:
        raise NotEnoughDataError(
            f"{recordings}: expected recordings that {labels} has rows for, got none of "
            f"{len(paths):,} ({skipped[0].reason}). Name files in the labels as they are named "
            "in the folder.",
            n=0,
        )
    heard = [described[path] for path, _ in kept]
    part = _part(np.stack([each.row for each in heard]), [row for _, row in kept], known)
    n_without = len(known.names) - len({row for row in rows if row is not None})
    sources = [f"{len(kept):,} recordings of the user's own, recipe `{RECIPE}`."]
    log_mels = [each.log_mel for each in heard if each.log_mel is not None]
    estimators = train_estimators(
        [part],
        seed=seed,
        log_mels=log_mels if network else None,
        sources=sources,
        progress=progress,
    )
    return Learned(estimators, len(kept), tuple(skipped), n_without)


def _part(matrix: Row, rows: Sequence[int], labels: Labels) -> Part:
    return Part(
        RECIPE,
        RECIPES[RECIPE],
        matrix,
        labels.values[rows],
        labels.artist[rows],
        np.full(len(rows), NONE, np.int64),
    )


def describe(path: Path, *, log_mels: bool = False) -> Descriptors:
    """Decode a recording and describe its windows, on request with their spectrograms.

    Raises
    ------
    RecordingError
        When it cannot be decoded, or holds no sound.
    """
    describer = Describer(log_mels=log_mels)
    with open_recording(path) as sound:
        for samples in mono_22050(sound.blocks(), sound.rate):
            describer.add(samples)
    descriptors = describer.result()
    if not len(descriptors):
        raise RecordingError(f"{path}: expected sound, got none. Leave the file out.")
    return descriptors


def describe_all(
    paths: Sequence[Path], n_jobs: int, *, network: bool = False
) -> Iterator[tuple[Path, Heard | Skipped]]:
    """Yield what was heard of each recording, or why nothing was, in their order.

    A decoder that crashes takes its process along: the file it was at is told, and the rest
    go on in another.
    """
    left, hear = list(paths), partial(_heard, network=network)
    while left:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(n_jobs, len(left)), mp_context=context) as pool:
            try:
                for path, answer in zip(list(left), pool.map(hear, left), strict=True):
                    left.pop(0)
                    yield path, answer
            except BrokenProcessPool:
                # Which of the files under way it was is found by going on one at a time.
                crashed = left.pop(0)
                yield crashed, _alone(crashed, hear)


def _alone(path: Path, hear: Callable[[Path], Heard | Skipped]) -> Heard | Skipped:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(hear, path).result()
        except BrokenProcessPool:
            return Skipped(str(path), _CRASHED.format(path=path))


def _heard(path: Path, *, network: bool) -> Heard | Skipped:
    try:
        descriptors = describe(path, log_mels=network)
    except (TrackOracleError, OSError, MemoryError) as error:
        return Skipped(str(path), str(error) or f"{path}: {type(error).__name__}")
    windows = descriptors.of(RECIPE)
    finite = windows[np.isfinite(windows).all(axis=1)]
    if not len(finite):
        return Skipped(str(path), f"{path}: its sound cannot be described")
    middle = descriptors.log_mels[len(descriptors) // 2] if network else None
    return Heard(finite.mean(axis=0), middle)
