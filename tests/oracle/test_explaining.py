"""What an oracle says of why: the same numbers as its predictions, for whatever is given."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.errors import ConfigError, InvalidValuesError, SourceError
from trackoracle.explanations import log_odds
from trackoracle.features import origins
from trackoracle.schema import Explanation

CHEAP = {
    "n_folds": 2,
    "n_bootstrap": 20,
    "protocols": ("catalog",),
    "params": {"lightgbm": {"n_trees": 20}, "lightgbm_bins": {"n_trees": 15, "n_classes": 6}},
}


@pytest.fixture(scope="module")
def oracles(small_catalog: to.Catalog) -> dict[str, to.Oracle]:
    def trained(target: object, *names: str) -> to.Oracle:
        config = to.TrainingConfig(candidates=names, **CHEAP)
        return to.train(small_catalog, target=target, config=config, n_jobs=1)

    return {
        "bins": trained(to.Popularity(), "lightgbm_bins"),
        "points": trained(to.Popularity(), "lightgbm"),
        "hit": trained(to.Hit(above=50), "lightgbm"),
        "rare hit": trained(to.Hit(above=50, base_rate=0.03), "forest"),
        "tier": trained(to.Tier((25, 50)), "lightgbm"),
    }


def _predicted(kind: str, answers: pl.DataFrame) -> np.ndarray:
    if "hit" in kind:
        return log_odds(answers["p_hit"].to_numpy())
    if kind == "tier":
        return answers.select(f"p_tier_{i}" for i in range(3)).to_numpy() @ np.arange(3)
    return answers["popularity"].to_numpy()


KINDS = ["bins", "points", "hit", "rare hit", "tier"]


@pytest.mark.parametrize("kind", KINDS)
class TestEveryTarget:
    def test_parts_add_up_to_the_prediction(
        self, oracles: dict[str, to.Oracle], small_catalog: to.Catalog, kind: str
    ) -> None:
        oracle, tracks = oracles[kind], small_catalog.tracks.head(60)
        answers = oracle.predict(tracks)
        for by in ("feature", "input"):
            rows = oracle.explain_all(tracks, by=by)
            np.testing.assert_allclose(
                rows["prediction"].to_numpy(), _predicted(kind, answers), rtol=0, atol=1e-9
            )
            total = rows.drop("track_id", "prediction").to_numpy().sum(axis=1)
            np.testing.assert_allclose(total, rows["prediction"].to_numpy(), rtol=0, atol=1e-6)
        assert rows["track_id"].to_list() == answers["track_id"].to_list()
        assert set(oracle.bundle.recipe.names) < set(rows.columns)

    def test_one_is_as_among_many(
        self, oracles: dict[str, to.Oracle], small_catalog: to.Catalog, kind: str
    ) -> None:
        oracle, tracks = oracles[kind], small_catalog.tracks.head(5)
        rows = oracle.explain_all(tracks)
        each = list(oracle.explain_each(tracks))
        one = oracle.explain(tracks[3].to_dicts()[0])
        assert one.answer == each[3].answer
        for own, among in ((one.inputs, each[3].inputs), (one.attributions, each[3].attributions)):
            told, wanted = ({a.feature: a.contribution for a in parts} for parts in (own, among))
            # What contributes nothing is not listed: rounding decides that of some.
            for feature in {*told, *wanted}:
                assert told.get(feature, 0) == pytest.approx(wanted.get(feature, 0), abs=1e-9)
        for told, row in zip(each, rows.to_dicts(), strict=True):
            assert told.track_id == row["track_id"]
            for a in told.attributions:
                assert a.contribution == pytest.approx(row[a.feature], abs=1e-9)
            by_input = told.baseline + sum(a.contribution for a in told.inputs)
            assert by_input == pytest.approx(told.raw, abs=1e-6)
            assert (
                told.answer
                == oracle.predict(tracks)
                .drop("track_id")
                .to_dicts()[rows["track_id"].to_list().index(told.track_id)]
            )

    def test_nothing_known_and_little_known(self, oracles: dict[str, to.Oracle], kind: str) -> None:
        for track in ({"track_id": "x"}, {"tempo": 120.0}, {"genre": "pop", "artists": []}):
            told = oracles[kind].explain(track)
            answers = oracles[kind].predict(track)
            assert told.prediction == pytest.approx(_predicted(kind, answers)[0], abs=1e-9)
            total = told.baseline + sum(a.contribution for a in told.attributions)
            assert total == pytest.approx(told.prediction, abs=1e-6)


def test_is_plain_data(oracles: dict[str, to.Oracle], small_catalog: to.Catalog) -> None:
    told = oracles["bins"].explain(small_catalog.tracks[:1], interactions=True)
    facts = json.loads(json.dumps(told.to_dict()))
    assert facts["unit"] == "points"
    assert {"prediction", "baseline", "unit", "attributions", "interactions"} <= set(facts)
    assert set(facts["attributions"][0]) == {"feature", "value", "contribution"}
    assert facts["attributions"][-1]["feature"] == "calibration"
    sizes = [abs(a["contribution"]) for a in facts["attributions"][:-1]]
    assert sizes == sorted(sizes, reverse=True)


def test_every_input_is_of_columns_that_people_know(oracles: dict[str, to.Oracle]) -> None:
    oracle = oracles["bins"]
    found = dict(zip(oracle.bundle.recipe.names, origins(oracle.bundle.recipe), strict=True))
    known = set(oracle.contract.names)
    assert all(columns and set(columns) <= known for columns in found.values())
    assert found["genre_history_mean"] == found["n_genres"] == ("genres",)
    assert found["artist_history_mean"] == ("artists",)
    assert found["album_history_mean"] == ("artists", "album_name")
    assert found["energy_x_valence"] == found["mood_angle"] == ("energy", "valence")
    assert found["title_length"] == found["title_worth"[:5] + "_length"] == ("track_name",)
    assert found["key_fifths_x"] == ("key",)


def test_values_are_those_of_the_track(oracles: dict[str, to.Oracle]) -> None:
    known = oracles["bins"].contract["genres"].levels[:2]
    track = {"genres": [*known, "mystery"], "tempo": 120.0, "energy": 0.8, "track_name": "A Name"}
    told = oracles["bins"].explain(track)
    values = {a.feature: a.value for a in told.attributions}
    assert values["genres"] == "; ".join(known)  # an unknown level is missing
    assert values["tempo"] == 120.0
    assert values["track_name"] == told.name == "A Name"
    assert values["energy x valence"] is None
    assert values["artists"] is None


def test_sampling_where_nothing_adds_up(
    oracles: dict[str, to.Oracle], small_catalog: to.Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = to.Oracle(oracles["bins"].bundle)
    monkeypatch.setattr(type(oracle.bundle.model), "additive", lambda self: None)
    tracks = small_catalog.tracks.head(2)
    told = list(oracle.explain_each(tracks, n_pairs=2, seed=1))
    exact = list(to.Oracle(replace(oracle.bundle)).explain_each(tracks, n_pairs=2, seed=1))
    assert told == exact  # the same seed
    for one in told:
        assert not one.exact
        assert all(a.error is not None for a in one.attributions[:-1])
        total = one.baseline + sum(a.contribution for a in one.attributions)
        assert total == pytest.approx(one.prediction, abs=1e-6)
        assert all(
            a.contribution == 0
            for a in one.attributions
            if a.feature != "calibration" and a.value is None
        )


def test_interactions_are_second_differences(oracles: dict[str, to.Oracle]) -> None:
    oracle = oracles["points"]
    genre = oracle.contract["genres"].levels[0]
    track = {"genres": [genre], "tempo": 120.0, "energy": 0.8, "loudness": -5.0, "valence": 0.4}
    told = oracle.explain(track, interactions=True)
    assert told.interactions

    def raw(*without: str) -> float:
        return oracle.explain({k: v for k, v in track.items() if k not in without}).raw

    for pair in told.interactions[:3]:
        one, other = pair.features
        wanted = raw() - raw(one) - raw(other) + raw(one, other)
        assert pair.contribution == pytest.approx(wanted, abs=1e-6)
    assert oracle.explain(track).interactions is None


def test_bad_input_is_refused(oracles: dict[str, to.Oracle]) -> None:
    oracle = oracles["bins"]
    two = [{"tempo": 100.0}, {"tempo": 120.0}]
    with pytest.raises(SourceError, match="expected one track, got 2"):
        oracle.explain(two)
    with pytest.raises(SourceError, match="expected at least one track, got none"):
        list(oracle.explain_each(pl.DataFrame({"tempo": pl.Series([], dtype=pl.Float64)})))
    with pytest.raises(SourceError, match="expected one track, got 0"):
        oracle.explain([])
    with pytest.raises(InvalidValuesError, match="tempo: expected"):
        oracle.explain({"tempo": -3.0})
    with pytest.raises(ConfigError, match="level: expected above 0"):
        oracle.explain(two[0], level=1.5)
    with pytest.raises(ConfigError, match="base_rate: expected an oracle of hits"):
        oracle.explain(two[0], base_rate=0.1)
    with pytest.raises(ConfigError, match="n_pairs: expected at least 2"):
        oracle.explain(two[0], n_pairs=1)
    with pytest.raises(ConfigError, match="by: expected 'feature' or 'input'"):
        oracle.explain_all(two, by="bar")


def test_a_track_is_picked_by_id_or_row(oracles: dict[str, to.Oracle]) -> None:
    oracle = oracles["bins"]
    rows = pl.DataFrame({"id": ["a", "b", "a"], "tempo": [100.0, 110.0, 120.0]})
    assert oracle.pick(rows, "a")["tempo"].to_list() == [100.0, 120.0]
    assert oracle.pick(rows.drop("id"), "2")["tempo"].to_list() == [110.0]
    assert oracle.pick(rows, "2")["tempo"].to_list() == [110.0]
    with pytest.raises(SourceError, match=r"a row from 1 to 3, got 'c' \(ids: a, b, a\)"):
        oracle.pick(rows, "c")


def test_an_oracle_of_an_earlier_version_explains(oracles: dict[str, to.Oracle]) -> None:
    # Such files tell no prior, no novelty, no settings and no seen tracks.
    bundle = oracles["bins"].bundle
    old = to.Oracle(replace(bundle, prior=None, novelty=None, settings={}, sample_rate=None))
    for track in ({"tempo": 120.0}, {"track_id": "x"}):
        told = old.explain(track)
        total = told.baseline + sum(a.contribution for a in told.attributions)
        assert total == pytest.approx(told.prediction, abs=1e-6)
        assert told.prediction == pytest.approx(old.predict(track)["popularity"][0], abs=1e-9)


def test_a_rare_base_rate_only_shifts_the_last_row(oracles: dict[str, to.Oracle]) -> None:
    oracle, track = oracles["hit"], {"genre": "pop", "energy": 0.7}
    plain, rare = oracle.explain(track), oracle.explain(track, base_rate=0.02)
    assert plain.attributions[:-1] == rare.attributions[:-1]
    assert rare.prediction < plain.prediction
    assert isinstance(rare, Explanation)
