"""What catalogs call loudness, from integrated LUFS: learned across two kinds of files.

No file has both. Recordings have sound, so LUFS and MFCCs; files of Spotify tracks have MFCCs
and the catalog's loudness. So LUFS is learned from MFCCs on recordings, louder and softer
copies of each among them, and estimated on the Spotify file whose descriptors are of the same
master: 30 s previews. A gain moves both by the same, so the slope is 1, and the constant is
the mean difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.audio.decoding.resampling import mono_22050
from trackoracle.audio.decoding.sound import open_recording
from trackoracle.audio.describing.descriptors import Describer
from trackoracle.audio.estimating.estimators import LoudnessMap
from trackoracle.audio.measuring.loudness import LoudnessMeter

PREVIEWS = "spotify_means36"
N_CEPSTRA = 8
GAINS_DB = (-6.0, 0.0, 6.0)
SOFTEST = -30.0
"""LUFS below which an estimate is not of music."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """The map, and what it rests on.

    Parameters
    ----------
    loudness
        The map.
    n_recordings, n_previews
        That LUFS was learned from, and that it was estimated for.
    lufs_error
        Of LUFS from MFCCs, on recordings left out, dB.
    fitted_slope
        Ratio of the spreads of both loudnesses: near 1 where the scales differ by a constant.
    """

    loudness: LoudnessMap
    n_recordings: int
    n_previews: int
    lufs_error: float
    fitted_slope: float

    @property
    def note(self) -> str:
        """Say it in a line of the card."""
        return (
            f"Catalog loudness is LUFS {self.loudness.constant:+.1f} dB. No file has both: LUFS "
            f"was learned from {N_CEPSTRA} MFCCs of {self.n_recordings} recordings (error of a "
            f"recording left out {self.lufs_error:.1f} dB) and estimated for "
            f"{self.n_previews:,} previews whose catalog loudness is known. Slope 1 is set, since "
            f"a gain moves both alike; the spreads' ratio is {self.fitted_slope:.2f}. The error "
            f"of {self.loudness.error:.1f} dB holds that of the estimated LUFS too, so it is an "
            "upper bound."
        )


def find_loudness(pairs: Path, recordings: Sequence[Path]) -> Found:
    """Learn the map from the folder of audio-pairs and from recordings."""
    cepstra, lufs = zip(*(_heard(path) for path in recordings), strict=True)
    x, y = np.stack(cepstra), np.stack(lufs)
    off = [
        _ridge(np.delete(x, i, 0), np.delete(y, i, 0))(x[i, 1][None])[0] - y[i, 1]
        for i in range(len(x))
    ]
    table = pl.read_csv(pairs / f"{PREVIEWS}.csv", infer_schema_length=None)
    columns = [f"mfcc{i + 1}" for i in range(N_CEPSTRA)]
    told = _ridge(x, y)(table.select(columns).cast(pl.Float64).to_numpy())
    known = table["loudness"].cast(pl.Float64).to_numpy()
    kept = told > SOFTEST
    gap = (known - told)[kept]
    return Found(
        LoudnessMap(float(gap.mean()), 1.0, float(gap.std())),
        len(recordings),
        int(kept.sum()),
        float(np.std(off)),
        float(known[kept].std() / told[kept].std()),
    )


def _heard(path: Path) -> tuple[Values, Values]:
    """Return mean MFCCs of louder and softer copies of a recording, and their LUFS."""
    describers = [Describer() for _ in GAINS_DB]
    with open_recording(path) as sound:
        meter = LoudnessMeter(sound.rate, sound.n_channels)
        blocks = list(sound.blocks())
        for block in blocks:
            meter.add(block)
        for samples in mono_22050(iter(blocks), sound.rate):
            for describer, gain in zip(describers, GAINS_DB, strict=True):
                describer.add(np.asarray(samples * 10 ** (gain / 20), np.float32))
    lufs = meter.result().loudness_lufs
    assert lufs is not None
    cepstra = [d.result().of("fma_mfcc20")[:, :N_CEPSTRA].mean(axis=0) for d in describers]
    return np.stack(cepstra), lufs + np.array(GAINS_DB)


def _ridge(cepstra: Values, lufs: Values) -> Callable[[Values], Values]:
    x, y = cepstra.reshape(-1, N_CEPSTRA), lufs.ravel()
    mean, spread = x.mean(axis=0), x.std(axis=0)
    z = (x - mean) / spread
    weight = np.linalg.solve(z.T @ z + np.eye(N_CEPSTRA), z.T @ (y - y.mean()))
    return lambda rows: (rows - mean) / spread @ weight + y.mean()
