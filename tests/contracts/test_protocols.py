"""Every protocol holds out what it says, on generated and on real keys."""

from __future__ import annotations

import numpy as np
import pytest

import trackoracle as to
from trackoracle.errors import NotEnoughDataError
from trackoracle.schema import Keys
from trackoracle.splits import PROTOCOLS, Protocol, applicable, group_codes, make_folds


def _crossing(keys: Keys, key: str, train: np.ndarray, test: np.ndarray) -> set[int]:
    if key == "artist":
        parts = [set(keys.take(rows).artists.values.tolist()) for rows in (train, test)]
    else:
        codes = group_codes(keys, key)
        parts = [set(codes[rows].tolist()) for rows in (train, test)]
    return parts[0] & parts[1]


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=lambda p: p.name)
class TestProtocol:
    def test_every_row_is_judged_once_and_nothing_crosses(
        self, protocol: Protocol, small_catalog: to.Catalog
    ) -> None:
        keys = small_catalog.keys
        folds = make_folds(keys, protocol, n_folds=4, seed=0)
        judged = np.concatenate([fold.test for fold in folds])
        assert sorted(judged.tolist()) == list(range(len(small_catalog)))
        for fold in folds:
            assert not set(fold.train) & set(fold.test)
            assert len(fold.train) + len(fold.test) + fold.n_purged == len(small_catalog)
            for key in protocol.held_out:
                assert not _crossing(keys, key, fold.train, fold.test)

    def test_purges_nothing_that_is_harmless(
        self, protocol: Protocol, small_catalog: to.Catalog
    ) -> None:
        keys = small_catalog.keys
        fold = make_folds(keys, protocol, n_folds=4, seed=0)[0]
        everything = np.arange(len(small_catalog))
        purged = np.setdiff1d(everything, np.concatenate([fold.train, fold.test]))
        for row in purged:
            assert any(_crossing(keys, k, np.array([row]), fold.test) for k in protocol.held_out)

    def test_parts_are_even(self, protocol: Protocol, small_catalog: to.Catalog) -> None:
        sizes = [len(fold.test) for fold in make_folds(small_catalog.keys, protocol, 4, seed=0)]
        assert max(sizes) - min(sizes) <= 1

    def test_seed_decides(self, protocol: Protocol, small_catalog: to.Catalog) -> None:
        tests = [make_folds(small_catalog.keys, protocol, 4, seed=s)[0].test for s in (0, 0, 1)]
        assert np.array_equal(tests[0], tests[1])
        assert not np.array_equal(tests[0], tests[2])


def test_featured_artists_are_held_out_too() -> None:
    rows = [{"track_name": f"t{i}", "artists": "solo" if i else "solo;guest"} for i in range(4)]
    rows += [{"track_name": f"g{i}", "artists": f"other{i};guest"} for i in range(4)]
    rows += [{"track_name": f"x{i}", "artists": f"alone{i}"} for i in range(4)]
    catalog = to.load_catalog(rows)
    folds = make_folds(catalog.keys, PROTOCOLS["new_artist"], n_folds=2, seed=0)
    guests = {0, 4, 5, 6, 7}
    for fold in folds:
        if guests & set(fold.test):
            assert not guests & set(fold.train)
    assert sum(fold.n_purged for fold in folds) > 0


def test_too_few_groups_is_said() -> None:
    catalog = to.load_catalog([{"track_name": f"t{i}", "artists": "one"} for i in range(9)])
    with pytest.raises(NotEnoughDataError) as caught:
        make_folds(catalog.keys, PROTOCOLS["new_artist"], n_folds=5, seed=0)
    assert str(caught.value) == (
        "new_artist: expected at least 5 artists, one for each fold, got 1. "
        "Lower --folds, or use a larger catalog."
    )


def test_protocols_that_cannot_be_told_apart_are_left_out() -> None:
    catalog = to.load_catalog([{"tempo": 100 + i} for i in range(9)])
    protocols, notes = applicable(("catalog", "known_artist", "new_artist"), catalog.keys)
    assert [protocol.name for protocol in protocols] == ["catalog"]
    assert notes == [
        "known_artist: not shown, the catalog names no albums.",
        "new_artist: not shown, the catalog names no artists.",
    ]
