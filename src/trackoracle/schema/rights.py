"""What the terms of a source allow: tracks of live services may be predicted, not learned from."""

from __future__ import annotations

from collections.abc import Sequence

from trackoracle.errors import RightsError
from trackoracle.schema.catalog import Card

TERMS_COLUMN = "provider_terms"
"""The track column that carries the terms from a lookup through any file to a catalog's card."""

LIVE_TERMS = {
    "Spotify": "Spotify Web API terms: not to train or feed machine learning",
    "ReccoBeats": "ReccoBeats API: no licence stated",
}
"""By provider, what stands in the column and on the card."""
_LIVE = tuple(LIVE_TERMS.values())


def live_terms(card: Card) -> tuple[str, ...]:
    """Return the terms of live services that tracks of a catalog came under."""
    return tuple(terms for terms in _LIVE if terms in card.licence)


def joined_terms(terms: Sequence[str]) -> str:
    """Join terms as they stand in the column, each once.

    Examples
    --------
    >>> joined_terms(["a", "b", "a; c"])
    'a; b; c'
    """
    return "; ".join(dict.fromkeys(part for text in terms for part in text.split("; ")))


def check_rights(card: Card, *, stated: bool) -> tuple[str, ...]:
    """Refuse to learn from tracks of a live service, unless the user states the right to it.

    Returns
    -------
    tuple of str
        What the report has to say of the statement; empty where no terms apply.

    Raises
    ------
    RightsError
        Where terms apply and nothing was stated.
    """
    terms = live_terms(card)
    if not terms:
        return ()
    if not stated:
        raise RightsError(
            f"{card.file}: expected tracks that may be learned from, got tracks that came from a "
            f"live service ({'; '.join(terms)}). Train on another catalog, or, if you hold the "
            "right, say so with --i-have-the-rights (Python: i_have_the_rights=True).",
            terms=list(terms),
        )
    return (
        f"Learned from tracks of a live service ({'; '.join(terms)}): whoever trained it stated "
        "that they hold the right.",
    )
