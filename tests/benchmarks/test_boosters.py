"""The benchmark of CatBoost: what both are shown, how answers are judged, and what is claimed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from benchmarks.accuracy import Standing
from benchmarks.material import Material

from benchmarks import boosters
from trackoracle.schema import Estimate


def test_both_are_shown_the_same_rows_and_judged_on_other_artists(
    material: Material, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as pool:
        new_artist, catalog = boosters.cases(material, tmp_path / "kept", pool)
    assert (new_artist.protocol, catalog.protocol) == ("new_artist", "catalog")
    keys, fold = new_artist.court.catalog.keys, new_artist.fold
    assert not set(keys.first_artist[fold.train]) & set(keys.first_artist[fold.test])
    request, judged = new_artist.shown
    # Each track twice, as a known artist's and as a debut, which together weigh what it does.
    assert request.matrix.shape == (2 * len(fold.train), judged.shape[1])
    assert request.weight.sum() == pytest.approx(keys.weight_among(fold.train).sum())
    assert len(judged) == len(fold.test)


def test_bins_are_judged_by_their_mean_and_middle(material: Material, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        case = boosters.cases(material, tmp_path / "kept", pool)[0]
    answers = np.zeros((len(case.fold.test), len(case.court.target.bins) + 1))
    answers[:, 0], answers[:, 2] = 0.4, 0.6
    judged = case.beside(answers)
    # Bins 0 and 2 stand for 0 and for 6 to 10 points.
    assert judged.mean == pytest.approx(0.6 * 8)
    assert judged.median.tolist() == [8.0] * len(answers)
    truth = case.court.catalog.tracks["popularity"].to_numpy()[case.fold.test]
    assert judged.target.tolist() == truth.tolist()


def test_ahead_is_beyond_chance() -> None:
    def standing(model: str, low: float) -> Standing:
        scores, ahead = {"r2": Estimate(0.6, 0.5, 0.7)}, {"r2": Estimate(0.01, low, 0.02)}
        return Standing("popularity, catalog", model, 9, scores, ahead)

    told = [standing(boosters.OURS, 0), standing(boosters.RIVAL, -0.001)]
    alone, mixed = boosters.claims([*told, standing(boosters.MIXTURE, 0.001)])
    assert (alone.holds, mixed.holds) == (True, False)
