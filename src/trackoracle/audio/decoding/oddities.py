"""What is odd about the samples of a recording, counted block by block and said in the end."""

from __future__ import annotations

import numpy as np

from trackoracle.audio.decoding.reading import Block

FULL_SCALE = 0.999
"""Samples from here on are at or over full scale, in 16 bits and after lossy coding alike."""
MUCH_CLIPPED = 0.01
"""Share of samples at full scale from which on it is said. Of 45 published MP3 files the
loudest has .13, which is noise music; the next .0016."""
LARGEST = 2.0**31
"""What a 32-bit whole number holds; a larger sample is no sound but damage."""
FAR_OVER = 16.0
"""Times full scale (24 dB): such samples were scaled wrongly."""
OFFSET = 0.02
"""A constant part of the signal from which on it is said, of full scale."""


class Oddities:
    """Samples that are not numbers, clipping, a scale that is wrong, a constant offset.

    Examples
    --------
    >>> odd = Oddities(1)
    >>> odd.cleaned(np.array([[0.5], [np.nan]], np.float32)).ravel().tolist()
    [0.5, 0.0]
    >>> odd.sentences()[0]
    '1 of 2 samples is no number and taken as silence'
    """

    def __init__(self, n_channels: int) -> None:
        self._n_samples = self._n_frames = self._n_none = self._n_clipped = 0
        self._peak = 0.0
        self._sums = np.zeros(n_channels)

    def cleaned(self, block: Block) -> Block:
        """Count what is odd in a block of at least one frame; return it with numbers only."""
        with np.errstate(invalid="ignore"):  # a signalling NaN
            peak = _peak(block)
        if not peak <= LARGEST:  # a sample that is no number makes the extremes none, too
            with np.errstate(invalid="ignore"):
                is_bad = ~(np.abs(block) <= LARGEST)
            self._n_none += int(is_bad.sum())
            block = np.where(is_bad, np.float32(0), block)
            peak = _peak(block)
        if peak >= FULL_SCALE:
            self._n_clipped += int(np.count_nonzero(np.abs(block) >= FULL_SCALE))
        self._peak = max(self._peak, peak)
        self._n_samples += block.size
        self._n_frames += len(block)
        self._sums += np.ones(len(block), np.float32) @ block
        return block

    def sentences(self) -> list[str]:
        """Say what was odd, if anything."""
        said = []
        if self._n_none:
            is_one = self._n_none == 1
            said.append(
                f"{self._n_none:,} of {self._n_samples:,} samples "
                f"{'is no number' if is_one else 'are no numbers'} and taken as silence"
            )
        if self._peak > FAR_OVER:
            said.append(f"samples up to {self._peak:,.0f} times full scale: scaled wrongly?")
        elif self._n_samples and self._n_clipped / self._n_samples > MUCH_CLIPPED:
            share = self._n_clipped / self._n_samples
            said.append(f"{share:.1%} of the samples are at full scale: clipped")
        offset = float(np.abs(self._sums).max(initial=0.0)) / max(self._n_frames, 1)
        if offset > OFFSET and self._peak <= FAR_OVER:
            said.append(f"a constant offset of {offset:.2f} of full scale")
        return said


def _peak(block: Block) -> float:
    return float(max(block.max(), -block.min()))
