"""The protocols: what is held out together when a track is judged."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import NotEnoughDataError, UnknownNameError
from trackoracle.schema import Keys
from trackoracle.splits.windows import date_blocks

Key = Literal["row", "recording", "album", "artist"]


@dataclass(frozen=True)
class Protocol:
    """How tracks are divided into those to learn from and those to judge.

    Parameters
    ----------
    name
        As printed.
    group
        The key by which test parts are drawn; also the unit of the bootstrap.
    held_out
        Keys that no training row may share with a test row; such rows are purged.
    stands_for
        The question that a score under this protocol answers.
    forward
        Whether test parts are drawn by release date instead, each after all that is
        learned from. The first one only calibrates the others, and is not scored.
    uses_history
        Whether inputs may be made of the target of other tracks, or of what else was
        measured at the snapshot. Where the snapshot is later than the releases that
        are judged, they may not.
    """

    name: str
    group: Key
    held_out: tuple[Key, ...]
    stands_for: str
    forward: bool = False
    uses_history: bool = True


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol("catalog", "recording", ("recording",), "a released track of the same catalog"),
        Protocol("known_artist", "album", ("recording", "album"), "a known artist's next release"),
        Protocol("new_artist", "artist", ("artist", "album", "recording"), "a debut"),
        Protocol("future", "artist", ("recording",),
                 "a release later than all that was learned from, popularity as of the snapshot",
                 forward=True, uses_history=False),
        Protocol("random", "row", (), "what is usually published; leaks re-releases"),
    )
}  # fmt: skip
HONEST = ("catalog", "known_artist", "new_artist")
"""Those that decide: a candidate is chosen and calibrated by them."""
SHOWN = (*HONEST, "future")
"""Those of a leaderboard, unless others are asked for."""


def protocol_named(name: str) -> Protocol:
    """Return a protocol by name, or say which are known."""
    if name not in PROTOCOLS:
        raise UnknownNameError("protocol", name, PROTOCOLS)
    return PROTOCOLS[name]


def applicable(names: Sequence[str], keys: Keys) -> tuple[list[Protocol], list[str]]:
    """Leave out the protocols that these keys cannot tell from an easier one.

    Returns
    -------
    The protocols, and a sentence for each one left out.
    """
    chosen, notes = [], []
    for protocol in map(protocol_named, names):
        if protocol.forward and not keys.has_dates:
            notes.append(f"{protocol.name}: not shown, the catalog gives no release dates.")
        elif protocol.forward:
            chosen.append(protocol)
        elif protocol.group == "album" and not keys.has_albums:
            notes.append(f"{protocol.name}: not shown, the catalog names no albums.")
        elif protocol.group == "artist" and not keys.has_artists:
            notes.append(f"{protocol.name}: not shown, the catalog names no artists.")
        else:
            chosen.append(protocol)
    return chosen, notes


@dataclass(frozen=True)
class Fold:
    """One pair of training and test rows.

    Parameters
    ----------
    train, test
        Row numbers, rising.
    n_purged
        Rows that were kept from the training part, because they share a held-out key with
        the test part.
    """

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    n_purged: int


def group_codes(keys: Keys, key: Key) -> NDArray[np.int64]:
    """Return the group of each row under a key: (n,)."""
    if key == "row":
        return np.arange(len(keys.recording))
    return {"recording": keys.recording, "album": keys.album, "artist": keys.first_artist}[key]


def make_folds(keys: Keys, protocol: Protocol, n_folds: int, seed: int) -> list[Fold]:
    """Divide rows into folds, and purge what would cross the border.

    Every row is in exactly one test part. Groups are dealt by size, largest
    first, to the test part that has the fewest rows, so that parts are even.

    Under a protocol that looks forward, dated rows are cut into n_folds + 1 blocks by
    date; fold i learns from all blocks before block i and judges block i. Rows without
    a date are in no part.

    Parameters
    ----------
    keys
        Of the n rows to divide.
    n_folds
        Number of test parts, at least 2.
    seed
        Decides which groups go together.

    Raises
    ------
    NotEnoughDataError
        With fewer groups, or days of release, than folds.

    Examples
    --------
    >>> from trackoracle.catalogs import load_catalog
    >>> keys = load_catalog("sample").keys
    >>> folds = make_folds(keys, PROTOCOLS["new_artist"], n_folds=3, seed=0)
    >>> sum(len(fold.test) for fold in folds) == len(keys.recording)
    True
    """
    folds = []
    for i, (train, test) in enumerate(_parts(keys, protocol, n_folds, seed)):
        folds.append(purged(keys, protocol, train, test))
        if not len(folds[-1].train):
            raise NotEnoughDataError(
                f"{protocol.name}: expected training rows in every fold, got none in fold {i + 1} "
                f"after purging rows that share {', '.join(protocol.held_out)} with its test part. "
                "Use a larger catalog.",
                protocol=protocol.name,
            )
    return folds


def purged(
    keys: Keys, protocol: Protocol, train: NDArray[np.bool_], test: NDArray[np.bool_]
) -> Fold:
    """Keep from the training part what shares a held-out key with the test part: masks (n,)."""
    kept = train.copy()
    for key in protocol.held_out:
        kept &= ~_sharing(keys, key, test)
    n_purged = int(train.sum() - kept.sum())
    return Fold(np.flatnonzero(kept), np.flatnonzero(test), n_purged)


def _parts(
    keys: Keys, protocol: Protocol, n_folds: int, seed: int
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield the rows before purging: those to learn from and those to judge."""
    if not protocol.forward:
        part = _deal(group_codes(keys, protocol.group), n_folds, seed, protocol)
        yield from ((part != i, part == i) for i in range(n_folds))
        return
    block = date_blocks(keys.released, n_folds + 1)
    if block is None:
        n_days = len(np.unique(keys.released[~np.isnat(keys.released)]))
        raise NotEnoughDataError(
            f"{protocol.name}: expected at least {n_folds + 1} days of release, one for each fold "
            f"and one to begin with, got {n_days}. Lower --folds, or use a larger catalog.",
            protocol=protocol.name,
            n_days=n_days,
        )
    yield from (((block >= 0) & (block < i), block == i) for i in range(1, n_folds + 1))


def _deal(
    groups: NDArray[np.int64], n_folds: int, seed: int, protocol: Protocol
) -> NDArray[np.int64]:
    codes, group = np.unique(groups, return_inverse=True)
    n_groups = len(codes)
    if n_groups < n_folds:
        raise NotEnoughDataError(
            f"{protocol.name}: expected at least {n_folds} {protocol.group}s, one for each fold, "
            f"got {n_groups}. Lower --folds, or use a larger catalog.",
            protocol=protocol.name,
            n_groups=n_groups,
        )
    size = np.bincount(group, minlength=n_groups)
    shuffled = np.random.default_rng(seed).permutation(n_groups)
    order = shuffled[np.argsort(-size[shuffled], kind="stable")]
    part_of_group = np.empty(n_groups, np.int64)
    loads = [(0, part) for part in range(n_folds)]
    for g, n in zip(order.tolist(), size[order].tolist(), strict=True):
        load, part = loads[0]
        part_of_group[g] = part
        heapq.heapreplace(loads, (load + n, part))
    return part_of_group[group]


def _sharing(keys: Keys, key: Key, test: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the rows that share a key's value with any test row."""
    if key == "artist":
        artists, rows = keys.artists.values, keys.artists.rows
        in_test = np.zeros(int(artists.max(initial=0)) + 1, bool)
        in_test[artists[test[rows]]] = True
        shared = np.zeros(len(test), bool)
        shared[rows[in_test[artists]]] = True
        return shared
    codes = group_codes(keys, key)
    in_test = np.zeros(codes.max(initial=-1) + 1, bool)
    in_test[codes[test]] = True
    return in_test[codes]
