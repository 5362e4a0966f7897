"""From a model's raw answers to calibrated distributions, for known and for new artists.

It is a Mondrian predictive system (Bostrom, Johansson and Lofstrom 2021): each of
the two strata has its own map from raw answers to distributions, fitted to
answers out of fold. A raw answer is one number, or a probability for each bin. Where genres
are known the levels are then moved by what is known of each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.distributions.curve import Curve, curve_from_arrays, fit_curve
from trackoracle.distributions.distribution import Distribution, Flags, Values
from trackoracle.distributions.genres import (
    GenrePlaces,
    fit_genre_places,
    genre_places_from_arrays,
)
from trackoracle.distributions.scaling import Scaling, fit_scaling, scaling_from_arrays
from trackoracle.schema import Ragged

LEAST_IN_STRATUM = 200
"""Fewer rows share the map of all rows."""


@dataclass(frozen=True)
class Calibration:
    """The maps of tracks of known and of new artists.

    Parameters
    ----------
    support
        (s,) values that get probability, rising.
    known, new
        The map of each stratum.
    genres
        How the levels of each genre's tracks are moved; None for not at all.
    """

    support: Values
    known: Curve | Scaling
    new: Curve | Scaling
    genres: GenrePlaces | None = None

    def distribution(
        self, raw: Values, is_known: Flags, genres: Ragged | None = None
    ) -> Distribution:
        """Return the distribution of n tracks.

        Parameters
        ----------
        raw
            (n,) numbers or (n, b) probabilities of bins.
        is_known
            (n,) whether the artist is known.
        genres
            n lists of hashes; None where they are not known.
        """
        cumulative = np.empty((len(raw), len(self.support)))
        for rows, stratum in ((is_known, self.known), (~is_known, self.new)):
            cumulative[rows] = stratum.cumulative(raw[rows])
        if self.genres is not None and genres is not None:
            cumulative = self.genres.moved(cumulative, genres)
        return Distribution(self.support, cumulative, is_known)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the tables from which `calibration_from_arrays` rebuilds it."""
        parts = {"known": self.known, "new": self.new, "genres": self.genres}
        return {"support": self.support} | {
            f"{part}_{name}": array
            for part, of in parts.items()
            if of is not None
            for name, array in of.arrays().items()
        }


def calibration_from_arrays(arrays: dict[str, NDArray[Any]]) -> Calibration:
    """Rebuild a calibration; raises ValueError when the tables give no distributions."""
    n_values = len(arrays["support"])
    strata: list[Curve | Scaling] = []
    for stratum in ("known", "new"):
        own = _part(arrays, stratum)
        build = scaling_from_arrays if "slope" in own else curve_from_arrays
        strata.append(build(own, n_values))
    places = _part(arrays, "genres")
    genres = genre_places_from_arrays(places) if places else None
    known, new = strata
    return Calibration(arrays["support"], known, new, genres)


def _part(arrays: dict[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    prefix = f"{name}_"
    return {k.removeprefix(prefix): array for k, array in arrays.items() if k.startswith(prefix)}


def fit_calibration(
    raw: Values,
    target: Values,
    weight: Values,
    is_known: Flags,
    support: Values,
    bins: Values | None = None,
    genres: Ragged | None = None,
) -> Calibration:
    """Fit the maps of both strata.

    Parameters
    ----------
    raw
        (n,) out-of-fold numbers, or (n, b) probabilities of bins.
    target, weight
        (n,) the truth, and how much a track counts.
    is_known
        (n,) whether the artist was known when the track was judged.
    support
        (s,) values that get probability.
    bins
        (b - 1,) edges, where raw answers are of bins.
    genres
        n lists of hashes, where the levels of each genre's tracks are to be moved.
    """

    def fitted(rows: Flags) -> Curve | Scaling:
        of = raw[rows], target[rows], weight[rows], support
        return fit_curve(*of) if raw.ndim == 1 or bins is None else fit_scaling(*of, bins)

    enough = [rows.sum() >= LEAST_IN_STRATUM for rows in (is_known, ~is_known)]
    overall = None if all(enough) else fitted(np.ones(len(raw), bool))
    known, new = (
        fitted(rows) if reached or overall is None else overall
        for rows, reached in zip((is_known, ~is_known), enough, strict=True)
    )
    strata = Calibration(support, known, new)
    if genres is None:
        return strata
    told = strata.distribution(raw, is_known).cumulative
    return replace(strata, genres=fit_genre_places(told, target, weight, support, genres))
