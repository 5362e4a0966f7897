"""Which tracks are one recording: known ones by their codes, others by their marks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.schema import MARKS, name_hashes, recording_marks

Codes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Marks:
    """Hashes of the marks of a catalog's recordings.

    Parameters
    ----------
    hashes
        (h,) rising. A mark that several recordings bear tells none and is left out.
    recordings
        (h,) the code of the recording that bears each.
    """

    hashes: NDArray[np.uint64]
    recordings: Codes

    @classmethod
    def of(cls, tracks: pl.DataFrame, recording: Codes) -> Marks:
        """Hash the marks of tracks (n, k), whose recordings are known: (n,)."""
        hashes = _hashes(tracks)
        known = hashes != 0
        owners = np.broadcast_to(recording, hashes.shape)[known]
        order = np.lexsort((owners, hashes[known]))
        rising, owners = hashes[known][order], owners[order]
        distinct, first = np.unique(rising, return_index=True)
        last = np.append(first, len(rising))[1:] - 1
        alone = owners[first] == owners[last]
        return cls(distinct[alone], owners[first][alone].astype(np.int32))

    def recordings_of(self, track: pl.DataFrame) -> Codes:
        """Return the codes of the recordings that a track (1, k) is one with by any mark."""
        hashes = _hashes(track)[:, 0]
        if not len(self.hashes):
            return np.empty(0, np.int32)
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        found = (self.hashes[place] == hashes) & (hashes != 0)
        return np.unique(self.recordings[place[found]])


def _hashes(tracks: pl.DataFrame) -> NDArray[np.uint64]:
    marks = recording_marks(tracks)
    return np.stack([name_hashes(mark + ":" + marks[mark]) for mark in MARKS])
