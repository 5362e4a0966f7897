"""Whether an oracle learned from the tracks of a catalog, as far as it can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackoracle.schema import Card, Catalog

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

LEARNED_HERE = (
    "The oracle learned from {which} and keeps no list of its tracks: its predictions look better "
    "here than they are{so}."
)
SOME_SEEN = "The oracle was trained on {n:,} of these tracks: their predictions look better."
_OF_USERS = "generic"
"""Adapter of tables of users' own, of which two need not have one track in common."""


def which_learned(learned: Card, card: Card) -> str:
    """Return what a catalog has in common with the one that was learned from; empty for nothing.

    One file, or files of one published source, hold the same tracks.

    Parameters
    ----------
    learned, card
        Of what an oracle learned from, and of the catalog.
    """
    if learned.checksum == card.checksum:
        return "this very file"
    same = learned.adapter == card.adapter and learned.synthetic == card.synthetic
    published = same and card.adapter != _OF_USERS
    return f"a file of the same source ({learned.name})" if published else ""


def learned_notes(oracle: Oracle, catalog: Catalog) -> tuple[str, ...]:
    """Say where predictions of a catalog's tracks look better than they are; empty for nowhere.

    Examples
    --------
    >>> import trackoracle as to
    >>> learned_notes(to.load_oracle(), to.load_catalog("sample"))
    ()
    """
    if len(oracle.bundle.seen.hashes):
        n_seen = int(oracle.bundle.seen.has(catalog.tracks).sum())
        return (SOME_SEEN.format(n=n_seen),) if n_seen else ()
    which = which_learned(oracle.bundle.catalog, catalog.card)
    return (LEARNED_HERE.format(which=which, so=""),) if which else ()
