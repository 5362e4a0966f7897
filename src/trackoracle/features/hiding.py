"""Hide inputs of training rows as they are missing when predicting.

A row may stand in training once or twice: as a track of an artist who is known, with its
histories, and as the debut that it would be without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.features.blocks import Matrix
from trackoracle.features.prepared import ALBUM, FEATURED
from trackoracle.features.settings import RecipeSettings
from trackoracle.schema import INPUT_GROUPS, InputGroup

_KEPT: dict[tuple[InputGroup, ...], float] = {
    ("audio",): 0.30,
    ("audio", "genre"): 0.20,
    ("audio", "genre", "metadata"): 0.20,
    (): 0.05,
}
_ANY = 0.25
"""Of the rows from which input groups are hidden: the shares of those that keep some, and of
those that keep each group or not by the toss of a coin."""
_ARTIST_HISTORIES = ("artist_history", f"{FEATURED}_history")
# Not what others released under an album's name: of a debut on a compilation that is known.
_ALBUM_HISTORIES = (f"{ALBUM}_history",)


@dataclass(frozen=True)
class Views:
    """Training rows as a candidate is shown them.

    Parameters
    ----------
    matrix
        (m, d) inputs, NaN where missing or hidden.
    row
        (m,) place of the training row that each shows.
    share
        (m,) of that row's weight; the shares of a row sum to 1.
    """

    matrix: Matrix
    row: NDArray[np.int64]
    share: NDArray[np.float64]


def views_of(
    matrix: Matrix,
    names: Sequence[str],
    groups: Sequence[InputGroup],
    settings: RecipeSettings,
    seed: int,
    n_views: int = 1,
) -> Views:
    """Hide what may be missing when predicting, so that missing is learned and never zero.

    The boosters take a missing value for 0 in every input that was never missing in training.

    Parameters
    ----------
    matrix
        (n, d) inputs of the training rows.
    names, groups
        (d,) what they are.
    n_views
        How often each row stands in training. Once: a share of rows are debuts. Twice: every
        row is once a known artist's and once a debut, and each weighs half; where nothing
        is known of artists, once.

    Examples
    --------
    >>> inputs = np.ones((1, 2), np.float32)
    >>> never = RecipeSettings(dropped_share=0)
    >>> names, groups = ("energy", "artist_history_mean"), ("audio", "artist")
    >>> views = views_of(inputs, names, groups, never, seed=0, n_views=2)
    >>> views.matrix.tolist(), views.row.tolist(), views.share.tolist()
    ([[1.0, 1.0], [1.0, nan]], [0, 0], [0.5, 0.5])
    """
    random = np.random.default_rng(seed)
    n = len(matrix)
    if not any(name.startswith((*_ARTIST_HISTORIES, *_ALBUM_HISTORIES)) for name in names):
        n_views = 1
    if n_views == 1:
        is_debut = random.random(n) < settings.masked_share
    else:
        is_debut = np.repeat([False, True], n)
    row = np.tile(np.arange(n), n_views)
    shown = matrix[row]
    _hide(shown, is_debut, names, groups, settings, random)
    return Views(shown, row, np.full(len(row), 1 / n_views))


def _hide(
    matrix: Matrix,
    is_debut: NDArray[np.bool_],
    names: Sequence[str],
    groups: Sequence[InputGroup],
    settings: RecipeSettings,
    random: np.random.Generator,
) -> None:
    n = len(matrix)
    artist = np.array([name.startswith(_ARTIST_HISTORIES) for name in names], bool)
    album = np.array([name.startswith(_ALBUM_HISTORIES) for name in names], bool)
    group_of = np.array(groups, str)
    new_album = is_debut | (random.random(n) < settings.masked_share)
    matrix[np.ix_(is_debut, artist)] = np.nan
    matrix[np.ix_(new_album, album)] = np.nan
    kept = random.choice(len(_KEPT) + 1, n, p=(*_KEPT.values(), _ANY))
    kept[random.random(n) >= settings.dropped_share] = -1
    for i, given in enumerate(_KEPT):
        matrix[np.ix_(kept == i, ~np.isin(group_of, given))] = np.nan
    for group in INPUT_GROUPS:
        matrix[np.ix_((kept == len(_KEPT)) & (random.random(n) < 0.5), group_of == group)] = np.nan
