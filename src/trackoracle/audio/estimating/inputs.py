"""Columns of descriptor files under one name wherever they are the same measurement.

Mean MFCCs at 22,050 Hz are in seven files, under seven names; one model learns from all of
them. What only one recipe has keeps the recipe's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
LEAST = 1e-12
"""Floor before a logarithm: digital silence has spreads and centroids of 0."""
LIFTER = 100
_PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_CHROMA = tuple(f"chroma_{i}" for i in range(1, 13))


def _log(values: Values) -> Values:
    return np.log(np.maximum(values, LEAST))


def _log_of_variance(values: Values) -> Values:
    return 0.5 * _log(values)


def _plain(values: Values) -> Values:
    return values


Step = tuple[str, Callable[[Values], Values]]


def _numbered(
    pattern: str,
    name: str,
    numbers: Sequence[int],
    first: int = 1,
    step: Callable[[Values], Values] = _plain,
) -> dict[str, Step]:
    """Name columns that count from `first`; pandas leaves the number of the first one out."""
    columns = {}
    for i in numbers:
        number = i - 1 + first
        column = pattern.removesuffix(".{}") if pattern.endswith(".{}") and not number else pattern
        columns[column.format(number)] = (f"{name}_{i}", step)
    return columns


def _spectrum(names: Mapping[str, str], step: Callable[[Values], Values]) -> dict[str, Step]:
    return {column: (name, step) for column, name in names.items()}


_TWENTY, _THIRTEEN, _TWELVE = range(1, 21), range(1, 14), range(1, 13)
STEPS: dict[str, dict[str, Step]] = {
    "fma_mfcc20": _numbered("mfcc_{}", "mfcc", _TWENTY, first=0),
    "fma_mfcc50_lifter": _numbered("mfccL_{:02d}", "mfcc", range(1, 51)),
    "fma_means74": {
        **_numbered("mfcc.{}", "mfcc", _TWENTY, first=0),
        **_numbered("chroma_stft.{}", "chroma", _TWELVE, first=0),
        **_numbered("spectral_contrast.{}", "contrast", range(1, 7), first=0),
        **_spectrum(
            {
                "spectral_centroid": "centroid",
                "spectral_bandwidth": "bandwidth",
                "spectral_rolloff": "rolloff",
                "zcr": "crossings",
                "rmse": "spectral_amplitude",
            },
            _log,
        ),
    },
    "spotify_means36": {
        **_numbered("mfcc{}", "mfcc", _TWENTY),
        **dict(zip(_PITCHES, ((name, _plain) for name in _CHROMA), strict=True)),
        **_spectrum(
            {
                "spectral_centroid": "centroid",
                "spectral_bandwidth": "bandwidth",
                "rolloff": "rolloff",
                "zero_crossing_rate": "crossings",
            },
            _log,
        ),
    },
    "spotify_chroma12_mfcc20": {
        **_numbered("mfcc_{:02d}", "mfcc", _TWENTY),
        **_numbered("chroma_{:02d}", "chroma", _TWELVE),
        **_spectrum({"spectral_centroid": "centroid"}, _log),
    },
    "spotify_loudest15s": {
        **_numbered("mfcc_{}_mean", "mfcc", _THIRTEEN),
        **_numbered("mfcc_{}_std", "mfcc_spread", _THIRTEEN, step=_log),
        "chroma_mean": ("chroma_mean", _plain),
        "chroma_std": ("chroma_frame_spread", _plain),
        "contrast_mean": ("contrast_mean", _plain),
        "contrast_std": ("contrast_spread", _plain),
        **_spectrum(
            {
                "zcr_mean": "crossings",
                "zcr_std": "crossings_spread",
                "centroid_mean": "centroid",
                "centroid_std": "centroid_spread",
            },
            _log,
        ),
    },
    "gtzan57": {
        **_numbered("mfcc{}_mean", "mfcc", _TWENTY),
        **_numbered("mfcc{}_var", "mfcc_spread", _TWENTY, step=_log_of_variance),
        "chroma_stft_mean": ("chroma_mean", _plain),
        "chroma_stft_var": ("chroma_frame_spread", np.sqrt),
        **_spectrum(
            {
                "rms_mean": "rms",
                "spectral_centroid_mean": "centroid",
                "spectral_bandwidth_mean": "bandwidth",
                "rolloff_mean": "rolloff",
                "zero_crossing_rate_mean": "crossings",
            },
            _log,
        ),
        **_spectrum(
            {
                "rms_var": "rms_spread",
                "spectral_centroid_var": "centroid_spread",
                "spectral_bandwidth_var": "bandwidth_spread",
                "rolloff_var": "rolloff_spread",
                "zero_crossing_rate_var": "crossings_spread",
            },
            _log_of_variance,
        ),
    },
}
"""For each recipe the columns that are used, the shared name of each, and what is done to it.

Left out: what costs much and adds little (harmonic and percussive parts, tempo, cqt chroma),
and what could not be recomputed (chroma cens, tonnetz, the last contrast band).
"""


def shared_inputs(
    recipe: str, columns: Sequence[str], matrix: Values
) -> tuple[tuple[str, ...], Values]:
    """Turn descriptors of one recipe into inputs under shared names.

    Parameters
    ----------
    recipe
        Name of the recipe. Columns of one that `STEPS` does not know are kept as they are,
        under the recipe's name.
    columns, matrix
        Names and values of the descriptors, (n, k).

    Returns
    -------
    Names and values of the inputs, (n, k'). Twelve chroma columns add what of them does not
    depend on the key.

    Examples
    --------
    >>> names, values = shared_inputs("spotify_loudest15s", ["zcr_mean"], np.array([[1.0]]))
    >>> names, values.tolist()
    (('crossings',), [[0.0]])
    >>> shared_inputs("mine", ["pulse"], np.array([[2.0]]))[0]
    ('mine.pulse',)
    """
    steps = STEPS.get(recipe)
    if steps is None:
        return tuple(f"{recipe}.{column}" for column in columns), matrix
    if recipe == "fma_mfcc50_lifter":
        matrix = matrix / _lift(columns, list(steps))
    taken = {
        steps[column][0]: steps[column][1](matrix[:, j])
        for j, column in enumerate(columns)
        if column in steps
    }
    if all(name in taken for name in _CHROMA):
        taken |= _free_of_key(np.stack([taken[name] for name in _CHROMA], axis=1))
    return tuple(taken), np.stack(list(taken.values()), axis=1)


def _lift(columns: Sequence[str], order: Sequence[str]) -> Values:
    """Return what sinusoidal liftering multiplied each coefficient by (librosa's formula)."""
    place = np.array([order.index(column) + 1 if column in order else 0 for column in columns])
    return 1 + LIFTER / 2 * np.sin(np.pi * place / LIFTER)


def _free_of_key(chroma: Values) -> dict[str, Values]:
    """Return what stays when all pitches are transposed: sorted, and the sizes of a transform."""
    shares = chroma / np.maximum(chroma.sum(axis=1, keepdims=True), LEAST)
    waves = np.abs(np.fft.rfft(shares, axis=1))
    ordered = np.sort(chroma, axis=1)
    return {
        "chroma_mean": chroma.mean(axis=1),
        "chroma_pitch_spread": chroma.std(axis=1),
        **{f"chroma_rank_{i + 1}": ordered[:, i] for i in range(12)},
        **{f"chroma_wave_{i}": waves[:, i] for i in range(1, 7)},
    }
