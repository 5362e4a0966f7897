"""Settings come from Python, TOML or text; unknown names suggest the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from trackoracle.errors import ConfigError, UnknownNameError
from trackoracle.experiments import ExperimentSettings, load_experiment_settings


def test_toml_and_overrides(tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(
        'candidates = ["tree"]\nresampling = ["none", "smote"]\nn_folds = 3\n'
        "[recipe]\nmasked_share = 0.2\n[params.tree]\nmax_depth = 3\n"
    )
    settings = load_experiment_settings(path).with_overrides(
        {"threshold": "cost", "cost_miss": "7.5", "transforms": "none,log"}
    )
    assert settings.candidates == ("tree",)
    assert (settings.n_folds, settings.cost_miss) == (3, 7.5)
    assert settings.recipe.masked_share == 0.2
    assert settings.training.params_of("tree")["max_depth"] == 3
    assert [cell.key for cell in settings.cells] == [
        "tree/none/none/none",
        "tree/smote/none/none",
        "tree/none/none/log",
        "tree/smote/none/log",
    ]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("resampling", "smoth", "resampling: expected a known name, got 'smoth'. "
         "Did you mean 'smote'?"),
        ("outliers", "iqr", "outliers: expected a known name, got 'iqr'. "
         "Known: iqr_capping, none, z_removal."),
        ("transforms", "boxcox", "transforms: expected a known name, got 'boxcox'. "
         "Did you mean 'box_cox'?"),
        ("threshold", "f2", "threshold: expected a known name, got 'f2'. "
         "Known: cost, f1, fixed, precision_at_k."),
        ("candidates", "lightbgm", "candidate: expected a known name, got 'lightbgm'. "
         "Did you mean 'lightgbm'?"),
        ("protocol", "new_artists", "protocol: expected a known name, got 'new_artists'. "
         "Did you mean 'new_artist'?"),
        ("n_fold", "3", "setting: expected a known name, got 'n_fold'. Did you mean 'n_folds'?"),
        ("params.tree.max_deep", "3", "setting of tree: expected a known name, got 'max_deep'. "
         "Did you mean 'max_depth'?"),
    ],
)  # fmt: skip
def test_unknown_names_suggest_the_nearest(name: str, value: str, message: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        ExperimentSettings().with_overrides({name: value})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("top_share", "2", "top_share: expected 0.0001 to 1, got 2. Correct it."),
        ("n_neighbors", "0", "n_neighbors: expected 1 to 100, got 0. Correct it."),
        ("n_folds", "1", "n_folds: expected 2 to 50, got 1. Correct it."),
        ("cost_miss", "-1", "cost_miss: expected 0 to 1e+09, got -1. Correct it."),
        ("cost_miss", "nan", "cost_miss: expected 0 to 1e+09, got nan. Correct it."),
        ("cost_alarm", "much", "cost_alarm: expected a value like 1.0, got 'much'. Correct it."),
        ("outliers", [], "grid: expected at least one candidate, resampling, outlier and "
         "transform arm, got none of one kind. Name one."),
    ],
)  # fmt: skip
def test_impossible_values_are_refused(name: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ExperimentSettings().with_overrides({name: value})
    assert str(caught.value) == message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a TOML file, got nothing there"):
        load_experiment_settings(tmp_path / "none.toml")
