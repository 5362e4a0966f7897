"""Every protocol holds out what it says, on generated and on real keys."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import trackoracle as to
from trackoracle.errors import NotEnoughDataError
from trackoracle.schema import Keys
from trackoracle.splits import PROTOCOLS, SHOWN, Protocol, applicable, group_codes, make_folds

DEALT = [protocol for protocol in PROTOCOLS.values() if not protocol.forward]
FORWARD = [protocol for protocol in PROTOCOLS.values() if protocol.forward]


def dated(catalog: to.Catalog, days: np.ndarray) -> to.Catalog:
    return dataclasses.replace(catalog, keys=dataclasses.replace(catalog.keys, released=days))


def _crossing(keys: Keys, key: str, train: np.ndarray, test: np.ndarray) -> set[int]:
    if key == "artist":
        parts = [set(keys.take(rows).artists.values.tolist()) for rows in (train, test)]
    else:
        codes = group_codes(keys, key)
        parts = [set(codes[rows].tolist()) for rows in (train, test)]
    return parts[0] & parts[1]


def test_every_protocol_is_dealt_or_looks_forward() -> None:
    assert {p.name for p in DEALT} | {p.name for p in FORWARD} == set(PROTOCOLS)
    assert [p.name for p in FORWARD] == ["future"]


@pytest.mark.parametrize("protocol", DEALT, ids=lambda p: p.name)
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


@pytest.fixture(scope="module")
def dated_catalog(small_catalog: to.Catalog) -> to.Catalog:
    """The small catalog with releases in 40 weeks, every ninth without a date."""
    weeks = np.random.default_rng(0).integers(0, 40, len(small_catalog))
    days = np.datetime64("2010-01-01") + 7 * weeks
    days[::9] = np.datetime64("NaT")
    return dated(small_catalog, days)


@pytest.mark.parametrize("protocol", FORWARD, ids=lambda p: p.name)
class TestForwardProtocol:
    def test_training_ends_before_the_test_part_begins(
        self, protocol: Protocol, dated_catalog: to.Catalog
    ) -> None:
        days = dated_catalog.keys.released
        for fold in make_folds(dated_catalog.keys, protocol, n_folds=4, seed=0):
            assert days[fold.train].max() < days[fold.test].min()

    def test_windows_expand_and_cover_the_dated_rows(
        self, protocol: Protocol, dated_catalog: to.Catalog
    ) -> None:
        keys = dated_catalog.keys
        folds = make_folds(keys, protocol, n_folds=4, seed=0)
        assert len(folds) == 4
        dated_rows = set(np.flatnonzero(~np.isnat(keys.released)).tolist())
        before = {
            row for row in dated_rows if keys.released[row] < keys.released[folds[0].test].min()
        }
        for fold in folds:
            assert len(fold.train) + fold.n_purged == len(before)
            assert set(fold.train.tolist()) <= before
            for row in before - set(fold.train.tolist()):
                assert _crossing(keys, "recording", np.array([row]), fold.test)
            assert not _crossing(keys, "recording", fold.train, fold.test)
            assert not before & set(fold.test.tolist())
            before |= set(fold.test.tolist())
        assert before == dated_rows

    def test_there_is_nothing_to_draw(self, protocol: Protocol, dated_catalog: to.Catalog) -> None:
        keys = dated_catalog.keys
        folds = make_folds(keys, protocol, n_folds=4, seed=0)
        again = make_folds(keys, protocol, n_folds=4, seed=1)
        for fold, other in zip(folds, again, strict=True):
            assert np.array_equal(fold.train, other.train)
            assert np.array_equal(fold.test, other.test)

    def test_needs_days(self, protocol: Protocol, small_catalog: to.Catalog) -> None:
        days = np.full(len(small_catalog), np.datetime64("2001-01-01"))
        days[:10] = np.datetime64("2002-01-01")
        with pytest.raises(NotEnoughDataError) as caught:
            make_folds(dated(small_catalog, days).keys, protocol, n_folds=3, seed=0)
        assert str(caught.value) == (
            "future: expected at least 4 days of release, one for each fold and one to begin with, "
            "got 2. Lower --folds, or use a larger catalog."
        )


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
    protocols, notes = applicable(SHOWN, catalog.keys)
    assert [protocol.name for protocol in protocols] == ["catalog"]
    assert notes == [
        "known_artist: not shown, the catalog names no albums.",
        "new_artist: not shown, the catalog names no artists.",
        "future: not shown, the catalog gives no release dates.",
    ]
