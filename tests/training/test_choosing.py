"""Exact contributions go first, and what is made of others is weighed inside its fold."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.conftest import QUICK

import trackoracle as to
from trackoracle.schema import CandidateResult, Estimate
from trackoracle.splits import PROTOCOLS, make_folds
from trackoracle.training import choosing, fitting, labelled_material
from trackoracle.training.choosing import EXACT_RULE, choose
from trackoracle.training.fitting import InnerFolds, fit_candidate, inner_folds
from trackoracle.training.material import Material, fit_rows


def _result(name: str, reached: float) -> CandidateResult:
    score = {"r2": Estimate(reached, reached - 0.1, reached + 0.1)}
    return CandidateResult(name, "", None, {"catalog": score, "new_artist": score})


RESULTS = (_result("tree", 0.4), _result("lightgbm_bins", 0.6), _result("by_genre", 0.7))


def test_without_exact_contributions_it_must_be_ahead() -> None:
    asked: list[tuple[str, str]] = []

    def ahead(first: str, second: str) -> bool:
        asked.append((first, second))
        return True

    name, rule = choose(RESULTS, "r2")
    assert name == "lightgbm_bins"
    assert rule.endswith(EXACT_RULE)
    assert choose(RESULTS, "r2", ahead)[0] == "by_genre"
    # Of those ahead only the inexact are asked, and against the best exact one.
    assert asked == [("by_genre", "lightgbm_bins")]


def test_what_grew_too_large_counts_as_inexact() -> None:
    assert choose(RESULTS[:2], "r2", inexact={"lightgbm_bins"})[0] == "tree"
    assert choose(RESULTS[1:2], "r2", inexact={"lightgbm_bins"})[0] == "lightgbm_bins"


def test_where_all_are_exact_the_rule_does_not_speak_of_it() -> None:
    assert EXACT_RULE not in choose(RESULTS[:2], "r2")[1]


@pytest.fixture(scope="module")
def material(small_catalog: to.Catalog) -> Material:
    return labelled_material(small_catalog, to.Popularity())[1]


@pytest.mark.parametrize("name", ["catalog", "new_artist"])
def test_inner_folds_stay_in_the_training_rows_and_keep_groups_apart(
    material: Material, name: str
) -> None:
    protocol = PROTOCOLS[name]
    outer = make_folds(material.keys, protocol, 3, seed=0)[0]
    inner = inner_folds(material, outer.train, (protocol,), QUICK)
    assert len(inner) == fitting.INNER_JUDGED
    keys = material.keys
    groups = keys.first_artist if name == "new_artist" else keys.recording
    for fold, by in inner:
        assert by == protocol
        assert np.isin(fold.train, outer.train).all()
        assert np.isin(fold.test, outer.train).all()
        assert not np.isin(groups[fold.train], groups[fold.test]).any()


def test_members_are_weighed_by_rows_that_they_did_not_see(material: Material) -> None:
    fold = make_folds(material.keys, PROTOCOLS["new_artist"], 3, seed=0)[0]
    recipe, matrix = fit_rows(material, fold.train, QUICK)
    inner = InnerFolds(material, fold.train, recipe, matrix, QUICK, (PROTOCOLS["new_artist"],))
    parts = list(inner.parts())
    for part in parts:
        shown = part.request("tree")
        assert shown.names[0] == recipe.names[0]
        # Of artists that were held out no history is known.
        place = shown.names.index("artist_history_mean")
        assert np.isnan(part.matrix[:, place]).all()
        assert not np.isnan(shown.matrix[:, place]).all()
    assert sum(len(part.target) for part in parts) < len(fold.train)
    assert inner.request("lightgbm_bins").params == QUICK.params_of("lightgbm_bins")
    assert len(inner.request("lightgbm_bins").target) == 2 * len(fold.train)


def test_too_few_groups_for_inner_folds_weigh_members_alike(material: Material) -> None:
    rows = np.flatnonzero(material.keys.first_artist < 4)
    recipe, matrix = fit_rows(material, rows, QUICK)
    config = QUICK.with_overrides({"params.stack.members": "tree,linear"})
    made = fit_candidate(
        "stack", material, rows, recipe, matrix, config, (PROTOCOLS["new_artist"],)
    )
    assert made.weights.tolist() == [0.5, 0.5]
    assert made.offsets.tolist() == [0]


MADE = {
    "ensemble": (to.Popularity(), ("lightgbm_bins", "forest_bins"), True),
    "stack": (to.Hit(above=40), ("lightgbm",), True),
    "by_genre": (to.Popularity(), ("lightgbm_bins",), None),
}


@pytest.mark.parametrize("name", MADE)
def test_whole_way_from_training_to_an_explanation(
    name: str, small_catalog: to.Catalog, tmp_path: Path
) -> None:
    target, members, exact = MADE[name]
    params: dict[str, Any] = {**QUICK.params, name: {"members": members, "least_tracks": 40}}
    if name != "by_genre":
        del params[name]["least_tracks"]
    config = dataclasses.replace(
        QUICK, candidates=(name,), protocols=("catalog",), n_folds=2, params=params
    )
    oracle = to.train(small_catalog, target=target, config=config)
    assert oracle.report.chosen == name
    assert tuple(oracle.bundle.settings["members"]) == members
    tracks = small_catalog.tracks.head(20)
    oracle.save(tmp_path / "made.oracle")
    loaded = to.load_oracle(tmp_path / "made.oracle")
    assert loaded.predict(tracks).equals(oracle.predict(tracks))
    told = loaded.explain(tracks.head(1), n_pairs=2)
    parts = sum(part.contribution for part in told.attributions)
    assert told.baseline + parts == pytest.approx(told.prediction, abs=1e-6)
    if exact is not None:
        assert (loaded.bundle.model.additive() is not None) is exact
        assert all(part.error is None for part in told.attributions) is exact


def test_the_rule_is_asked_again_when_the_chosen_is_too_large(
    small_catalog: to.Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trackoracle.models.lightgbm_booster import LightGbmModel

    config = dataclasses.replace(QUICK, protocols=("catalog",), n_folds=2)
    assert to.train(small_catalog, config=config).report.chosen == "lightgbm"
    monkeypatch.setattr(LightGbmModel, "additive", lambda self: None)
    monkeypatch.setattr(choosing, "leads", lambda *_: lambda first, _: first == "lightgbm")
    report = to.train(small_catalog, config=config).report
    # Ahead of the tree beyond chance, it is chosen all the same.
    assert report.chosen == "lightgbm"
    assert report.rule.endswith(EXACT_RULE)
    monkeypatch.setattr(choosing, "leads", lambda *_: choosing.never)
    assert to.train(small_catalog, config=config).report.chosen == "tree"
