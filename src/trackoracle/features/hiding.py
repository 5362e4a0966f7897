"""Hide inputs of training rows as they are missing when predicting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trackoracle.features.blocks import Matrix
from trackoracle.features.prepared import ALBUM, ALBUM_TITLE
from trackoracle.features.settings import RecipeSettings
from trackoracle.schema import INPUT_GROUPS, InputGroup

_ALBUM_HISTORIES = (f"{ALBUM}_history", f"{ALBUM_TITLE}_history")
_KEPT: dict[tuple[InputGroup, ...], float] = {
    ("audio",): 0.30,
    ("audio", "genre"): 0.20,
    ("audio", "genre", "metadata"): 0.20,
    (): 0.05,
}
_ANY = 0.25
"""Of the rows from which input groups are hidden: the shares of those that keep some, and of
those that keep each group or not by the toss of a coin."""


def hide_inputs(
    matrix: Matrix,
    names: Sequence[str],
    groups: Sequence[InputGroup],
    settings: RecipeSettings,
    seed: int,
) -> None:
    """Hide what may be missing when predicting, so that missing is learned and never zero.

    The boosters take a missing value for 0 in every input that was never missing in training.

    Parameters
    ----------
    matrix
        (n, d) inputs, changed in place.
    names, groups
        (d,) what they are.
    """
    random = np.random.default_rng(seed)
    n = len(matrix)
    artist = np.array([name.startswith("artist_history") for name in names], bool)
    album = np.array([name.startswith(_ALBUM_HISTORIES) for name in names], bool)
    group_of = np.array(groups, str)
    new_artist = random.random(n) < settings.masked_share
    new_album = new_artist | (random.random(n) < settings.masked_share)
    matrix[np.ix_(new_artist, artist)] = np.nan
    matrix[np.ix_(new_album, album)] = np.nan
    kept = random.choice(len(_KEPT) + 1, n, p=(*_KEPT.values(), _ANY))
    kept[random.random(n) >= settings.dropped_share] = -1
    for i, given in enumerate(_KEPT):
        matrix[np.ix_(kept == i, ~np.isin(group_of, given))] = np.nan
    for group in INPUT_GROUPS:
        matrix[np.ix_((kept == len(_KEPT)) & (random.random(n) < 0.5), group_of == group)] = np.nan
