"""The filters and weights of ITU-R BS.1770: what of a sound counts for its loudness."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Coefficients: TypeAlias = NDArray[np.float64]

_SHELF_HERTZ, _SHELF_DB, _SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
_LOW_CUT_HERTZ, _LOW_CUT_Q = 38.13547087602444, 0.5003270373238773
"""The analogue filters whose bilinear transforms at 48 kHz are the standard's coefficients
(B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES 145)."""
_SHELF_BAND_EXPONENT = 0.4996667741545416

_SURROUND = 1.41
_BY_COUNT: dict[int, tuple[float, ...]] = {
    4: (1, 1, _SURROUND, _SURROUND),
    5: (1, 1, 1, _SURROUND, _SURROUND),
    6: (1, 1, 1, 0, _SURROUND, _SURROUND),
    7: (1, 1, 1, 0, _SURROUND, _SURROUND, _SURROUND),
    8: (1, 1, 1, 0, _SURROUND, _SURROUND, _SURROUND, _SURROUND),
}
"""In the order of WAV and FLAC: left, right, centre, low effects, behind, beside. Four are
taken for left, right and two behind. Any other count weighs all channels alike."""


def channel_weights(n_channels: int) -> Coefficients:
    """Return what the power of each channel counts.

    Examples
    --------
    >>> channel_weights(6).tolist()
    [1.0, 1.0, 1.0, 0.0, 1.41, 1.41]
    """
    return np.array(_BY_COUNT.get(n_channels, (1,) * n_channels), float)


def k_weighting(rate: int) -> tuple[Coefficients, Coefficients]:
    """Return numerator and denominator of both filters in one, designed for a rate.

    Parameters
    ----------
    rate
        Samples a second, above 3,364.

    Examples
    --------
    >>> numerator, denominator = k_weighting(48_000)
    >>> numerator.round(4).tolist(), denominator.round(4).tolist()
    ([1.5351, -5.7619, 8.1169, -5.0885, 1.1984], [1.0, -3.6807, 5.087, -3.1315, 0.7252])
    """
    shelf, low_cut = _shelf(rate), _low_cut(rate)
    return np.convolve(shelf[0], low_cut[0]), np.convolve(shelf[1], low_cut[1])


def _shelf(rate: int) -> tuple[list[float], list[float]]:
    k = float(np.tan(np.pi * _SHELF_HERTZ / rate))
    high = 10 ** (_SHELF_DB / 20)
    band = high**_SHELF_BAND_EXPONENT
    scale = 1 + k / _SHELF_Q + k * k
    numerator = [
        (high + band * k / _SHELF_Q + k * k) / scale,
        2 * (k * k - high) / scale,
        (high - band * k / _SHELF_Q + k * k) / scale,
    ]
    return numerator, [1.0, 2 * (k * k - 1) / scale, (1 - k / _SHELF_Q + k * k) / scale]


def _low_cut(rate: int) -> tuple[list[float], list[float]]:
    k = float(np.tan(np.pi * _LOW_CUT_HERTZ / rate))
    scale = 1 + k / _LOW_CUT_Q + k * k
    return [1.0, -2.0, 1.0], [1.0, 2 * (k * k - 1) / scale, (1 - k / _LOW_CUT_Q + k * k) / scale]
