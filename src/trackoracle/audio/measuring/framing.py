"""A stream of blocks cut into overlapping frames, the same whatever the blocks' lengths."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Sound = NDArray[np.float32]
_MOST_SAMPLES = 1 << 16
"""Samples framed at once: what bounds memory however long a block is."""


class Framer:
    """Cut mono sound into frames of `size` samples, one every `hop`, the first centred on 0.

    Examples
    --------
    >>> framer = Framer(size=4, hop=2)
    >>> [frames.shape for frames in framer.add(np.ones(7, np.float32))]
    [(3, 4)]
    """

    def __init__(self, *, size: int, hop: int) -> None:
        self._size = size
        self._hop = hop
        self._rest: Sound = np.zeros(size // 2, np.float32)

    def add(self, block: Sound) -> Iterator[Sound]:
        """Yield the (n, size) frames that the block completes, some thousands at a time.

        The frames are views of a buffer: read them before the next are asked for.
        """
        for start in range(0, len(block), _MOST_SAMPLES):
            part = np.concatenate([self._rest, block[start : start + _MOST_SAMPLES]])
            n_frames = max(0, (len(part) - self._size) // self._hop + 1)
            self._rest = part[n_frames * self._hop :]
            if n_frames:
                yield sliding_window_view(part, self._size)[:: self._hop][:n_frames]
