"""Small catalogs and oracles that tests share, and the way to the real files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

import trackoracle as to
from trackoracle.catalogs.sample import generate_sample
from trackoracle.settings import Settings

settings.register_profile("default", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("default")

QUICK = to.TrainingConfig(
    candidates=("tree", "lightgbm"),
    n_folds=3,
    n_bootstrap=20,
    params={
        "lightgbm": {"n_trees": 60, "learning_rate": 0.1},
        "lightgbm_bins": {"n_trees": 20, "n_classes": 6},
        "xgboost_bins": {"n_trees": 10, "n_classes": 6},
        "forest_bins": {"n_estimators": 4, "n_classes": 6},
        "ebm": {"max_rounds": 10},
        "ensemble": {"members": ("lightgbm_bins", "forest_bins", "lightgbm", "tree")},
        "stack": {"members": ("lightgbm_bins", "lightgbm")},
        "by_genre": {"least_tracks": 60},
        "network": {"n_epochs": 2, "layers": "32"},
        "network_bins": {"n_epochs": 2, "layers": "32", "n_classes": 6},
    },
)


@pytest.fixture(scope="session")
def small_catalog() -> to.Catalog:
    return to.load_catalog(generate_sample(600, seed=3).to_dicts(), on_invalid="null")


@pytest.fixture(scope="session")
def small_oracle(small_catalog: to.Catalog) -> to.Oracle:
    return to.train(small_catalog, config=QUICK, n_jobs=1)


@pytest.fixture(scope="session")
def small_hit_oracle(small_catalog: to.Catalog) -> to.Oracle:
    return to.train(small_catalog, target=to.Hit(above=40), config=QUICK, n_jobs=1)


@pytest.fixture(scope="session")
def small_tier_oracle(small_catalog: to.Catalog) -> to.Oracle:
    return to.train(small_catalog, target=to.Tier((20.0, 40.0)), config=QUICK, n_jobs=1)


@pytest.fixture(scope="session")
def small_bundle(small_oracle: to.Oracle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("oracle") / "small.oracle"
    small_oracle.save(path)
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes long."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def real_file(name: str) -> Path:
    """Return a real file, or skip the test and say why."""
    folder = Settings.from_environment().data_folder
    if folder is None or not (folder / name).exists():
        pytest.skip(f"TRACKORACLE_DATA names no folder with {name}")
    return folder / name


@pytest.fixture(scope="session")
def tracks_114k() -> Path:
    return real_file("tracks-114k/dataset.csv")


@pytest.fixture(scope="session")
def hit_predictor() -> Path:
    return real_file("hit-predictor")


@pytest.fixture(scope="session")
def million_sample() -> Path:
    return real_file("million-sample/spotify_data.csv")


@pytest.fixture(scope="session")
def artist_popularity() -> Path:
    return real_file("artist-popularity")
