"""Find hashes in a table of hashes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_BUCKET_SHIFT = np.uint64(48)


@dataclass(frozen=True)
class Lookup:
    """A table of hashes.

    Parameters
    ----------
    hashes
        (h,) rising.

    Examples
    --------
    >>> table = Lookup(np.array([3, 5, 8], np.uint64))
    >>> table.places(np.array([8, 4, 3], np.uint64)).tolist()
    [2, 3, 0]
    """

    hashes: NDArray[np.uint64]

    @property
    def is_sound(self) -> bool:
        """Whether the hashes are what a table needs."""
        hashes = self.hashes
        is_row = hashes.dtype == np.uint64 and hashes.ndim == 1
        return bool(is_row and (hashes[1:] > hashes[:-1]).all())

    def places(self, values: NDArray[np.uint64] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the place of each value (m,); where it is not there, one past the last."""
        values = values.astype(np.uint64, copy=False)
        starts, padded = self._buckets
        bucket = values >> _BUCKET_SHIFT
        places, ends = starts[bucket], starts[bucket + np.uint64(1)]
        found = (padded[places] == values) & (places < ends)
        waiting = np.flatnonzero(~found & (places + 1 < ends))
        while len(waiting):
            places[waiting] += 1
            found[waiting] = padded[places[waiting]] == values[waiting]
            more = ~found[waiting] & (places[waiting] + 1 < ends[waiting])
            waiting = waiting[more]
        return np.where(found, places, len(self.hashes))

    @cached_property
    def _buckets(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Where the hashes of each leading 16 bits begin, and the hashes with one to spare.

        Hashes are spread evenly: a look-up is a step or two instead of a binary search.
        """
        leading = np.arange(2**16 + 1, dtype=np.uint64)
        starts = np.searchsorted(self.hashes >> _BUCKET_SHIFT, leading).astype(np.int64)
        return starts, np.append(self.hashes, np.uint64(0))
