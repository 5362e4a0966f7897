"""Means over tracks, with what resampling whole recordings makes of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackoracle.schema import Estimate

Values = NDArray[np.float64]
Codes = NDArray[np.int64]
LEVEL = 0.95
N_BOOTSTRAP = 200


class Resamples:
    """Draws of whole clusters of tracks, the same for everything that is measured of them.

    Parameters
    ----------
    cluster
        (n,) code of what is drawn whole.
    weight
        (n,) of each track.
    """

    def __init__(
        self, cluster: Codes, weight: Values, n_bootstrap: int = N_BOOTSTRAP, seed: int = 0
    ) -> None:
        codes, self._cluster = np.unique(cluster, return_inverse=True)
        self._n, self._weight = len(codes), weight
        random = np.random.default_rng(seed)
        even = np.full(self._n, 1 / self._n)
        self._counts = random.multinomial(self._n, even, size=n_bootstrap).astype(np.float64)

    def sums(self, values: Values) -> tuple[Values, Values]:
        """Return the weighted sum of (n, k) values, and that of each draw: (k,), (b, k)."""
        weighted = values * self._weight[:, None]
        by_cluster = np.zeros((self._n, values.shape[1]))
        np.add.at(by_cluster, self._cluster, weighted)
        return by_cluster.sum(axis=0), self._counts @ by_cluster

    def ratios(self, values: Values, over: Values) -> list[Estimate]:
        """Return the sums of (n, k) values divided by that of (n,) others, with intervals."""
        (whole, drawn), (total, totals) = self.sums(values), self.sums(over[:, None])
        with np.errstate(invalid="ignore", divide="ignore"):
            draws = drawn / totals
        ends = (1 - LEVEL) / 2, (1 + LEVEL) / 2
        low, high = np.nanquantile(draws, ends, axis=0)
        told = whole / total
        return [
            Estimate(float(v), float(a), float(b)) for v, a, b in zip(told, low, high, strict=True)
        ]

    def means(self, values: Values) -> list[Estimate]:
        """Return the weighted means of (n, k) values, with intervals."""
        return self.ratios(values, np.ones(len(values)))


def accumulated(
    place: Codes, moved: Values, n_bins: int, resamples: Resamples
) -> tuple[Values, Values, Values]:
    """Add up mean local differences (accumulated local effects; Apley and Zhu 2020).

    Parameters
    ----------
    place
        (n,) bin of each track.
    moved
        (n,) what its prediction moves by from one edge of its bin to the other.
    n_bins
        b.

    Returns
    -------
    Effects at the b + 1 edges, centred at 0 over the tracks, and the ends of their intervals.
    """
    inside = (place[:, None] == np.arange(n_bins)).astype(np.float64)
    whole, drawn = resamples.sums(inside * moved[:, None])
    held, holding = resamples.sums(inside)
    effect = _centred(whole[None], held[None])[0]
    low, high = np.quantile(_centred(drawn, holding), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return effect, low, high


def _centred(moved: Values, held: Values) -> Values:
    """Return effects at edges of draws: (b, k + 1); a bin without a track moves nothing."""
    mean = np.divide(moved, held, out=np.zeros_like(moved), where=held > 0)
    edges = np.concatenate([np.zeros((len(mean), 1)), np.cumsum(mean, axis=1)], axis=1)
    middles = (edges[:, 1:] + edges[:, :-1]) / 2
    centred: Values = edges - (middles * held).sum(axis=1, keepdims=True) / held.sum(
        axis=1, keepdims=True
    )
    return centred
