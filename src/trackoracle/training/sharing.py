"""What tracks of one artist and of one album share of what is not known of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trackoracle.distributions import (
    Distribution,
    fit_correlation,
    fit_curve_of_pairs,
    p_better,
)
from trackoracle.models import candidate_named
from trackoracle.schema import NOTHING, NOTHING_SHARED, Shared, SharedBy, Sharing
from trackoracle.training.calibrated import distributions
from trackoracle.training.folds import Judgement, Material
from trackoracle.training.leaderboard import serving_strata

_MOST_PAIRS = 10_000
"""More pairs make the correlation no surer, and take longer."""
Rows = NDArray[np.int64]


def shared_uncertainty(
    material: Material, judgements: list[Judgement], name: str, seed: int
) -> Sharing:
    """Estimate what is shared, by tracks of known and of new artists as they are served.

    It comes from answers out of fold. A naive answer has no distribution of its own: nothing is
    said to be shared.
    """
    if candidate_named(name).is_baseline:
        return Sharing(NOTHING, NOTHING)
    (known, _), (new, _) = serving_strata(judgements)
    found = []
    for judgement, is_known in ((known, True), (new, False)):
        each, rows = told_out_of_fold(material, judgement, name)
        rows = rows[judgement.knows_artist[rows] == is_known]
        found.append(shared_among(material, judgement, each, rows, seed))
    return Sharing(known=found[0], new=found[1])


def told_out_of_fold(
    material: Material, judgement: Judgement, name: str
) -> tuple[Distribution, Rows]:
    """Return the distribution of every track by a model that did not see it, and which have one."""
    support = material.target.support
    table = np.full((len(material.values), len(support)), np.nan)
    for own, distribution in distributions(material, judgement, name):
        table[own] = distribution.cumulative
    return Distribution(support, table, judgement.knows_artist), judgement.scored


def shared_among(
    material: Material, judgement: Judgement, each: Distribution, rows: Rows, seed: int
) -> SharedBy:
    """Estimate what some rows share by artist, on other albums, and by album."""
    keys = material.keys
    # One release of a recording; the others would say that it is like itself.
    rows = rows[np.unique(keys.recording[rows], return_index=True)[1]]
    # Between folds, one's history holds the other's album: what is in one is missing in the
    # other, and their order would be told the wrong way round.
    artist = keys.first_artist * len(judgement.folds) + judgement.fold_of
    first, second = _pairs(artist, rows, seed)
    apart = keys.album[first] != keys.album[second]
    by_artist = _shared(material, each, first[apart], second[apart]) if keys.has_artists else None
    by_album = _shared(material, each, *_pairs(keys.album, rows, seed)) if keys.has_albums else None
    return SharedBy(by_artist or NOTHING_SHARED, by_album or by_artist or NOTHING_SHARED)


def _shared(material: Material, each: Distribution, first: Rows, second: Rows) -> Shared | None:
    """Estimate what pairs share, and what their order is worth; None of too few."""
    first, second = first[:_MOST_PAIRS], second[:_MOST_PAIRS]
    levels = (each.take(rows).levels(material.values[rows]) for rows in (first, second))
    (below, at_most), (below_other, at_most_other) = levels
    correlation = fit_correlation((below, at_most), (below_other, at_most_other))
    if correlation is None:
        return None
    stated = p_better(each.take(first), each.take(second), np.full(len(first), correlation))
    right = (np.sign(material.values[first] - material.values[second]) + 1) / 2
    return Shared(correlation, fit_curve_of_pairs(stated, right))


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
