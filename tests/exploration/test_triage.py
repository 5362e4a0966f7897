"""Lists of what deserves a listen: their order, whom they leave out, and what they are worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.artifact import Seen
from trackoracle.catalogs.sample import generate_sample
from trackoracle.errors import ConfigError, NotEnoughDataError, SeenTracksError, SourceError
from trackoracle.evaluation import precision_at
from trackoracle.exploration.triaging import MAYBE_SEEN, TOO_FEW
from trackoracle.exploration.worth import gems_worth
from trackoracle.rendering import triage_lines, triage_rows


@pytest.fixture(scope="module")
def unseen() -> to.Catalog:
    return to.load_catalog(generate_sample(800, seed=77).to_dicts(), on_invalid="null")


def test_gems_are_ordered_by_how_far_the_prediction_lies_above(
    small_oracle: to.Oracle, unseen: to.Catalog
) -> None:
    listed = to.triage(small_oracle, unseen, n=40, level=0.8)
    seen = small_oracle.bundle.seen.has(unseen.tracks)
    predicted = small_oracle.predict(unseen, level=0.8)
    gaps = predicted["popularity"].to_numpy() - unseen.tracks["popularity"].to_numpy()
    values = [track.value for track in listed.tracks]
    assert values == sorted(values, reverse=True)
    assert min(values) > 0
    recordings = unseen.keys.recording[[track.row - 1 for track in listed.tracks]]
    assert len(set(recordings.tolist())) == len(listed.tracks)
    for track in listed.tracks:
        assert not seen[track.row - 1]
        assert track.value == pytest.approx(gaps[track.row - 1])
        assert track.prediction["popularity_low"] == predicted["popularity_low"][track.row - 1]
        of_same = unseen.keys.recording == unseen.keys.recording[track.row - 1]
        assert track.observed == unseen.tracks["popularity"].to_numpy()[of_same].max()
    assert listed.n_seen + listed.n_ranked <= len(unseen)


def test_what_the_list_is_worth_is_the_precision_on_top(
    small_oracle: to.Oracle, unseen: to.Catalog
) -> None:
    listed = to.triage(small_oracle, unseen, n=60)
    worth = listed.worth
    assert worth is not None
    known = unseen.tracks["popularity"].to_numpy()
    answers = small_oracle.predict(unseen)["popularity"].to_numpy()
    seen = set(unseen.keys.recording[small_oracle.bundle.seen.has(unseen.tracks)].tolist())
    best: dict[int, int] = {}
    for row in np.argsort(-known, kind="stable").tolist():
        code = int(unseen.keys.recording[row])
        if code not in seen:
            best.setdefault(code, row)
    rows = list(best.values())
    now, predicted = known[rows], answers[rows]
    edge = float(np.quantile(now, 0.9, method="higher"))
    top = np.argsort(-predicted, kind="stable")[:60]
    assert worth.n_tracks == len(now) == listed.n_ranked
    expected = precision_at((now >= edge).astype(float), predicted, 60 / len(now))
    assert worth.precision.value == pytest.approx(expected)
    assert worth.precision.value == pytest.approx((now[top] >= edge).mean(), abs=0.05)
    assert worth.base_rate == pytest.approx((now >= edge).mean())
    assert worth.precision.low <= worth.precision.value <= worth.precision.high
    assert worth.precision.value > worth.base_rate


def test_a_useless_order_is_worth_nothing() -> None:
    random = np.random.default_rng(0)
    now = random.integers(0, 100, 5_000).astype(float)
    artist = random.integers(0, 500, 5_000)
    useless = gems_worth(now, random.random(5_000), artist, 1_000, hits=False)
    perfect = gems_worth(now, now, artist, 400, hits=False)
    assert useless is not None
    assert useless.precision.low < useless.base_rate < useless.precision.high
    assert perfect is not None
    assert perfect.precision.value == 1
    assert gems_worth(now[:20], now[:20], artist[:20], 5, hits=False) is None
    assert gems_worth(np.zeros(50), now[:50], artist[:50], 5, hits=False) is None


def test_what_was_trained_on_is_left_out(
    small_oracle: to.Oracle, small_catalog: to.Catalog, unseen: to.Catalog
) -> None:
    with pytest.raises(SeenTracksError, match="trained on"):
        to.triage(small_oracle, small_catalog)
    both = to.load_catalog(pl.concat([small_catalog.tracks[:100], unseen.tracks[:50]]))
    listed = to.triage(small_oracle, both, n=1_000)
    assert listed.n_seen >= 100
    assert len(listed.tracks) <= 50
    near = to.triage(small_oracle, both, by="likeness", references=unseen.tracks[60:63], n=20)
    assert any("trained on" in note for note in near.notes)


def test_a_release_that_nobody_plays_of_a_hit_is_no_gem(
    small_oracle: to.Oracle, unseen: to.Catalog
) -> None:
    gem = to.triage(small_oracle, unseen, n=1).tracks[0]
    row = unseen.tracks[gem.row - 1 : gem.row]
    elsewhere = row.with_columns(pl.lit("hit").alias("track_id"), pl.lit(99.0).alias("popularity"))
    again = to.triage(small_oracle, to.load_catalog(pl.concat([unseen.tracks, elsewhere])), n=800)
    assert gem.track not in [track.track for track in again.tracks[:50]]


def test_hits_are_ranked_by_their_probability_among_misses(
    small_hit_oracle: to.Oracle, unseen: to.Catalog
) -> None:
    listed = to.triage(small_hit_oracle, unseen, n=30)
    assert all(track.observed == 0 for track in listed.tracks)
    assert [t.value for t in listed.tracks] == [t.prediction["p_hit"] for t in listed.tracks]
    assert listed.worth is not None
    assert "hits" in listed.worth.what
    assert "observed" in triage_rows(listed).columns


def test_novelty_is_the_oracles_own_measure() -> None:
    oracle = to.load_oracle()
    catalog = to.load_catalog("sample")
    listed = to.triage(oracle, catalog, by="novelty", n=20)
    novelty = oracle.bundle.novelty
    assert novelty is not None
    shares = novelty.of(oracle.check(catalog.tracks).tracks)
    assert listed.tracks[0].value == pytest.approx(shares.max())
    assert [t.value for t in listed.tracks] == pytest.approx(
        [float(shares[t.row - 1]) for t in listed.tracks]
    )
    assert any("does not tell what it was trained on" in note for note in listed.notes)


def test_likeness_is_the_distance_from_the_nearest_reference(
    small_oracle: to.Oracle, unseen: to.Catalog
) -> None:
    references = unseen.tracks[:40]
    listed = to.triage(small_oracle, unseen, by="likeness", references=references, n=25)
    index = to.Neighbours.of(unseen)
    away = np.min([index.distances(i, np.arange(len(unseen))) for i in range(40)], axis=0)
    own = np.isin(unseen.keys.recording, unseen.keys.recording[:40])
    away[own] = np.inf
    first = np.unique(unseen.keys.recording[np.argsort(away)], return_index=True)[1]
    expected = away[np.argsort(away)][np.sort(first)][:25]
    assert [track.value for track in listed.tracks] == pytest.approx(expected.tolist(), abs=1e-5)
    assert not own[[track.row - 1 for track in listed.tracks]].any()
    assert {track.reference for track in listed.tracks} <= set(references["track_name"].to_list())
    assert listed.worth is not None
    assert listed.worth.n_tracks == 40


def test_references_that_belong_together_come_up_in_the_list_of_the_others(
    small_oracle: to.Oracle, unseen: to.Catalog
) -> None:
    energies = np.linspace(0.5, 0.52, 60)
    alike = pl.concat([unseen.tracks[:1]] * 60).with_columns(
        pl.Series("track_id", [f"alike{i}" for i in range(60)]),
        pl.Series("track_name", [f"alike {chr(97 + i % 26)}{i}" for i in range(60)]),
        pl.Series("energy", energies),
    )
    catalog = to.load_catalog(pl.concat([unseen.tracks, alike]))
    listed = to.triage(small_oracle, catalog, by="likeness", references=alike, n=12)
    worth = listed.worth
    assert worth is not None
    assert worth.precision.value > 0.9
    assert worth.base_rate < 0.05
    few = to.triage(small_oracle, catalog, by="likeness", references=alike[:5], n=12)
    assert few.worth is None
    assert "30 would be needed" in few.notes[0]


def test_bad_wishes(
    small_oracle: to.Oracle, small_tier_oracle: to.Oracle, unseen: to.Catalog
) -> None:
    with pytest.raises(ConfigError, match="gems, novelty, likeness"):
        to.triage(small_oracle, unseen, by="best")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="together"):
        to.triage(small_oracle, unseen, by="likeness")
    with pytest.raises(ConfigError, match="tier"):
        to.triage(small_tier_oracle, unseen)
    with pytest.raises(ConfigError, match="novelty"):
        to.triage(small_oracle, unseen, by="novelty")
    with pytest.raises(ConfigError, match="n: expected"):
        to.triage(small_oracle, unseen, n=0)
    with pytest.raises(NotEnoughDataError, match="known popularity"):
        to.triage(small_oracle, to.load_catalog(unseen.tracks.drop("popularity")))
    with pytest.raises(SourceError, match="audio"):
        to.triage(
            small_oracle, unseen, by="likeness", references=[{"track_name": "x", "genre": "pop"}]
        )


def test_no_popularity_and_no_genres_still_have_likeness(
    small_oracle: to.Oracle, unseen: to.Catalog, tmp_path: Path
) -> None:
    bare = to.load_catalog(unseen.tracks.drop("popularity", "genres", "album_name")[:10])
    listed = to.triage(small_oracle, bare, by="likeness", references={"energy": 0.5}, n=5)
    assert len(listed.tracks) == 5
    assert all(track.observed is None for track in listed.tracks)
    rows = triage_rows(listed)
    assert rows["observed"].null_count() == 5
    assert rows["reference"].to_list() == ["row 1"] * 5


def test_an_oracle_without_hashes_says_of_which_tracks_its_worth_is_true(
    unseen: to.Catalog,
) -> None:
    listed = to.triage(to.load_oracle(), unseen, n=10)
    assert listed.worth is not None
    assert listed.worth.caveat == MAYBE_SEEN
    assert triage_lines(listed)[0].endswith(MAYBE_SEEN)
    assert listed.to_dict()["worth"]["caveat"] == MAYBE_SEEN


@pytest.mark.parametrize("is_same_file", [True, False])
def test_no_worth_is_told_of_what_an_oracle_without_hashes_learned_from(
    small_oracle: to.Oracle, small_catalog: to.Catalog, *, is_same_file: bool
) -> None:
    nothing = replace(small_oracle.bundle, seen=Seen(np.empty(0, np.uint64)))
    asked = small_catalog.take(np.arange(400))
    if not is_same_file:  # the same published source, read from another file
        card = replace(nothing.catalog, adapter="tracks_114k", checksum="0" * 64)
        nothing = replace(nothing, catalog=card)
        asked = replace(asked, card=replace(asked.card, adapter="tracks_114k"))
    oracle = to.Oracle(nothing)
    listed = to.triage(oracle, asked, n=20)
    assert listed.worth is None
    assert len(listed.tracks) == 20
    said = "this very file" if is_same_file else "a file of this form"
    assert said in listed.untold
    assert "what the list is worth is not told" in triage_lines(listed)[0]
    near = to.triage(oracle, asked, by="likeness", references=asked.tracks[:40], n=20)
    assert near.worth is not None
    assert said in near.notes[0]
    assert near.untold == ""
    other = replace(nothing.catalog, adapter="generic", checksum="0" * 64)
    free = to.triage(to.Oracle(replace(nothing, catalog=other)), asked, n=20)
    assert free.worth is not None
    assert free.worth.caveat == MAYBE_SEEN


def test_worth_needs_tracks_that_were_not_seen(
    small_oracle: to.Oracle, small_catalog: to.Catalog, unseen: to.Catalog
) -> None:
    both = pl.concat([small_catalog.tracks[:100], unseen.tracks[:20]])
    listed = to.triage(small_oracle, to.load_catalog(both), n=10)
    assert listed.worth is None
    assert listed.untold == TOO_FEW.format(n=listed.n_ranked, least=30)


def test_an_empty_list_says_so_and_is_a_table(small_oracle: to.Oracle, tmp_path: Path) -> None:
    rows = generate_sample(120, seed=5).with_columns(pl.lit(100.0).alias("popularity"))
    listed = to.triage(small_oracle, to.load_catalog(rows.to_dicts(), on_invalid="null"), n=5)
    assert listed.tracks == ()
    assert "it is empty" in " ".join(listed.notes)
    written = triage_rows(listed)
    assert len(written) == 0
    assert {"rank", "track_id", "observed", "gap", "warning"} <= set(written.columns)
