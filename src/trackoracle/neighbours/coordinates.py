"""Where tracks lie: audio features as standardised coordinates.

Choices were made by how often the ten nearest of 1,500 tracks of the 114k file (other recordings)
share a genre: plain standard deviations .141, with square roots of the four skewed shares .146,
with tempo on a circle of octaves .151, normal scores of ranks .143, Mahalanobis' distance .142.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.errors import SourceError

Values = NDArray[np.float64]
Points = NDArray[np.float32]
Flags = NDArray[np.bool_]

FEATURES = (
    "danceability", "energy", "loudness", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo", "duration_ms",
)  # fmt: skip
"""The audio features that tell how a track sounds; key, mode and meter are codes, not amounts."""
_SKEWED = ("speechiness", "acousticness", "instrumentalness", "liveness")
_FEW = 1_000
"""Fewer values are sooner read one by one than asked for in a query."""
LEAST_KNOWN = 0.5
"""A feature that more of a catalog's tracks miss is not compared by."""


@dataclass(frozen=True)
class Scale:
    """How features become coordinates, fitted on the tracks of a catalog.

    Parameters
    ----------
    features
        Those that at least half of the tracks know, and that differ.
    centre, spread
        (c,) mean and standard deviation of each coordinate. The two of tempo share one spread,
        so that the squared difference of two random tracks is 2 on average, as of any feature.

    Examples
    --------
    >>> rows = pl.DataFrame({"energy": [0.2, 0.4], "tempo": [60.0, 85.0]})
    >>> scale = Scale.of(rows)
    >>> double = pl.DataFrame({"energy": [0.4], "tempo": [170.0]})
    >>> np.abs(scale.points(double) - scale.points(rows)[1]).max().round(6)
    np.float32(0.0)
    """

    features: tuple[str, ...]
    centre: Values
    spread: Values

    @classmethod
    def of(cls, tracks: pl.DataFrame) -> Scale:
        """Fit it; raises SourceError where no feature can be compared by."""
        features, centres, spreads = [], [], []
        for name in FEATURES:
            columns = _plain(tracks, name)
            known = ~np.isnan(columns[0])
            if known.sum() < max(2, LEAST_KNOWN * len(tracks)):
                continue
            values = columns[:, known]
            spread = np.sqrt(values.var(axis=1).sum())
            if spread > 1e-9 * np.abs(values).max():
                features.append(name)
                centres += values.mean(axis=1).tolist()
                spreads += [spread] * len(values)
        if not features:
            raise SourceError(
                "similar: expected audio features that tell tracks apart, got none of "
                f"{', '.join(FEATURES)} that half of the tracks know and that differs. "
                "Map them with --map column=their_column."
            )
        return cls(tuple(features), np.array(centres), np.array(spreads))

    @cached_property
    def feature_of(self) -> NDArray[np.int64]:
        """The place of each coordinate's feature: (c,), rising."""
        sizes = [2 if name == "tempo" else 1 for name in self.features]
        return np.repeat(np.arange(len(sizes)), sizes)

    @cached_property
    def begins(self) -> NDArray[np.int64]:
        """Where each feature's coordinates begin: (f,)."""
        return np.unique(self.feature_of, return_index=True)[1]

    def points(self, tracks: pl.DataFrame) -> Points:
        """Return the coordinates of tracks: (n, c), NaN where a feature is missing."""
        columns = np.concatenate([_plain(tracks, name) for name in self.features])
        standard = (columns - self.centre[:, None]) / self.spread[:, None]
        return np.ascontiguousarray(standard.T, np.float32)

    def gaps(self, one: Points, others: Points) -> Values:
        """Return how far tracks are apart in each feature: (m, f), NaN where either misses it."""
        squared = (others.astype(np.float64) - one.astype(np.float64)) ** 2
        return np.sqrt(np.add.reduceat(squared, self.begins, axis=1))

    def raw(self, tracks: pl.DataFrame) -> Values:
        """Return the features' own values: (n, f), NaN where missing."""
        return np.stack([_numbers(tracks, name) for name in self.features], axis=1)


def _plain(tracks: pl.DataFrame, name: str) -> Values:
    """Return a feature as one or two coordinates, not yet standardised: (1 or 2, n)."""
    values = _numbers(tracks, name)
    if name in _SKEWED:
        return np.sqrt(np.maximum(values, 0))[None]
    if name not in ("tempo", "duration_ms"):
        return values[None]
    octaves = np.log2(np.where(values > 0, values, np.nan))
    if name == "duration_ms":
        return octaves[None]
    # Half and double time are one tempo to many listeners, and to every tempo meter.
    return np.stack([np.cos(2 * np.pi * octaves), np.sin(2 * np.pi * octaves)])


def _numbers(tracks: pl.DataFrame, name: str) -> Values:
    if name not in tracks.columns:
        return np.full(len(tracks), np.nan)
    if len(tracks) < _FEW:
        return np.array([np.nan if v is None else v for v in tracks[name].to_list()], np.float64)
    return tracks[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
