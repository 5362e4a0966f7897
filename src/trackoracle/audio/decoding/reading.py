"""What a decoder gives: blocks of samples, in order, at the recording's own rate."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Block: TypeAlias = NDArray[np.float32]
"""(n, channels) samples, 1 at full scale."""


MOST_SAMPLES = 2**20
"""Samples of one block over all channels: 4 MB."""


class DecodingError(Exception):
    """A decoder gave up; kept inside the room, where another may go on."""


class Reader(Protocol):
    """An open recording.

    Attributes
    ----------
    container
        By content: "mp3", "wav", "m4a" ...
    rate
        Samples a second, of each channel.
    claimed_seconds
        The length that the file states, None where it states none. Never trusted.
    is_sure
        Whether the claim follows from the size of the file.
    """

    container: str
    rate: int
    n_channels: int
    claimed_seconds: float | None
    is_sure: bool

    @property
    def notes(self) -> list[str]:
        """Sentences on what was met so far."""

    def seek(self, frame: int) -> None:
        """Go to a frame; raises DecodingError where the decoder cannot."""

    def read(self, n_frames: int) -> Block:
        """Return the next frames, fewer or none at the end; raises DecodingError."""

    def close(self) -> None:
        """Let go of the decoder."""


def frames_at_once(rate: int, n_channels: int) -> int:
    """Return how many frames a block has: a second, or less where that would be large.

    Examples
    --------
    >>> frames_at_once(44_100, 2), frames_at_once(768_000, 24)
    (44100, 43690)
    """
    return max(1, min(rate, MOST_SAMPLES // n_channels))
