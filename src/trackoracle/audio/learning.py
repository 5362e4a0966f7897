"""Train estimators on a folder of recordings whose features are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from trackoracle.audio.workers import in_processes
from trackoracle.errors import NotEnoughDataError, RecordingError
from trackoracle.schema import Unheard

RECIPE = "full"
Progress = Callable[[int, int, str], None]
Row = NDArray[np.float64]


@dataclass(frozen=True)
class Described:
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
    skipped: tuple[Unheard, ...]
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
    skipped: list[Unheard] = []
    for path, row in zip(paths, rows, strict=True):
        if row is None:
            skipped.append(Unheard(str(path), f"{path}: the labels have no row for it"))
        elif np.isnan(known.values[row]).all():
            skipped.append(Unheard(str(path), f"{path}: its row of the labels tells nothing"))
        else:
            chosen.append((path, row))
    answers: dict[Path, Described | Unheard] = {}
    work = partial(_described, network=network)
    for path, answer in in_processes([path for path, _ in chosen], work, n_jobs):
        answers[path] = answer
        if progress:
            progress(len(skipped) + len(answers), len(paths), path.name)
    kept: list[tuple[Described, int]] = []
    for path, row in chosen:
        told = answers[path]
        if isinstance(told, Unheard):
            skipped.append(told)
        else:
            kept.append((told, row))
    if not kept:
        raise NotEnoughDataError(
            f"{recordings}: expected recordings that {labels} has rows for, got none of "
            f"{len(paths):,} ({skipped[0].reason}). Name files in the labels as they are named "
            "in the folder.",
            n=0,
        )
    described = [each for each, _ in kept]
    part = _part(np.stack([each.row for each in described]), [row for _, row in kept], known)
    n_without = len(known.names) - len({row for row in rows if row is not None})
    sources = [f"{len(kept):,} recordings of the user's own, recipe `{RECIPE}`."]
    log_mels = [each.log_mel for each in described if each.log_mel is not None]
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


def _described(path: Path, *, network: bool) -> Described:
    descriptors = describe(path, log_mels=network)
    windows = descriptors.of(RECIPE)
    finite = windows[np.isfinite(windows).all(axis=1)]
    if not len(finite):
        raise RecordingError(f"{path}: its sound cannot be described")
    middle = descriptors.log_mels[len(descriptors) // 2] if network else None
    return Described(finite.mean(axis=0), middle)
