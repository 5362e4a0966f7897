"""The glass box answers as interpret does, without it, and takes no table that does not fit."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.contracts.test_candidates import NAMES, _request

from trackoracle.errors import BundleError, MissingExtraError
from trackoracle.models import CANDIDATES, FitRequest
from trackoracle.models import glass_box as module
from trackoracle.models.glass_box import GlassBox, bins_of

EBM = CANDIDATES["ebm"]
FILE = "glass_box.json"


def _small(task: str) -> FitRequest:
    request = _request(EBM, task)
    return replace(request, params={**request.params, "max_rounds": 30, "interactions": 2})


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_answers_are_those_of_the_machine(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    machines: list[Any] = []
    read = module._read

    def spied(machine: Any, *rest: Any) -> GlassBox:
        machines.append(machine)
        return read(machine, *rest)

    monkeypatch.setattr(module, "_read", spied)
    request = _small(task)
    model = EBM.fit(request)
    columns = zip(request.matrix.T, model.cuts, strict=True)
    bins = np.stack([bins_of(column, cuts) for column, cuts in columns], axis=1)
    (machine,) = machines
    own = model.predict(request.matrix)
    if task == "regression":
        told = machine.predict(bins.astype(float))
    else:
        told = machine.predict_proba(bins.astype(float))
        told = told[:, 1] if task == "binary" else told
        own = own[:, :4] if task == "multiclass" else own
    np.testing.assert_allclose(own, told, rtol=0, atol=1e-12)
    n_pairs = sum(len(term.inputs) == 2 for term in model.terms)
    assert n_pairs == (0 if task == "multiclass" else 2)


def test_a_pair_is_halved() -> None:
    model = EBM.fit(_small("regression"))
    (term,) = (term for term in model.terms[-1:] if len(term.inputs) == 2)
    alone = replace(model, terms=(term,))
    matrix = _small("regression").matrix[:50]
    (part,) = alone.additive()
    told = part.contributions(matrix, np.ones((50, 1)), 1)
    one, other = term.inputs
    np.testing.assert_array_equal(told[:, one], told[:, other])
    np.testing.assert_allclose(told.sum(axis=1) + model.intercept, alone.predict(matrix))


def test_a_saved_model_needs_no_interpret(monkeypatch: pytest.MonkeyPatch) -> None:
    request = _small("binary")
    model = EBM.fit(request)
    members, answers = model.members(), model.predict(request.matrix)
    monkeypatch.setitem(sys.modules, "interpret.glassbox", None)
    loaded = EBM.load(members, len(NAMES), "binary", 2)
    assert np.array_equal(loaded.predict(request.matrix), answers)
    with pytest.raises(MissingExtraError, match=r"trackoracle\[ebm\]"):
        EBM.fit(request)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_nothing_known_of_any_track(task: str) -> None:
    request = _small(task)
    empty = replace(request, matrix=np.full_like(request.matrix, np.nan))
    answers = EBM.fit(empty).predict(request.matrix)
    assert np.isfinite(answers).all()
    assert np.ptp(answers, axis=0).max() == 0
    if task != "multiclass":
        mean = np.average(request.target, weights=request.weight)
        np.testing.assert_allclose(answers[0], mean)


def test_two_tiers_are_one_margin() -> None:
    request = _small("multiclass")
    two = replace(request, target=np.where(request.target > 1, 3.0, 1.0))
    model = EBM.fit(two)
    answers = model.predict(request.matrix)
    assert answers[:, [0, 2, 4]].max() == 0
    again = EBM.load(model.members(), len(NAMES), "multiclass", 5)
    assert np.array_equal(again.predict(request.matrix), answers)


def _set(*path: Any) -> Callable[[Any], None]:
    def change(facts: Any) -> None:
        *steps, last, value = path
        for step in steps:
            facts = facts[step]
        facts[last] = value

    return change


ATTACKS: dict[str, Callable[[Any], None]] = {
    "input_outside": _set("terms", 0, 0, [99]),
    "input_negative": _set("terms", 0, 0, [-1]),
    "no_input": _set("terms", 0, 0, []),
    "same_input_twice": _set("terms", 0, 0, [0, 0]),
    "short_table": _set("terms", 0, 1, [[0.0]]),
    "not_a_number": _set("terms", 0, 1, 0, 0, float("nan")),
    "falling_cuts": _set("cuts", 0, 0, 1e9),
    "endless_cut": _set("cuts", 0, -1, float("inf")),
    "fewer_inputs": lambda facts: facts["cuts"].pop(),
    "two_margins": _set("intercept", [0.0, 0.0]),
    "classes_of_points": _set("classes", [0]),
    "gains_of_others": _set("gained", [1.0]),
}


@pytest.fixture(scope="module")
def members() -> dict[str, bytes]:
    return dict(EBM.fit(_small("regression")).members())


@pytest.mark.parametrize("name", ATTACKS)
def test_a_table_that_does_not_fit_is_refused(name: str, members: dict[str, bytes]) -> None:
    facts = json.loads(members[FILE])
    ATTACKS[name](facts)
    with pytest.raises(BundleError, match="expected curves of 4 inputs for a regression"):
        EBM.load({FILE: json.dumps(facts).encode()}, len(NAMES), "regression", 0)


@pytest.mark.parametrize("classes", [[0, 1, 2, 9], [3, 2, 1, 0], [-1, 0, 1, 2], [0, 1, 2]])
def test_other_tiers_are_refused(classes: list[int]) -> None:
    facts = json.loads(EBM.fit(_small("multiclass")).members()[FILE])
    assert facts["classes"] == [0, 1, 2, 3]
    facts["classes"] = classes
    with pytest.raises(BundleError, match="for a multiclass, got others"):
        EBM.load({FILE: json.dumps(facts).encode()}, len(NAMES), "multiclass", 5)
