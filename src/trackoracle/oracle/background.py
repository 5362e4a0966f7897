"""What real tracks are like, as an oracle tells it, or as well as an older one can."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trackoracle.artifact import Bundle
from trackoracle.errors import NotEnoughDataError
from trackoracle.explanations import ALL, LEVELS, RANGE, Background, Usual
from trackoracle.features import NOVELTY_LEVELS
from trackoracle.schema import ContractColumn, Typical

_MOST_CODES = 24
OLD_BUNDLE = (
    "This oracle was made by an earlier version and does not know what is usual in a genre: ranges "
    "and plausibility are those of all its tracks. Train it again for those of genres."
)


def background_of(bundle: Bundle) -> tuple[Background, list[str]]:
    """Return the bundle's picture of real tracks, or one made of what an older one keeps."""
    if bundle.background is not None:
        return bundle.background, []
    novelty = bundle.novelty
    if novelty is None:
        raise NotEnoughDataError(
            "change: expected an oracle that knows what real tracks are like, got one of an "
            "earlier version or of fewer than 100 complete tracks. Train it again, or on more."
        )
    values = np.array([np.interp(LEVELS, NOVELTY_LEVELS, knots) for knots in novelty.values])
    surprises = np.interp(LEVELS, NOVELTY_LEVELS, novelty.distances[-1])
    shares = {
        column.name: _equal_shares(column)
        for column in bundle.contract.columns
        if column.group == "audio" and column.whole and _is_code(column)
    }
    n_tracks, k = bundle.catalog.n_tracks, len(novelty.names)
    usual = Usual(ALL, n_tracks, novelty.names, values, novelty.covariance, surprises, shares, k)
    return Background({ALL: usual}, {}), [OLD_BUNDLE]


def typical(bundle: Bundle, genres: Sequence[str]) -> dict[str, Typical]:
    """Return what the audio columns are like in the first genre that the oracle has a picture of.

    Without any it is that of all tracks.
    """
    usual = background_of(bundle)[0].of(genres)[0]
    middles = usual.values[:, int(np.searchsorted(LEVELS, 0.5))]
    told = {
        name: Typical(float(middle), *usual.range_of(name))
        for name, middle in zip(usual.names, middles, strict=True)
    }
    for name, shares in usual.shares.items():
        common = [code for code, share in shares.items() if share >= RANGE[0]]
        if common:
            told[name] = Typical(max(shares, key=shares.__getitem__), min(common), max(common))
    return told


def _is_code(column: ContractColumn) -> bool:
    if column.seen_low is None or column.seen_high is None:
        return False
    return column.seen_high - column.seen_low < _MOST_CODES


def _equal_shares(column: ContractColumn) -> dict[float, float]:
    assert column.seen_low is not None
    assert column.seen_high is not None
    codes = np.arange(column.seen_low, column.seen_high + 1)
    return {float(code): 1 / len(codes) for code in codes}
