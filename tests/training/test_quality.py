"""The quality of a distribution is judged on the right rows, its rival has not seen them."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from tests.conftest import QUICK

import trackoracle as to
from trackoracle.distributions import Calibration
from trackoracle.evaluation import Judged
from trackoracle.schema import Catalog, Popularity, Quality, report_from_dict
from trackoracle.splits import PROTOCOLS
from trackoracle.training import calibrated
from trackoracle.training.calibrated import calibrate
from trackoracle.training.folds import PARTS, Judgement, begin_judgement
from trackoracle.training.leaderboard import genre_rows, placed
from trackoracle.training.material import Material
from trackoracle.training.quality import isotonic_answers, judge_quality
from trackoracle.training.train import labelled_material


@pytest.fixture(scope="module")
def labelled(small_catalog: Catalog) -> tuple[Catalog, Material, Judgement]:
    catalog, material, _ = labelled_material(small_catalog, Popularity(hit_above=45))
    return catalog, material, begin_judgement(material, PROTOCOLS["catalog"], ("tree",), QUICK)


def _judged(material: Material, judgement: Judgement, raw: np.ndarray) -> Judged:
    rows = judgement.scored
    target, answer = material.values[rows], raw[rows]
    ends = {90: (answer - 20, answer + 20)}
    p_hit = 1 / (1 + np.exp(-(answer - 45) / 5))
    weight, cluster = material.keys.weight_among(rows), material.keys.recording[rows]
    return Judged(target, answer, answer, weight, cluster, ends, p_hit)


@pytest.fixture(scope="module")
def raw(labelled) -> np.ndarray:
    values = labelled[1].values
    return values + np.random.default_rng(0).normal(0, 12, len(values))


@pytest.fixture(scope="module")
def quality(labelled, raw) -> Quality:
    catalog, material, judgement = labelled
    genres = genre_rows(catalog, 30)
    judged = _judged(material, judgement, raw)
    return judge_quality(material, judgement, judged, raw, genres, QUICK)


def test_intervals_and_hits_are_judged(labelled, raw, quality: Quality) -> None:
    _, material, _ = labelled
    assert quality.inputs == "all"
    assert quality.intervals is not None
    assert quality.intervals.width.value == pytest.approx(40)
    assert quality.intervals.coverage == quality.scores["coverage_90"]
    assert quality.hits is not None
    rate = np.average(material.values > 45, weights=material.keys.weight)
    assert quality.hits.base_rate == pytest.approx(rate)
    assert quality.hits.brier.value < quality.hits.uncertainty


def test_isotonic_has_not_seen_the_fold_it_answers(labelled, raw) -> None:
    _, material, judgement = labelled
    is_hit = (material.values > 45).astype(float)
    own = judgement.fold_of == 0
    before = isotonic_answers(material, judgement, raw, is_hit)
    after = isotonic_answers(material, judgement, raw, np.where(own, 1 - is_hit, is_hit))
    assert np.array_equal(before[own], after[own])
    assert not np.array_equal(before[~own], after[~own])
    order = np.argsort(raw[own])
    assert (np.diff(before[own][order]) >= 0).all()


def test_genres_are_found_among_the_scored_rows(labelled) -> None:
    catalog, _, judgement = labelled
    fold_of = judgement.fold_of.copy()
    fold_of[::3] = -1
    part = dataclasses.replace(judgement)
    part.fold_of = fold_of
    groups = genre_rows(catalog, 30)
    assert groups
    for genre, rows in placed(groups, part).items():
        scored = part.scored[rows]
        assert set(scored) == set(groups[genre]) - set(range(0, len(fold_of), 3))
        assert all(genre in catalog.tracks["genres"][int(row)] for row in scored)


def test_a_trained_oracle_tells_its_quality_and_reads_it_again(small_oracle: to.Oracle) -> None:
    report = small_oracle.report
    assert set(report.quality) == {protocol.name for protocol in report.protocols}
    for protocol, (quality, *partial) in report.quality.items():
        own = report.of(report.chosen).scores[protocol]
        assert (quality.inputs, quality.scores) == ("all", own)
        parts = [", ".join(given) for given in PARTS.get(protocol, ())]
        assert [part.inputs for part in partial] == parts
        assert all(part.scores != own for part in partial)
        assert quality.intervals is not None
        assert quality.intervals.width == own["width_90"]
    facts = json.loads(json.dumps(report.timeless()))
    assert report_from_dict(facts).quality == report.quality
    del facts["quality"]
    assert report_from_dict(facts).quality == {}


def test_what_is_no_number_is_not_read(quality: Quality, small_oracle: to.Oracle) -> None:
    facts = json.loads(json.dumps(small_oracle.report.timeless()))
    facts["quality"] = {"catalog": [json.loads(json.dumps(quality.to_dict()))]}
    assert report_from_dict(facts).quality == {"catalog": (quality,)}
    facts["quality"]["catalog"][0]["hits"]["base_rate"] = "many"
    with pytest.raises(ValueError, match="many"):
        report_from_dict(facts)


def test_a_hit_target_has_no_intervals(small_catalog: to.Catalog) -> None:
    config = dataclasses.replace(QUICK, candidates=("tree",), protocols=("catalog",))
    report = to.train(small_catalog, target=to.Hit(above=45), config=config, n_jobs=1).report
    (quality,) = report.quality["catalog"]
    assert quality.intervals is None
    assert quality.hits is not None
    assert quality.hits.brier == report.of(report.chosen).scores["catalog"]["brier"]


def test_a_fold_is_calibrated_once_whoever_asks(
    small_catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scores, partial inputs and what tracks share read the same calibrations."""
    fitted: list[int] = []

    def counted(*given: object) -> Calibration:
        fitted.append(len(given[1]))
        return calibrate(*given)

    monkeypatch.setattr(calibrated, "calibrate", counted)
    config = dataclasses.replace(QUICK, candidates=("tree",), protocols=("new_artist",))
    oracle = to.train(small_catalog, config=config, n_jobs=1)
    assert len(oracle.report.quality["new_artist"]) > 1
    assert len(fitted) == config.n_folds


def test_calibrations_belong_to_the_answers_they_are_of(labelled) -> None:
    judgement = labelled[2]
    judgement.calibrations["tree", 0] = "fitted"
    assert dataclasses.replace(judgement, raw={}).calibrations == {}
