"""Hashes of what an oracle was trained on, so that an evaluation can refuse it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import MARKS, name_hashes, recording_marks


@dataclass(frozen=True)
class Seen:
    """Hashes of track ids, titles with credits, and audio vectors: (h,) rising."""

    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, tracks: pl.DataFrame) -> Seen:
        """Hash the marks of training tracks."""
        return cls(np.unique(np.concatenate(list(_mark_hashes(tracks)))))

    @property
    def is_kept(self) -> bool:
        """Whether an oracle keeps what it has seen; one that ships does not."""
        return len(self.hashes) > 0

    def has(self, tracks: pl.DataFrame) -> NDArray[np.bool_]:
        """Tell which tracks share any mark with a training track: (n,)."""
        found = np.zeros(len(tracks), bool)
        for hashes in _mark_hashes(tracks):
            found |= np.isin(hashes, self.hashes) & (hashes != 0)
        return found


def _mark_hashes(tracks: pl.DataFrame) -> list[NDArray[np.uint64]]:
    marks = recording_marks(tracks)
    return [name_hashes(mark + ":" + marks[mark]) for mark in MARKS]
