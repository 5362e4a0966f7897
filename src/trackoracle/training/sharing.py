"""What tracks of one artist and of one album share of what is not known of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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
from trackoracle.training.folds import Judgement
from trackoracle.training.leaderboard import serving_strata
from trackoracle.training.material import Material, Values

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
        told = partial(told_out_of_fold, material, judgement, name)
        rows = judgement.scored[judgement.knows_artist[judgement.scored] == is_known]
        found.append(shared_among(material, judgement, told, rows, seed))
    return Sharing(known=found[0], new=found[1])


def told_out_of_fold(
    material: Material, judgement: Judgement, name: str, rows: Rows
) -> Distribution:
    """Return the distribution of some of the scored rows, by models that did not see them."""
    support = material.target.support
    table = np.full((len(rows), len(support)), np.nan)
    place = np.full(len(material.values), -1)
    place[rows] = np.arange(len(rows))
    for own, distribution in distributions(material, judgement, name):
        wanted = place[own] >= 0
        table[place[own[wanted]]] = distribution.cumulative[wanted]
    return Distribution(support, table, judgement.knows_artist[rows])


def shared_among(
    material: Material,
    judgement: Judgement,
    told: Callable[[Rows], Distribution],
    rows: Rows,
    seed: int,
) -> SharedBy:
    """Estimate what some rows share by artist, on other albums, and by album.

    Parameters
    ----------
    told
        From rows to their distribution; asked once, about the rows of the pairs.
    """
    keys = material.keys
    # One release of a recording; the others would say that it is like itself.
    rows = rows[np.unique(keys.recording[rows], return_index=True)[1]]
    artist, album = (
        _pairs(group, judgement, rows, seed) if named else (rows[:0], rows[:0])
        for group, named in (
            (keys.first_artist, keys.has_artists),
            (keys.album, keys.has_albums),
        )
    )
    apart = keys.album[artist[0]] != keys.album[artist[1]]
    pairs = [(first[:_MOST_PAIRS], second[:_MOST_PAIRS]) for first, second in
             ((artist[0][apart], artist[1][apart]), album)]  # fmt: skip
    asked = np.unique(np.concatenate([*pairs[0], *pairs[1]]))
    each, values = told(asked), material.values[asked]
    by_artist, by_album = (
        _shared(each, values, *(np.searchsorted(asked, side) for side in pair)) for pair in pairs
    )
    return SharedBy(by_artist or NOTHING_SHARED, by_album or by_artist or NOTHING_SHARED)


def _shared(each: Distribution, values: Values, first: Rows, second: Rows) -> Shared | None:
    """Estimate what pairs share, and what their order is worth; None of too few."""
    one, other = each.take(first), each.take(second)
    correlation = fit_correlation(one.levels(values[first]), other.levels(values[second]))
    if correlation is None:
        return None
    stated = p_better(one, other, np.full(len(first), correlation))
    right = (np.sign(values[first] - values[second]) + 1) / 2
    return Shared(correlation, fit_curve_of_pairs(stated, right))


def _pairs(group: Rows, judgement: Judgement, rows: Rows, seed: int) -> tuple[Rows, Rows]:
    """Return pairs of rows of one group, in random order: each row with the next of its group.

    So that a group of n counts as n - 1 pairs, not as all of them. Only within a fold: across
    folds one's history holds the other's album, and their order is told the wrong way round.
    """
    random = np.random.default_rng(seed)
    group = group * len(judgement.folds) + judgement.fold_of
    rows = random.permutation(rows)
    rows = rows[np.argsort(group[rows], kind="stable")]
    together = np.flatnonzero(group[rows][1:] == group[rows][:-1])
    together = random.permutation(together)
    return rows[together], rows[together + 1]
