"""Saved tier models whose numbers of classes do not fit are refused before they are built."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from trackoracle.errors import BundleError
from trackoracle.models import CANDIDATES, FitRequest, Members

N_CLASSES, NAMES = 4, ("energy", "genre_history_mean")
TEXT, JSON, SKOPS, BASELINE = (
    "lightgbm.txt",
    "xgboost.json",
    "estimator.skops",
    "baseline.json",
)
OTHERS = "expected trees over 2 inputs, got others"


def _fitted(name: str) -> Members:
    random = np.random.default_rng(0)
    matrix = random.normal(size=(300, len(NAMES))).astype(np.float32)
    target = np.clip(np.rint(matrix[:, 0] + 1.5), 0, N_CLASSES - 1).astype(np.float64)
    params = {**CANDIDATES[name].params["fast"]}
    params |= {key: 3 for key in ("n_trees", "n_estimators", "max_iter") if key in params}
    request = FitRequest(
        matrix, NAMES, target, np.ones(300), "multiclass", params, 0, n_classes=N_CLASSES
    )
    return CANDIDATES[name].fit(request).members()


def in_text(old: str, new: str) -> Callable[[bytes], bytes]:
    def attack(content: bytes) -> bytes:
        changed, n = re.subn(old, new, content.decode(), count=1, flags=re.M | re.S)
        assert n == 1
        return changed.encode()

    return attack


def in_json(change: Callable[[Any], None]) -> Callable[[bytes], bytes]:
    def attack(content: bytes) -> bytes:
        facts = json.loads(content)
        change(facts)
        return json.dumps(facts).encode()

    return attack


def in_learner(*path: Any) -> Callable[[bytes], bytes]:
    """Set the value at a path into XGBoost's learner; the last entry is the value."""

    def change(facts: Any) -> None:
        *steps, last, value = ("learner", *path)
        for step in steps:
            facts = facts[step]
        assert facts[last] != value
        facts[last] = value

    return in_json(change)


def in_model(*path: Any) -> Callable[[bytes], bytes]:
    return in_learner("gradient_booster", "model", *path)


def fewer_trees(facts: Any) -> None:
    model = facts["learner"]["gradient_booster"]["model"]
    for name in ("trees", "tree_info", "iteration_indptr"):
        model[name].pop()
    model["gbtree_model_param"]["num_trees"] = str(len(model["trees"]))


def with_classes(classes: list[float]) -> Callable[[bytes], bytes]:
    def attack(content: bytes) -> bytes:
        from skops.io import dumps, loads

        from trackoracle.models.scikit import TRUSTED_TYPES

        estimator = loads(content, trusted=list(TRUSTED_TYPES))
        estimator.classes_ = np.array(classes)
        return bytes(dumps(estimator))

    return attack


def in_shares(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    def attack(content: bytes) -> bytes:
        facts = json.loads(content)
        facts["shares"] = np.asarray(change(np.array(facts["shares"]))).tolist()
        return json.dumps(facts).encode()

    return attack


def with_places(places: list[Any]) -> Callable[[bytes], bytes]:
    return in_json(lambda facts: facts.update(places=places))


ATTACKS: dict[str, tuple[str, str, Callable[[bytes], bytes], str]] = {
    "text_classes": ("lightgbm", TEXT, in_text("^num_class=4", "num_class=5"), "num_class"),
    "text_round": (
        "lightgbm",
        TEXT,
        in_text("^num_tree_per_iteration=4", "num_tree_per_iteration=100000"),
        "num_tree_per_iteration",
    ),
    "text_objective": ("lightgbm", TEXT, in_text("num_class:4", "num_class:40000"), "objective"),
    "text_fewer_trees": (
        "lightgbm",
        TEXT,
        in_text(r"\nTree=11.*\nend of trees", "\nend of trees"),
        "4 trees a round, got 11",
    ),
    "classes": ("xgboost", JSON, in_learner("learner_model_param", "num_class", "40000"), OTHERS),
    "softmax": (
        "xgboost",
        JSON,
        in_learner("objective", "softmax_multiclass_param", "num_class", "40000"),
        OTHERS,
    ),
    "base": ("xgboost", JSON, in_learner("learner_model_param", "base_score", "[1E0]"), OTHERS),
    "group": ("xgboost", JSON, in_model("tree_info", 0, 3), OTHERS),
    "group_far": ("xgboost", JSON, in_model("tree_info", 3, 99999), OTHERS),
    "slices": ("xgboost", JSON, in_model("iteration_indptr", 1, 5), OTHERS),
    "parallel": ("xgboost", JSON, in_model("gbtree_model_param", "num_parallel_tree", "9"), OTHERS),
    "fewer_trees": ("xgboost", JSON, in_json(fewer_trees), OTHERS),
    "class_outside": ("tree", SKOPS, with_classes([0, 1, 2, 99999]), "4 classes, got others"),
    "class_negative": ("forest", SKOPS, with_classes([-1, 0, 1, 2]), "4 classes, got others"),
    "class_twice": ("hist_boosting", SKOPS, with_classes([0, 1, 1, 2]), "4 classes, got others"),
    "class_between": ("tree", SKOPS, with_classes([0, 0.5, 1, 2]), "4 classes, got others"),
    "places_outside": ("genre_mean", BASELINE, with_places([[2]]), "inputs 0 to 1"),
    "places_below": ("genre_mean", BASELINE, with_places([-1]), "inputs 0 to 1"),
    "places_empty": ("genre_mean", BASELINE, with_places([[]]), "inputs 0 to 1"),
    "shares_short": ("genre_mean", BASELINE, in_shares(lambda a: a[1:]), "4 tiers, got others"),
    "shares_wide": ("genre_mean", BASELINE, in_shares(lambda a: a[:, 1:]), "4 tiers, got others"),
    "shares_negative": ("genre_mean", BASELINE, in_shares(lambda a: a - 0.5), "4 tiers, got other"),
    "shares_nan": ("median", BASELINE, in_shares(lambda a: a * np.nan), "4 tiers, got others"),
    "shares_doubled": ("median", BASELINE, in_shares(lambda a: a * 2), "4 tiers, got others"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str) -> None:
    candidate, member, attack, expected = ATTACKS[name]
    members = _fitted(candidate)
    CANDIDATES[candidate].load(members, len(NAMES), "multiclass", N_CLASSES)
    changed = members | {member: attack(members[member])}
    assert changed != members
    with pytest.raises(BundleError, match=re.escape(expected)):
        CANDIDATES[candidate].load(changed, len(NAMES), "multiclass", N_CLASSES)


def test_a_baseline_of_an_earlier_version_is_read() -> None:
    """It named one column where now those are named that are added up."""
    members, place = _fitted("genre_mean"), NAMES.index("genre_history_mean")
    assert json.loads(members[BASELINE])["places"] == [[place]]
    older = {BASELINE: with_places([place])(members[BASELINE])}
    matrix = np.array([[0.5, 2.0], [0.5, np.nan]], np.float32)
    now, then = (
        CANDIDATES["genre_mean"].load(files, len(NAMES), "multiclass", N_CLASSES).predict(matrix)
        for files in (members, older)
    )
    np.testing.assert_array_equal(now, then)
