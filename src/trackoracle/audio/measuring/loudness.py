"""How loud a recording is, by EBU R 128 and ITU-R BS.1770-4, and where it is silent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.decoding.reading import Block
from trackoracle.audio.measuring.weighting import channel_weights, k_weighting

HOPS_A_SECOND = 10
"""Energies are kept for every tenth of a second: 3.5 MB for twelve hours."""
_OFFSET_DB = -0.691
"""BS.1770: with it a 997 Hz sine at full scale in one channel is -3.01 LUFS."""
_ABSOLUTE_GATE = -70.0
_GATE_BELOW_MEAN = 10.0
_MOMENTARY, _SHORT_TERM = 4, 30
"""Hops of the two windows: .4 s and 3 s."""
_RANGE_BELOW_MEAN = 20.0
_RANGE_LOW, _RANGE_HIGH = 10.0, 95.0
"""EBU Tech 3342: gate and percentiles of the loudness range."""
SILENT_LUFS = -60.0
"""A tenth of a second below it is silence: the noise of a good tape is about there."""

Levels: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Loudness:
    """What was measured of a whole recording or excerpt.

    Parameters
    ----------
    loudness_lufs
        Integrated loudness, gated; None when all is below -70 LUFS. Of less than .4 s, which
        the standard leaves open, the mean of all there is.
    dynamic_range_db
        Loudness range (EBU Tech 3342): between the 10 % quietest and the 5 % loudest
        stretches of 3 s. None below 3 s.
    peak_db
        Largest sample, dB of full scale; None for digital silence. Lossy files go above 0.
    crest_db
        The peak over the loudness: how much of the headroom is used for punch.
    most_momentary_lufs, most_short_term_lufs
        Loudest .4 s and 3 s; None where shorter or silent.
    seconds
        Length that was measured.
    silent_start_seconds, silent_end_seconds
        Silence before the first and behind the last sound, to a tenth of a second.
    silent_share
        Share of the whole below -60 LUFS.
    """

    loudness_lufs: float | None
    dynamic_range_db: float | None
    peak_db: float | None
    crest_db: float | None
    most_momentary_lufs: float | None
    most_short_term_lufs: float | None
    seconds: float
    silent_start_seconds: float
    silent_end_seconds: float
    silent_share: float

    def to_dict(self) -> dict[str, float | None]:
        """Return plain data."""
        return asdict(self)


class LoudnessMeter:
    """Measures loudness block by block, at any rate and for any number of channels.

    The filters are designed for the rate; at 48 kHz they are those of the standard.

    Examples
    --------
    >>> time = np.arange(48_000) / 48_000
    >>> meter = LoudnessMeter(48_000, 1)
    >>> meter.add(np.sin(2 * np.pi * 997 * time).astype(np.float32)[:, None])
    >>> round(meter.result().loudness_lufs, 2)
    -3.01
    """

    def __init__(self, rate: int, n_channels: int) -> None:
        self._rate = rate
        self._weights = channel_weights(n_channels)
        self._numerator, self._denominator = k_weighting(rate)
        self._state = np.zeros((len(self._denominator) - 1, n_channels))
        self._n_frames = 0
        self._peak = 0.0
        self._energies: list[Levels] = []
        self._open_energy = 0.0

    def add(self, block: Block) -> None:
        """Take the next (n, channels) samples."""
        from scipy.signal import lfilter

        if not len(block):
            return
        self._peak = max(self._peak, float(block.max()), -float(block.min()))
        filtered, self._state = lfilter(
            self._numerator, self._denominator, block, axis=0, zi=self._state
        )
        self._collect(np.square(filtered, out=filtered) @ self._weights)

    def momentary(self) -> Levels:
        """Return LUFS of the .4 s that begin at each tenth of a second; -inf where silent."""
        return _levels(self._windows(_MOMENTARY))

    def short_term(self) -> Levels:
        """Return LUFS of the 3 s that begin at each tenth of a second; -inf where silent."""
        return _levels(self._windows(_SHORT_TERM))

    def windows(self, seconds: float = 5.0) -> Levels:
        """Return LUFS of windows side by side, the last one shorter; -inf where silent.

        Parameters
        ----------
        seconds
            Of a window; whole tenths.
        """
        powers = self._powers()
        n_hops = max(1, round(seconds * HOPS_A_SECOND))
        if not len(powers):
            return np.zeros(0)
        starts = np.arange(0, len(powers), n_hops)
        n_held = np.diff(np.append(starts, len(powers)))
        return _levels(np.add.reduceat(powers, starts) / n_held)

    def result(self) -> Loudness:
        """Return what was measured so far; more may be added after it."""
        momentary, short_term = self._windows(_MOMENTARY), self._windows(_SHORT_TERM)
        whole = momentary if len(momentary) else self._mean_power()
        loudness = _integrated(whole)
        peak = 20 * np.log10(self._peak) if self._peak else None
        start, end, share = self._silence()
        return Loudness(
            loudness_lufs=loudness,
            dynamic_range_db=_range(short_term),
            peak_db=None if peak is None else float(peak),
            crest_db=None if peak is None or loudness is None else float(peak - loudness),
            most_momentary_lufs=_most(momentary),
            most_short_term_lufs=_most(short_term),
            seconds=self._n_frames / self._rate,
            silent_start_seconds=start,
            silent_end_seconds=end,
            silent_share=share,
        )

    def _collect(self, powers: Levels) -> None:
        """Add up per tenth of a second, whose borders may lie between samples."""
        first, last = self._n_frames, self._n_frames + len(powers)
        borders = self._borders(first, last) - first
        sums = np.add.reduceat(powers, np.append(0, borders[borders < len(powers)]))
        sums[0] += self._open_energy
        if len(borders) and borders[-1] == len(powers):
            sums = np.append(sums, 0.0)
        self._energies.append(sums[:-1])
        self._open_energy = float(sums[-1])
        self._n_frames = last

    def _borders(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the first frames of hops that begin in (first, last]."""
        hops = np.arange(
            first * HOPS_A_SECOND // self._rate + 1, last * HOPS_A_SECOND // self._rate + 1
        )
        return -(-hops * self._rate // HOPS_A_SECOND)

    def _powers(self) -> Levels:
        """Return the mean square of each whole hop, channels weighted and added."""
        if not self._energies:
            return np.zeros(0)
        self._energies = [np.concatenate(self._energies)]
        return self._energies[0] * (HOPS_A_SECOND / self._rate)

    def _windows(self, n_hops: int) -> Levels:
        powers = self._powers()
        if len(powers) < n_hops:
            return np.zeros(0)
        sums: Levels = np.convolve(powers, np.ones(n_hops), "valid")
        return sums / n_hops

    def _mean_power(self) -> Levels:
        total = self._open_energy + sum(float(part.sum()) for part in self._energies)
        return np.array([total / self._n_frames]) if self._n_frames else np.zeros(0)

    def _silence(self) -> tuple[float, float, float]:
        """Return seconds of silence at the start and the end, and the share of all."""
        seconds = self._n_frames / self._rate
        powers = self._powers()
        lengths = np.full(len(powers), 1 / HOPS_A_SECOND)
        rest = seconds - len(powers) / HOPS_A_SECOND
        if rest * self._rate >= 1:
            powers = np.append(powers, self._open_energy / (rest * self._rate))
            lengths = np.append(lengths, rest)
        loud = np.flatnonzero(_levels(powers) >= SILENT_LUFS)
        if not len(loud):
            return seconds, seconds, 1.0 if seconds else 0.0
        ends = lengths[: loud[0]].sum(), lengths[loud[-1] + 1 :].sum()
        silent = max(0.0, 1 - lengths[loud].sum() / seconds)
        return round(float(ends[0]), 6), round(float(ends[1]), 6), round(float(silent), 6)


def _levels(powers: Levels) -> Levels:
    with np.errstate(divide="ignore"):
        levels: Levels = _OFFSET_DB + 10 * np.log10(powers)
    return levels


def _power(level: float) -> float:
    return float(10 ** ((level - _OFFSET_DB) / 10))


def _gated(powers: Levels, below_mean: float) -> Levels:
    """Return the windows above -70 LUFS and not far below the mean of those."""
    heard = powers[powers > _power(_ABSOLUTE_GATE)]
    if not len(heard):
        return heard
    gated: Levels = heard[heard > heard.mean() * 10 ** (-below_mean / 10)]
    return gated


def _integrated(powers: Levels) -> float | None:
    heard = _gated(powers, _GATE_BELOW_MEAN)
    return float(_levels(heard.mean())) if len(heard) else None


def _range(short_term: Levels) -> float | None:
    heard = _gated(short_term, _RANGE_BELOW_MEAN)
    if not len(heard):
        return None
    low, high = np.percentile(_levels(heard), [_RANGE_LOW, _RANGE_HIGH])
    return float(high - low)


def _most(powers: Levels) -> float | None:
    return float(_levels(powers.max())) if len(powers) and powers.max() > 0 else None
