"""Searches see training rows only, repeat themselves, go on where they stopped, and say so."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.interfaces.running import run_here

import trackoracle as to
from trackoracle.errors import (
    ConfigError,
    MissingExtraError,
    OutputError,
    StudyError,
    UnknownNameError,
)
from trackoracle.models import CANDIDATES
from trackoracle.splits import PROTOCOLS, make_folds
from trackoracle.training import (
    Material,
    SearchSettings,
    TrainingConfig,
    begin_judgement,
    check_search,
    judge,
    labelled_material,
    load_config,
    workers,
)
from trackoracle.training.search import Searches, open_study
from trackoracle.training.trials import Found, Search, score_of

pytestmark = pytest.mark.long

SEARCHED = TrainingConfig(
    profile="full",
    candidates=("tree",),
    protocols=("catalog", "new_artist"),
    n_folds=2,
    n_bootstrap=20,
    search=SearchSettings(n_trials=4, candidates=("tree",)),
)
N_SEARCHES = 2 * 2 + 1


@pytest.fixture(scope="module")
def material(small_catalog: to.Catalog) -> Material:
    return labelled_material(small_catalog, to.Popularity())[1]


@pytest.fixture(scope="module")
def whole(
    small_catalog: to.Catalog, tmp_path_factory: pytest.TempPathFactory
) -> tuple[to.Oracle, Path]:
    """An oracle trained without interrupt, and its study; its bundle lies beside."""
    study = tmp_path_factory.mktemp("study") / "whole.study"
    oracle = to.train(small_catalog, config=SEARCHED, n_jobs=1, study=study)
    oracle.save(study.with_suffix(".oracle"))
    return oracle, study


def searched(
    material: Material, protocol: str, rows: np.ndarray, **changes: Any
) -> tuple[Found, list[tuple[dict[str, Any], list[float]]]]:
    """Search some rows; return what was found, with settings and scores of every trial."""
    search = Search(
        name="a search",
        candidate="tree",
        protocols=(PROTOCOLS[protocol],),
        rows=rows,
        material=material,
        config=SEARCHED,
        seconds=np.inf,
        n_trials=6,
    )
    kept: list[Any] = []
    found = dataclasses.replace(search, **changes).run([], kept.append)
    return found, [(t.params, list(t.intermediate_values.values())) for t in kept]


# Nested


@pytest.mark.parametrize("protocol", ["catalog", "known_artist", "new_artist"])
def test_a_search_sees_the_training_rows_of_its_fold_only(
    material: Material, protocol: str
) -> None:
    fold = make_folds(material.keys, PROTOCOLS[protocol], 3, seed=0)[0]

    def after_turning(rows: np.ndarray) -> object:
        values = material.values.copy()
        values[rows] = 100 - values[rows][::-1]
        return searched(dataclasses.replace(material, values=values), protocol, fold.train)

    outside = np.setdiff1d(np.arange(len(material.values)), fold.train)
    assert after_turning(outside) == searched(material, protocol, fold.train)
    # Were targets of training rows not looked at either, the line above would prove nothing.
    assert after_turning(fold.train[:50]) != searched(material, protocol, fold.train)


@pytest.mark.parametrize("protocol", ["catalog", "new_artist"])
def test_targets_of_test_rows_change_no_search_of_their_fold(
    material: Material, protocol: str, tmp_path: Path
) -> None:
    folds = make_folds(material.keys, PROTOCOLS[protocol], 2, seed=0)

    def trials(values: np.ndarray, study: str) -> list[list[tuple[object, object]]]:
        own = dataclasses.replace(material, values=values)
        judgement = begin_judgement(own, PROTOCOLS[protocol], ("tree",), SEARCHED)
        file = open_study(tmp_path / study, own, SEARCHED)
        with workers(1) as pool:
            Searches(own, SEARCHED, [judgement], 1, file).in_folds(pool, lambda *_: None)
        return [
            [(t.params, t.intermediate_values) for t in file.trials(f"{protocol}, fold {i}, tree")]
            for i in (1, 2)
        ]

    turned = material.values.copy()
    turned[folds[0].test] = 100 - turned[folds[0].test]
    first, second = trials(material.values, "a.study"), trials(turned, "b.study")
    assert len(first[0]) == 4
    assert first[0] == second[0]
    assert first[1] != second[1]  # there the same rows are learned from


def test_the_first_trial_is_the_profile(material: Material) -> None:
    _, trials = searched(material, "catalog", np.arange(len(material.values)))
    full = CANDIDATES["tree"].params["full"]
    assert trials[0][0] == {name: full[name] for name in CANDIDATES["tree"].space}
    assert len({tuple(params.values()) for params, _ in trials}) > 1


def test_the_best_trial_is_found(material: Material) -> None:
    found, trials = searched(material, "catalog", np.arange(len(material.values)))
    complete = {np.mean(scores): params for params, scores in trials if len(scores) == 2}
    defaults = trials[0][0]
    best = complete[max(complete)]
    assert found.settings == {name: v for name, v in best.items() if v != defaults[name]}
    assert found.settings
    assert found.n_trials == 6
    assert found.n_stopped == sum(len(scores) == 1 for _, scores in trials)


def test_hopeless_trials_stop_after_one_part(material: Material) -> None:
    found, trials = searched(material, "catalog", np.arange(len(material.values)), n_trials=20)
    assert 0 < found.n_stopped < 20
    best_of_stopped = max(scores[0] for _, scores in trials if len(scores) == 1)
    assert best_of_stopped < max(scores[0] for _, scores in trials if len(scores) == 2)


def test_a_hit_is_searched_by_its_ranking(small_catalog: to.Catalog) -> None:
    material = labelled_material(small_catalog, to.Hit(above=50))[1]
    rows = np.arange(len(material.values))
    _, trials = searched(material, "new_artist", rows)
    assert all(0.3 < score <= 1 for _, scores in trials for score in scores)
    assert score_of(material, rows, material.values) == 1.0
    assert score_of(material, rows, np.zeros(len(rows))) == 0.5


def test_too_few_groups_to_divide_again_leave_the_profile(material: Material) -> None:
    artists = np.unique(material.keys.first_artist)[:4]
    rows = np.flatnonzero(np.isin(material.keys.first_artist, artists))
    assert searched(material, "new_artist", rows) == (Found({}), [])


# The oracle


def test_scores_are_of_the_settings_that_each_fold_found(whole: tuple[to.Oracle, Path]) -> None:
    """No score of the leaderboard is one of a search: those stay in the study."""
    oracle, study = whole
    scores = oracle.report.of("tree").scores
    shown = {round(float(s["r2"].value), 9) for s in scores.values()}
    inside = {
        round(float(value), 9)
        for line in study.read_text().splitlines()
        for value in json.loads(line).get("intermediate_values", {}).values()
    }
    assert len(inside) > N_SEARCHES
    assert not shown & inside


def test_notes_say_what_was_searched_and_what_it_gained(whole: tuple[to.Oracle, Path]) -> None:
    notes = [note for note in whole[0].report.notes if note.startswith("search: ")]
    assert len(notes) == 2
    assert "settings of tree were looked for within the training rows of each fold" in notes[0]
    assert "5 searches, budget 4 trials each: 20 trials, " in notes[0]
    assert "mean gain of tree over the profile's settings in the same folds" in notes[1]
    assert "catalog +" in notes[1] or "catalog -" in notes[1]
    assert "new_artist" in notes[1]


def test_the_gain_is_the_difference_to_a_run_without_search(
    material: Material,
) -> None:
    config = SEARCHED.with_overrides({"search.n_trials": 8})
    protocol = PROTOCOLS["catalog"]
    judgements = [begin_judgement(material, protocol, ("tree",), config) for _ in range(2)]
    searches = Searches(material, config, judgements[:1], 1)
    with workers(1) as pool:
        found = searches.in_folds(pool, lambda *_: None)
        settings = {place: there.settings for place, there in found.items()}
        judge(material, judgements[:1], config, pool, lambda *_: None, settings)
        judge(material, judgements[1:], config, pool, lambda *_: None)
    with_search, without = (
        np.mean([score_of(material, f.test, j.raw["tree"][f.test]) for f in j.folds])
        for j in judgements
    )
    assert any(settings.values())
    assert f"catalog {with_search - without:+.4f}" in searches.notes()[1]


def test_the_bundle_tells_the_settings_of_its_model(whole: tuple[to.Oracle, Path]) -> None:
    oracle, study = whole
    loaded = to.load_oracle(study.with_suffix(".oracle"))
    assert loaded.bundle.settings == oracle.bundle.settings
    full = CANDIDATES["tree"].params["full"]
    assert set(loaded.bundle.settings) == set(full)
    assert loaded.bundle.config["search"]["n_trials"] == 4
    depth = loaded.bundle.model.estimator.get_depth()  # type: ignore[attr-defined]
    assert depth <= loaded.bundle.settings["max_depth"]


def test_counted_trials_give_the_same_bytes(
    small_catalog: to.Catalog, whole: tuple[to.Oracle, Path], tmp_path: Path
) -> None:
    again = to.train(small_catalog, config=SEARCHED, n_jobs=2)
    again.save(tmp_path / "again.oracle")
    assert (tmp_path / "again.oracle").read_bytes() == (
        whole[1].with_suffix(".oracle").read_bytes()
    )


def test_progress_counts_searches_and_tells_no_score(small_catalog: to.Catalog) -> None:
    told: list[tuple[int, int, str]] = []
    config = SEARCHED.with_overrides({"search.n_trials": 1})
    to.train(small_catalog, config=config, n_jobs=1, progress=lambda *step: told.append(step))
    n_fits = 4 * 2 * 2  # three baselines and the tree
    assert [done for done, _, _ in told] == list(range(1, n_fits + N_SEARCHES))
    assert {n_all for _, n_all, _ in told} == {n_fits + N_SEARCHES - 1}
    assert told[0][2].startswith("search: ")
    assert told[0][2].endswith(", tree")
    assert not any("0." in last for _, _, last in told)


# Budget


def test_no_time_means_the_profile(small_catalog: to.Catalog) -> None:
    config = SEARCHED.with_overrides({"search.n_trials": 0, "search.seconds": 0.001})
    oracle = to.train(small_catalog, config=config, n_jobs=1)
    assert oracle.bundle.settings == CANDIDATES["tree"].params["full"]
    assert any("budget 0.001 seconds: 0 trials" in note for note in oracle.report.notes)


def test_seconds_are_shared_by_the_searches(small_catalog: to.Catalog) -> None:
    config = SEARCHED.with_overrides({"search.n_trials": 0, "search.seconds": 4})
    spent: list[float] = []
    for seconds in ("4", "0"):
        report = to.train(
            small_catalog, config=config.with_overrides({"search.seconds": seconds}), n_jobs=1
        ).report
        spent.append(report.seconds or 0)
    assert 2 < spent[0] - spent[1] < 20


def test_a_search_ends_when_told(material: Material) -> None:
    import threading

    stop = threading.Event()
    stop.set()
    rows = np.arange(len(material.values))
    assert searched(material, "catalog", rows, stop=stop) == (Found({}), [])


# Study files


class Interrupted(KeyboardInterrupt):
    """Ctrl-C of a test."""


def test_a_study_goes_on_after_an_interrupt(
    small_catalog: to.Catalog, whole: tuple[to.Oracle, Path], tmp_path: Path
) -> None:
    study = tmp_path / "cut.study"

    def interrupt(n_done: int, n_all: int, last: str) -> None:
        if n_done == 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        to.train(small_catalog, config=SEARCHED, n_jobs=1, study=study, progress=interrupt)
    n_before = len(study.read_text().splitlines())
    n_whole = len(whole[1].read_text().splitlines())
    assert 8 < n_before < n_whole
    oracle = to.train(small_catalog, config=SEARCHED, n_jobs=1, study=study)
    oracle.save(tmp_path / "cut.oracle")
    assert (tmp_path / "cut.oracle").read_bytes() == whole[1].with_suffix(".oracle").read_bytes()
    assert len(study.read_text().splitlines()) == n_whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.oracle", "cut.study"]


def test_a_whole_study_is_not_searched_again(
    small_catalog: to.Catalog, whole: tuple[to.Oracle, Path], tmp_path: Path
) -> None:
    before = whole[1].read_bytes()
    to.train(small_catalog, config=SEARCHED, n_jobs=2, study=whole[1]).save(tmp_path / "a.oracle")
    assert whole[1].read_bytes() == before
    assert (tmp_path / "a.oracle").read_bytes() == whole[1].with_suffix(".oracle").read_bytes()


def test_more_trials_go_on_from_fewer(
    small_catalog: to.Catalog, whole: tuple[to.Oracle, Path], tmp_path: Path
) -> None:
    study = tmp_path / "more.study"
    study.write_bytes(whole[1].read_bytes())
    config = SEARCHED.with_overrides({"search.n_trials": 5, "n_bootstrap": 30})
    to.train(small_catalog, config=config, n_jobs=1, study=study)
    assert study.read_bytes().startswith(whole[1].read_bytes())
    n_more = len(study.read_text().splitlines()) - len(whole[1].read_text().splitlines())
    assert n_more == N_SEARCHES


def test_no_study_leaves_nothing_behind(
    small_catalog: to.Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    to.train(small_catalog, config=SEARCHED.with_overrides({"search.n_trials": 1}), n_jobs=1)
    assert not list(tmp_path.iterdir())


def refusal(study: Path, catalog: to.Catalog, **changes: Any) -> str:
    before = study.read_bytes()
    with pytest.raises(StudyError) as caught:
        to.train(catalog, study=study, n_jobs=1, **{"config": SEARCHED, **changes})
    assert study.read_bytes() == before
    return str(caught.value).replace(str(study), "{path}")


WAY_OUT = "Choose another file for --study, or delete this one."


def test_a_study_of_something_else_is_refused(
    small_catalog: to.Catalog, whole: tuple[to.Oracle, Path], tmp_path: Path
) -> None:
    study = tmp_path / "other.study"
    study.write_bytes(whole[1].read_bytes())
    fewer = small_catalog.take(np.arange(len(small_catalog) - 1))
    for kind, catalog, changes in (
        ("target", small_catalog, {"target": to.Hit(above=50)}),
        ("config", small_catalog, {"config": SEARCHED.with_overrides({"seed": "1"})}),
        ("config", small_catalog, {"config": SEARCHED.with_overrides({"n_folds": "3"})}),
        ("catalog", fewer, {}),
    ):
        assert refusal(study, catalog, **changes) == (
            f"{{path}}: expected a study of this {kind}, got one of another {kind}. {WAY_OUT}"
        )


def test_a_study_that_is_cut_off_is_refused(
    small_catalog: to.Catalog, whole: tuple[to.Oracle, Path], tmp_path: Path
) -> None:
    study = tmp_path / "short.study"
    content = whole[1].read_bytes()
    n_lines = content.count(b"\n")
    for n_bytes in (1, 40):
        study.write_bytes(content[:-n_bytes])
        assert refusal(study, small_catalog) == (
            f"{{path}}: expected whole lines, got a cut-off one at the end (line {n_lines}). "
            "Remove that line to go on from the trials before it, or choose another file."
        )
    study.write_bytes(content[: content[:-1].rindex(b"\n") + 1])
    oracle = to.train(small_catalog, config=SEARCHED, n_jobs=1, study=study)
    oracle.save(tmp_path / "again.oracle")
    assert (tmp_path / "again.oracle").read_bytes() == (
        whole[1].with_suffix(".oracle").read_bytes()
    )


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"", "expected a study, got an empty file. "),
        (b"a,b\n1,2\n", "expected a study that trackoracle train wrote, got something else. "),
        (b"\xff\xfe\n", "expected a study that trackoracle train wrote, got something else. "),
        (b"[1]\n", "expected a study that trackoracle train wrote, got something else. "),
        (
            b'{"op_code":4,"worker_id":"a","study_id":7}\n',
            "expected a study that trackoracle train wrote, got something else. ",
        ),
        (
            b'{"op_code":0,"worker_id":"a","study_name":"mine","directions":[2]}\n',
            "expected a study that trackoracle train wrote, got something else. ",
        ),
    ],
)
def test_a_file_that_is_no_study_is_refused(
    small_catalog: to.Catalog, tmp_path: Path, content: bytes, got: str
) -> None:
    study = tmp_path / "mine.txt"
    study.write_bytes(content)
    assert refusal(study, small_catalog) == f"{{path}}: {got}{WAY_OUT}"


def test_a_study_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="expected an existing folder"):
        check_search(SEARCHED, tmp_path / "nowhere" / "a.study")


# Settings


@pytest.mark.parametrize("name", [n for n, c in CANDIDATES.items() if c.space])
def test_the_profile_lies_within_the_space(name: str) -> None:
    candidate = CANDIDATES[name]
    for setting, range_ in candidate.space.items():
        value = candidate.params["full"][setting]
        assert range_.low <= value <= range_.high
        assert type(value) is type(range_.low) is type(range_.high)
    assert set(candidate.quick) <= set(candidate.params["full"])


def test_settings_given_are_not_searched() -> None:
    config = SEARCHED.with_overrides({"params.tree.max_depth": "3"})
    assert set(config.space_of("tree")) == {"min_samples_leaf"}
    both = config.with_overrides({"params.tree.min_samples_leaf": "9"})
    assert both.searched == ()


def test_which_candidates_are_searched() -> None:
    assert TrainingConfig(profile="full").searched == ("lightgbm", "lightgbm_bins")
    assert TrainingConfig().searched == ()
    assert SEARCHED.searched == ("tree",)
    assert SEARCHED.with_overrides({"candidates": "linear"}).searched == ()
    none = TrainingConfig(profile="full").with_overrides({"search.seconds": "0"})
    assert none.searched == ()


def test_a_configuration_file_may_set_the_search(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        'profile = "full"\n[search]\nseconds = 30\nn_trials = 7\ncandidates = ["forest"]\n'
    )
    config = load_config(path)
    assert config.search == SearchSettings(30.0, 7, ("forest",))
    assert config.searched == ("forest",)


@pytest.mark.parametrize(
    ("settings", "error", "expected"),
    [
        (
            {"search.second": "3"},
            UnknownNameError,
            "setting: expected a known name, got 'second'. Did you mean 'seconds'?",
        ),
        (
            {"search.candidates": "lightgm"},
            UnknownNameError,
            "candidate: expected a known name, got 'lightgm'. Did you mean 'lightgbm'?",
        ),
        (
            {"search.candidates": "linear"},
            ConfigError,
            "search.candidates: expected some of tree, forest, hist_boosting, xgboost, lightgbm, "
            "lightgbm_bins, network, network_bins, got linear, of which nothing is searched. Leave "
            "it out.",
        ),
        (
            {"search.seconds": "-1"},
            ConfigError,
            "search.seconds: expected 0 to 10,000,000, got -1.0. Correct it.",
        ),
        (
            {"search.seconds": "nan"},
            ConfigError,
            "search.seconds: expected 0 to 10,000,000, got nan. Correct it.",
        ),
        (
            {"search.n_trials": "some"},
            ConfigError,
            "n_trials: expected a value like 4, got 'some'. Correct it.",
        ),
    ],
)
def test_impossible_searches(
    settings: dict[str, str], error: type[to.errors.TrackOracleError], expected: str
) -> None:
    with pytest.raises(error) as caught:
        SEARCHED.with_overrides(settings)
    assert str(caught.value) == expected


def test_a_search_that_would_not_happen_is_refused(tmp_path: Path) -> None:
    fast = TrainingConfig(candidates=("tree",)).with_overrides({"search.n_trials": "3"})
    with pytest.raises(ConfigError) as caught:
        to.train("sample", config=fast)
    assert str(caught.value) == (
        "search.n_trials=3: expected a run that searches, got profile fast, search.seconds=300 and "
        "candidates median, genre_mean, artist_mean, tree. Choose --profile full with "
        "lightgbm_bins or lightgbm."
    )
    with pytest.raises(ConfigError, match=r"^--study: expected a run that searches, got profile"):
        to.train("sample", study=tmp_path / "a.study")
    assert not list(tmp_path.iterdir())


def test_without_optuna(small_catalog: to.Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError) as caught:
        to.train("no such file", config=TrainingConfig(profile="full"))
    assert str(caught.value) == "optuna is not installed. Run: pip install 'trackoracle[study]'"
    config = SEARCHED.with_overrides({"search.seconds": 0, "search.n_trials": 0})
    assert to.train(small_catalog, config=config, n_jobs=1).bundle.settings


# The command


def test_the_command_searches_and_goes_on(small_catalog: to.Catalog, tmp_path: Path) -> None:
    catalog, study = tmp_path / "tracks.parquet", tmp_path / "a.study"
    small_catalog.tracks.write_parquet(catalog)
    command = [
        *("train", catalog, "--profile", "full", "--folds", 2, "--study", study, "--json", "-"),
        *("--set", "candidates=tree", "--set", "search.candidates=tree"),
        *("--set", "search.n_trials=2", "--set", "protocols=catalog"),
    ]

    first = run_here(*command)
    assert first.returncode == 0, first.stderr
    content = study.read_bytes()
    again = run_here(*command)
    assert study.read_bytes() == content
    reports = [json.loads(done.stdout) for done in (first, again)]
    assert reports[0]["candidates"][0]["scores"] == reports[1]["candidates"][0]["scores"]
    assert any("3 searches, budget 2 trials each" in note for note in reports[0]["notes"])
    study.write_bytes(content[:-5])
    broken = run_here(*command)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "expected whole lines, got a cut-off one at the end" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert study.read_bytes() == content[:-5]
