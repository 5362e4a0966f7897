"""Whether an oracle learned from the tracks of a catalog, as far as it can tell."""

from __future__ import annotations

from trackoracle.artifact import Bundle
from trackoracle.schema import Card, Catalog

SEEN_UNKNOWN = "This oracle does not tell what it was trained on: such tracks score too well."
SAME_FILE = (
    "The oracle learned from this very file and keeps no list of its tracks: its predictions look "
    "better here than they are{so}."
)
SAME_FORM = (
    "The oracle learned from a file of this form ({name}), maybe from these very tracks, and keeps "
    "no list of them: its predictions may look better here than they are{so}."
)
SOME_SEEN = "The oracle was trained on {n:,} of these tracks: their predictions look better."


def same_source(learned: Card, card: Card, so: str = "") -> str:
    """Say that a catalog is, or may be, what an oracle learned from; empty where nothing says so.

    Parts of a published source are not told from other tracks in its form.

    Parameters
    ----------
    learned, card
        Of what an oracle learned from, and of the catalog.
    so
        What follows from it, ends the sentence.
    """
    if learned.checksum == card.checksum:
        return SAME_FILE.format(so=so)
    same = learned.adapter == card.adapter and learned.synthetic == card.synthetic
    published = same and not card.is_of_users
    return SAME_FORM.format(name=learned.name, so=so) if published else ""


def learned_notes(bundle: Bundle, catalog: Catalog) -> tuple[str, ...]:
    """Say where predictions of a catalog's tracks look better than they are; empty for nowhere.

    Examples
    --------
    >>> import trackoracle as to
    >>> learned_notes(to.load_oracle().bundle, to.load_catalog("sample"))
    ()
    """
    if bundle.seen.is_kept:
        n_seen = int(bundle.seen.has(catalog.tracks).sum())
        return (SOME_SEEN.format(n=n_seen),) if n_seen else ()
    said = same_source(bundle.catalog, catalog.card)
    return (said,) if said else ()


def seen_caveat(bundle: Bundle, card: Card) -> str:
    """Say why tracks may have been learned from that cannot be left out; empty where none were."""
    return "" if bundle.seen.is_kept else same_source(bundle.catalog, card) or SEEN_UNKNOWN
