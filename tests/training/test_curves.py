"""Learning curves, differences to the chosen candidate, and the curves of a report."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from tests.conftest import QUICK

import trackoracle as to
from trackoracle.errors import ConfigError
from trackoracle.schema import Report, report_from_dict
from trackoracle.splits import PROTOCOLS
from trackoracle.training import labelled_material, workers
from trackoracle.training.curves import learning_curve, strictest, training_groups
from trackoracle.training.folds import Judgement, begin_judgement, judge
from trackoracle.training.material import Material

LINEAR = dataclasses.replace(QUICK, candidates=("linear", "tree"))


@pytest.fixture(scope="module")
def report(small_catalog: to.Catalog) -> Report:
    return to.train(small_catalog, config=LINEAR, curve=True, n_jobs=1).report


@pytest.fixture(scope="module")
def hit_report(small_catalog: to.Catalog) -> Report:
    return to.train(small_catalog, target=to.Hit(above=45), config=LINEAR, n_jobs=1).report


@pytest.fixture(scope="module")
def judged(small_catalog: to.Catalog) -> tuple[Material, Judgement]:
    _, material, _ = labelled_material(small_catalog, to.Popularity())
    judgement = begin_judgement(material, PROTOCOLS["new_artist"], ("tree",), QUICK)
    with workers(1) as pool:
        judge(material, [judgement], QUICK, pool, lambda *_: None)
    return material, judgement


def _curve(judged: tuple[Material, Judgement], shares: tuple[float, ...], told: list | None = None):
    material, judgement = judged
    told = [] if told is None else told
    with workers(1) as pool:
        return learning_curve(
            material,
            judgement,
            "tree",
            QUICK,
            threshold=0.5,
            pool=pool,
            progress=lambda *what: told.append(what),
            shares=shares,
        )


def test_the_last_point_is_the_leaderboards(report: Report) -> None:
    curve = report.learning
    assert curve is not None
    assert (curve.candidate, curve.protocol, curve.metric) == (report.chosen, "new_artist", "r2")
    assert curve.groups == "artist"
    assert curve.points[-1].share == 1
    assert curve.points[-1].score == report.of(report.chosen).scores["new_artist"]["r2"]
    assert report_from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_shares_grow_by_whole_artists(judged) -> None:
    material, judgement = judged
    told: list[tuple[int, int, str]] = []
    curve = _curve(judged, (1.0, 0.3, 0.6), told)
    assert [p.share for p in curve.points] == [0.3, 0.6, 1.0]
    groups = training_groups(material.keys, judgement.protocol)
    whole = np.mean([len(np.unique(groups[fold.train])) for fold in judgement.folds])
    for point in curve.points:
        assert point.n_groups == pytest.approx(point.share * whole, abs=1)
        assert point.score.low <= point.score.value <= point.score.high
    sizes = [p.n_tracks for p in curve.points]
    assert sizes == sorted(set(sizes))
    assert [n_done for n_done, _, _ in told] == [1, 2, 3, 4, 5, 6]
    assert told[0][1:] == (6, "learning curve, 30 %, tree")


def test_a_share_is_the_same_alone_and_among_others(judged) -> None:
    alone, among = _curve(judged, (0.5,)), _curve(judged, (0.3, 0.5))
    assert alone.points[0] == among.points[1]


def test_shares_too_small_to_train_on_are_left_out(judged) -> None:
    assert [p.share for p in _curve(judged, (0.001, 1.0)).points] == [1.0]


@pytest.mark.parametrize("shares", [(), (0.0, 1.0), (1.2,), (math.nan,)])
def test_impossible_shares_are_refused(judged, shares: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="shares: expected above 0 to 1, got"):
        _curve(judged, shares)


def test_answers_of_a_search_are_replaced(judged) -> None:
    material, judgement = judged
    other = dataclasses.replace(judgement, raw={"tree": np.zeros(len(judgement.fold_of))})
    for number, fold in enumerate(judgement.folds):
        other.unsearched["tree", number] = judgement.raw["tree"][fold.test]
    assert _curve((material, other), (1.0,)) == _curve(judged, (1.0,))


def test_the_strictest_honest_protocol_is_taken(judged) -> None:
    material, judgement = judged
    lax = begin_judgement(material, PROTOCOLS["random"], ("tree",), QUICK)
    mild = begin_judgement(material, PROTOCOLS["catalog"], ("tree",), QUICK)
    assert strictest([lax, mild]) is mild
    assert strictest([judgement, mild, lax]) is judgement


def test_no_curve_unless_asked(small_oracle: to.Oracle) -> None:
    assert small_oracle.report.learning is None


def test_differences_are_to_the_chosen(report: Report) -> None:
    best = report.of(report.chosen)
    assert best.difference == {}
    for result in (*report.baselines, *report.candidates):
        for protocol, found in result.difference.items():
            own, chosen = result.scores[protocol]["r2"], best.scores[protocol]["r2"]
            assert found.value == pytest.approx(own.value - chosen.value)
            assert found.low <= found.high
            assert found.p is not None
            assert 0 <= found.p <= 1
            assert found.beyond_chance == ((found.low > 0 or found.high < 0) and found.p < 0.05)
    assert report.of("median").difference["catalog"].beyond_chance


def test_intervals_hold_about_what_they_promise(report: Report) -> None:
    scores = report.of(report.chosen).scores["catalog"]
    for level in (50, 80, 90):
        assert level / 100 - 0.05 < scores[f"coverage_{level}"].value < level / 100 + 0.12
    widths = [scores[f"width_{level}"].value for level in (50, 80, 90)]
    assert widths == sorted(widths)
    assert "coverage_90" not in report.of("median").scores["catalog"]
    assert {"coverage_90", "width_90", "bias", "mae"} <= set(report.by_band["catalog"][0].scores)


def test_curves_agree_with_the_scores(hit_report: Report) -> None:
    for protocol, curves in hit_report.curves.items():
        scores = hit_report.of(hit_report.chosen).scores[protocol]
        roc, calls = curves.roc, curves.confusion
        assert roc is not None
        assert calls is not None
        area = np.trapezoid(roc.true_positive_rate, roc.false_positive_rate)
        assert area == pytest.approx(scores["roc_auc"].value, abs=0.002)
        called = calls.true_positive + calls.false_positive
        assert calls.true_positive / called == pytest.approx(scores["precision"].value)
        found = calls.true_positive + calls.false_negative
        assert calls.true_positive / found == pytest.approx(scores["recall"].value)
    assert report_from_dict(json.loads(json.dumps(hit_report.to_dict()))) == hit_report


def test_numbers_have_a_calibration_and_no_ranking(report: Report) -> None:
    assert set(report.curves) == {p.name for p in report.protocols}
    for curves in report.curves.values():
        assert curves.roc is None
        assert sum(b.n_tracks for b in curves.calibration.bins) == report.protocols[0].n_tracks


def test_a_report_of_format_1_is_read(report: Report) -> None:
    facts = report.to_dict()
    del facts["curves"], facts["learning"]
    for result in (*facts["candidates"], *facts["baselines"]):
        del result["difference"]
    old = report_from_dict(facts)
    assert (old.curves, old.learning) == ({}, None)
    assert old.of("tree").scores == report.of("tree").scores


@pytest.mark.parametrize(
    "path",
    [
        ("baselines", 0, "difference", "catalog", "p"),
        ("curves", "catalog", "calibration", "bins", 0, "predicted"),
        ("curves", "catalog", "roc", "threshold"),
        ("curves", "catalog", "confusion", "true_positive"),
    ],
)
def test_what_is_no_number_in_a_stored_report_is_refused(hit_report: Report, path: tuple) -> None:
    facts = json.loads(json.dumps(hit_report.to_dict()))
    place = facts
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "<b>"
    with pytest.raises(ValueError, match="could not convert string to float"):
        report_from_dict(facts)
