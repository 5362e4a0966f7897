"""The benchmark of AutoML: what each side is shown, and what is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from benchmarks.accuracy import Standing

import trackoracle as to
from benchmarks import automl
from trackoracle.catalogs.sample import generate_sample
from trackoracle.schema import Estimate


@pytest.fixture
def one(tmp_path: Path) -> Iterator[automl.Case]:
    catalog = to.load_catalog(generate_sample(600, seed=3).to_dicts(), on_invalid="null")
    with ThreadPoolExecutor(1) as pool:
        yield automl.case("hits", catalog, to.Hit(above=40), tmp_path, pool)


def test_both_are_shown_the_same_artists_and_no_target(one: automl.Case) -> None:
    keys, fold = one.court.catalog.keys, one.fold
    assert not set(keys.first_artist[fold.train]) & set(keys.first_artist[fold.test])
    truth = one.target.values(one.court.catalog.tracks)
    loaded, recipe = automl.loaded_columns(one), automl.recipe_columns(one)
    assert not {"track_id", "popularity", "hit"} & set(loaded["train"].columns)
    assert {"artists", "track_name", "tempo"} <= set(loaded["test"].columns)
    for tables in (loaded, recipe):
        assert tables["train"]["target_of_benchmark"].to_list() == truth[fold.train].tolist()
        assert len(tables["test"]) == len(fold.test)
        assert "target_of_benchmark" not in tables["test"].columns
    assert recipe["train"]["weight_of_benchmark"].to_list() == pytest.approx(
        keys.weight_among(fold.train).tolist()
    )


@pytest.mark.parametrize(
    ("low", "trained", "many", "holds"),
    [(-0.001, 180, 0.001, [False, True, True]), (0.001, 181, 0.0011, [True, False, False])],
)
def test_ahead_is_beyond_chance_and_sooner_is_by_the_better_rival(
    low: float, trained: float, many: float, holds: list[bool]
) -> None:
    def standing(model: str, low: float) -> Standing:
        ahead = {"roc_auc": Estimate(0.01, low, 0.02)}
        return Standing("hits", model, 10, {"roc_auc": Estimate(0.9, 0.8, 1.0)}, ahead)

    costs = {
        automl.RECIPE: automl.Cost(900, 1.0, 0.02, 500, ""),
        automl.RAW: automl.Cost(9_000, 9.0, 9.0, 500, ""),
        automl.OURS: automl.Cost(trained, 0.01, many, 2, ""),
    }
    standings = [standing(name, low) for name in costs]
    assert [claim.holds for claim in automl.claims(standings, costs)] == holds
