"""A catalog or a setting that cannot be trained with is refused before any fit, in one sentence."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import trackoracle as to
from trackoracle.errors import (
    ConfigError,
    MissingColumnError,
    NotEnoughDataError,
    TargetError,
    TrackOracleError,
    UnknownNameError,
)
from trackoracle.models import CANDIDATES
from trackoracle.training import TrainingConfig, load_config

CONFIG = TrainingConfig(candidates=("tree",), protocols=("catalog",), n_folds=2, n_bootstrap=20)


def tracks(n: int = 60, **columns: object) -> pl.DataFrame:
    """Tracks of different recordings, artists and popularity."""
    numbers = np.arange(n)
    own = {
        "track_id": [f"id{i:03}" for i in numbers],
        "track_name": [f"Song {'abcdefgh'[i % 8]} {i}" for i in numbers],
        "artists": [f"Artist {i % 20}" for i in numbers],
        "popularity": (numbers * 37 % 100).astype(float),
        "tempo": 60.0 + numbers * 13 % 140,
        "energy": (numbers * 7 % 50) / 50,
    }
    return pl.DataFrame(
        {name: value for name, value in (own | columns).items() if value is not None}
    )


def message(
    error: type[TrackOracleError],
    rows: pl.DataFrame,
    target: to.Popularity | to.Hit | None = None,
    config: TrainingConfig = CONFIG,
) -> str:
    with pytest.raises(error) as caught:
        to.train(rows, target=target, config=config, n_jobs=1)
    assert type(caught.value) is error
    return str(caught.value)


def test_the_tracks_of_these_tests_can_be_trained_on() -> None:
    assert to.train(tracks(), config=CONFIG, n_jobs=1).report.chosen == "tree"


# Targets


def test_no_target_column() -> None:
    assert message(TargetError, tracks(popularity=None)) == (
        "popularity: expected a column of 0 to 100 points to learn from, got none "
        "(columns: track_id, track_name, artists, tempo, energy). "
        "Map one with --map popularity=THEIR_COLUMN, or choose --target hit."
    )
    assert message(TargetError, tracks(), to.Hit()) == (
        "hit: expected a column of 0 and 1 to learn from, got none "
        "(columns: track_id, track_name, artists, popularity, tempo, energy). "
        "Map one with --map hit=THEIR_COLUMN, or train on popularity above a "
        "threshold with --hit-above 70."
    )


def test_constant_target() -> None:
    assert message(TargetError, tracks(popularity=np.full(60, 42.0))) == (
        "popularity: expected different values, got 42 for all 60 tracks. "
        "Choose another target or threshold."
    )


@pytest.mark.parametrize("label", [0, 1])
def test_one_class(label: int) -> None:
    assert message(TargetError, tracks(hit=np.full(60, label)), to.Hit()) == (
        f"hit: expected hits and misses, got {label} for all 60 tracks. "
        "Choose another target or threshold."
    )


def test_threshold_that_nothing_exceeds() -> None:
    assert message(TargetError, tracks(), to.Hit(above=99)) == (
        "hit: expected hits and misses, got 0 for all 60 tracks. "
        "Choose another target or threshold."
    )


def test_one_class_in_the_training_part_of_a_fold() -> None:
    hits = np.zeros(60)
    hits[7] = 1
    assert message(NotEnoughDataError, tracks(hit=hits), to.Hit()).startswith(
        "catalog: expected hits and misses among the training rows of each fold, got one class in "
        "fold "
    )


@pytest.mark.parametrize("n", [1, 49])
def test_too_few_tracks(n: int) -> None:
    assert message(NotEnoughDataError, tracks(n)) == (
        f"popularity: expected at least 50 labelled tracks, got {n}. Use a larger catalog."
    )


def test_too_few_labels() -> None:
    popularity = [float(i) if i < 10 else None for i in range(60)]
    assert message(NotEnoughDataError, tracks(popularity=popularity)) == (
        "popularity: expected at least 50 labelled tracks, got 10. Use a larger catalog."
    )


def test_target_that_is_text() -> None:
    said = message(to.errors.InvalidValuesError, tracks(popularity=["high"] * 60))
    assert said == (
        "popularity: expected numbers, got 60 of 60 values that are not (rows 1, 2, 3: 'high', "
        "'high', 'high'). Drop them, or load with on_invalid=\"null\" (--on-invalid null)."
    )


@pytest.mark.parametrize(
    ("arguments", "got"),
    [
        ((100.0,), "hit_above=100, tiers=(25.0, 50.0, 75.0)"),
        ((-1.0,), "hit_above=-1, tiers=(25.0, 50.0, 75.0)"),
        ((70.0, (50.0, 25.0)), "hit_above=70, tiers=(50.0, 25.0)"),
        ((70.0, (25.0, 25.0)), "hit_above=70, tiers=(25.0, 25.0)"),
        ((float("nan"),), "hit_above=nan, tiers=(25.0, 50.0, 75.0)"),
    ],
)
def test_impossible_thresholds(arguments: tuple[object, ...], got: str) -> None:
    with pytest.raises(ConfigError) as caught:
        to.Popularity(*arguments)
    assert str(caught.value) == (
        "target: expected thresholds from 0 to below 100 and rising tier edges, "
        f"got {got}. Correct them."
    )


@pytest.mark.parametrize("above", [-1.0, 100.0, float("nan")])
def test_impossible_hit_threshold(above: float) -> None:
    with pytest.raises(ConfigError) as caught:
        to.Hit(above)
    assert str(caught.value) == (
        f"target: expected a threshold from 0 to below 100, got above={above:g}. Correct it."
    )


# Groups


def test_one_artist() -> None:
    config = TrainingConfig(candidates=("tree",), protocols=("new_artist",), n_folds=2)
    said = message(NotEnoughDataError, tracks(artists=["Solo"] * 60), config=config)
    assert said == (
        "new_artist: expected at least 2 artists, one for each fold, got 1. "
        "Lower --folds, or use a larger catalog."
    )


def test_one_artist_beside_other_protocols() -> None:
    config = TrainingConfig(candidates=("tree",), protocols=("catalog", "new_artist"), n_folds=2)
    said = message(NotEnoughDataError, tracks(artists=["Solo"] * 60), config=config)
    assert said.startswith("new_artist: expected at least 2 artists, one for each fold")


def test_fewer_recordings_than_folds() -> None:
    rows = tracks(track_name=["Same"] * 60, artists=["Solo"] * 60)
    assert message(NotEnoughDataError, rows) == (
        "catalog: expected at least 2 recordings, one for each fold, got 1. "
        "Lower --folds, or use a larger catalog."
    )


@pytest.mark.parametrize("tempo", [None, [None] * 60])
def test_no_inputs_at_all(tempo: object) -> None:
    rows = tracks(tempo=tempo, track_name=None, artists=None, energy=None)
    assert message(MissingColumnError, rows) == (
        "inputs: expected a column to learn popularity from (tempo, genres, artists ...), got none "
        "with values. Check the names, or map them with --map tempo=THEIR_COLUMN."
    )


# Names and settings


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"candidates": "lightgm"},
            "candidate: expected a known name, got 'lightgm'. Did you mean 'lightgbm'?",
        ),
        (
            {"protocols": "new_artists"},
            "protocol: expected a known name, got 'new_artists'. Did you mean 'new_artist'?",
        ),
        ({"profile": "fats"}, "profile: expected a known name, got 'fats'. Did you mean 'fast'?"),
        ({"n_fold": "3"}, "setting: expected a known name, got 'n_fold'. Did you mean 'n_folds'?"),
        (
            {"recipe.masked": "0.1"},
            "setting: expected a known name, got 'masked'. Did you mean 'masked_share'?",
        ),
        (
            {"params.tree.max_dept": "3"},
            "setting of tree: expected a known name, got 'max_dept'. Did you mean 'max_depth'?",
        ),
        (
            {"params.tee.max_depth": "3"},
            "candidate: expected a known name, got 'tee'. Did you mean 'tree'?",
        ),
    ],
)
def test_unknown_names_suggest_the_nearest(settings: dict[str, str], expected: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        TrainingConfig().with_overrides(settings)
    assert str(caught.value) == expected


def test_a_name_like_no_other_lists_the_known() -> None:
    with pytest.raises(UnknownNameError) as caught:
        TrainingConfig(candidates=("zzz",))
    assert str(caught.value) == (
        "candidate: expected a known name, got 'zzz'. Known: " + ", ".join(sorted(CANDIDATES)) + "."
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"n_folds": "1"}, "n_folds: expected 2 to 50, got 1. Correct it."),
        ({"n_folds": "many"}, "n_folds: expected a value like 5, got 'many'. Correct it."),
        ({"n_folds": "2.5"}, "n_folds: expected a value like 5, got '2.5'. Correct it."),
        ({"n_folds": "inf"}, "n_folds: expected a value like 5, got 'inf'. Correct it."),
        ({"n_bootstrap": "1"}, "n_bootstrap: expected 20 to 100,000, got 1. Correct it."),
        (
            {"params.tree.max_depth": "deep"},
            "max_depth: expected a value like 9, got 'deep'. Correct it.",
        ),
        (
            {"protocols": "random"},
            "protocols: expected at least one of catalog, known_artist, new_artist, got random. "
            "Add one.",
        ),
    ],
)
def test_impossible_settings(settings: dict[str, str], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig().with_overrides(settings)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("name", "text", "same"),
    [
        ("candidates", '["tree", "linear"]', "tree,linear"),
        ("candidates", '"tree"', "tree"),
        ("seed", "1_000", "1000"),
        ("params.lightgbm_bins.extra_trees", "true", "1"),
    ],
)
def test_text_may_be_as_a_file_has_it(name: str, text: str, same: str) -> None:
    config = TrainingConfig().with_overrides({name: text})
    assert config == TrainingConfig().with_overrides({name: same})
    assert config != TrainingConfig()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("seed", "-1", "0 to 4,294,967,295, got -1"),
        ("seed", "1e10", "0 to 4,294,967,295, got 10000000000"),
        ("recipe.masked_share", "nan", "0 to 1, got nan"),
        ("recipe.masked_share", "2", "0 to 1, got 2.0"),
        ("recipe.name_strength", "-1", "0 to 1,000,000, got -1.0"),
    ],
)
def test_settings_out_of_range(name: str, value: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig().with_overrides({name: value})
    assert str(caught.value) == f"{name}: expected {expected}. Correct it."


# Configuration files


def failure(path: Path, error: type[TrackOracleError] = ConfigError) -> str:
    with pytest.raises(error) as caught:
        load_config(path)
    return str(caught.value).replace(str(path), "{path}")


def test_no_configuration_file(tmp_path: Path) -> None:
    path = tmp_path / "nope.toml"
    assert failure(path) == "{path}: expected a TOML file, got nothing there."


def test_configuration_that_is_a_folder(tmp_path: Path) -> None:
    assert failure(tmp_path).startswith("{path}: expected a TOML file, got ")


@pytest.mark.parametrize("content", [b"n_folds = ", b"\xff\xfe", b"n_folds: 3"])
def test_configuration_that_is_not_toml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    assert failure(path).startswith("{path}: expected TOML, got an error (")


@pytest.mark.parametrize(
    ("text", "error", "expected"),
    [
        (
            "n_fold = 3",
            UnknownNameError,
            "setting: expected a known name, got 'n_fold'. Did you mean 'n_folds'?",
        ),
        (
            "[params.tree]\nmax_dept = 3",
            UnknownNameError,
            "setting of tree: expected a known name, got 'max_dept'. Did you mean 'max_depth'?",
        ),
        (
            "candidates = [5]",
            ConfigError,
            "candidates: expected a value like (), got [5]. Correct it.",
        ),
        (
            "candidates = 5",
            ConfigError,
            "candidates: expected a value like (), got 5. Correct it.",
        ),
        (
            "seed = [1]",
            ConfigError,
            "seed: expected a value like 0, got [1]. Correct it.",
        ),
    ],
)
def test_settings_of_a_file(
    tmp_path: Path, text: str, error: type[TrackOracleError], expected: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    assert failure(path, error) == expected
