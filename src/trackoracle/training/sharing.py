"""What tracks of one artist and of one album share of what is not known of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackoracle.distributions import fit_correlation
from trackoracle.models import candidate_named
from trackoracle.schema import Shared, Sharing
from trackoracle.training.calibrated import distributions
from trackoracle.training.folds import Judgement, Material, Values
from trackoracle.training.leaderboard import serving_strata

_MOST_PAIRS = 20_000
"""More pairs make the correlation no surer, and take longer."""
Rows = NDArray[np.int64]


def shared_uncertainty(
    material: Material, judgements: list[Judgement], name: str, seed: int
) -> Sharing:
    """Estimate the correlations, for tracks of known and of new artists as they are served.

    They come from answers out of fold. A naive answer has no distribution of its own: nothing is
    said to be shared.
    """
    if candidate_named(name).is_baseline:
        return Sharing(known=Shared(0.0, 0.0), new=Shared(0.0, 0.0))
    (known, _), (new, _) = serving_strata(judgements)
    found = []
    for judgement, is_known in ((known, True), (new, False)):
        below, at_most, rows = levels_out_of_fold(material, judgement, name)
        rows = rows[judgement.knows_artist[rows] == is_known]
        found.append(shared_among(material, below, at_most, rows, seed))
    return Sharing(known=found[0], new=found[1])


def levels_out_of_fold(
    material: Material, judgement: Judgement, name: str
) -> tuple[Values, Values, Rows]:
    """Return P(target < value) and P(target <= value) of every scored row, and which these are."""
    below, at_most = (np.full(len(material.values), np.nan) for _ in range(2))
    for own, distribution in distributions(material, judgement, name):
        below[own], at_most[own] = distribution.levels(material.values[own])
    return below, at_most, judgement.scored


def shared_among(
    material: Material, below: Values, at_most: Values, rows: Rows, seed: int
) -> Shared:
    """Estimate what some rows share by artist, on other albums, and by album."""
    keys = material.keys
    # One release of a recording; the others would say that it is like itself.
    rows = rows[np.unique(keys.recording[rows], return_index=True)[1]]
    by_artist = _pairs(keys.first_artist, rows, seed)
    apart = keys.album[by_artist[0]] != keys.album[by_artist[1]]
    by_album = _pairs(keys.album, rows, seed)
    found = [
        fit_correlation(below, at_most, first[:_MOST_PAIRS], second[:_MOST_PAIRS]) if has else None
        for (first, second), has in (
            ((by_artist[0][apart], by_artist[1][apart]), keys.has_artists),
            (by_album, keys.has_albums),
        )
    ]
    artist = found[0] or 0.0
    return Shared(artist=artist, album=max(artist, found[1] or 0.0))


def _pairs(group: Rows, rows: Rows, seed: int) -> tuple[Rows, Rows]:
    """Return pairs of rows of one group, in random order: each row with the next of its group.

    So that a group of n counts as n - 1 pairs, not as all of them.
    """
    random = np.random.default_rng(seed)
    rows = random.permutation(rows)
    rows = rows[np.argsort(group[rows], kind="stable")]
    together = np.flatnonzero(group[rows][1:] == group[rows][:-1])
    together = random.permutation(together)
    return rows[together], rows[together + 1]
