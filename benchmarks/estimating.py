"""How well sound tells audio features: our estimators beside plain extra-trees, in the same folds.

Every descriptor file of audio-pairs; folds hold out whole artists (FMA: releases), and every
row of a title that is judged. Then recordings whose features are known, heard from the file,
with their releases left out of all training rows; and files that were left out altogether.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.audio_pairs import PUBLISHED, SIX, every_descriptor, read_pairs
from benchmarks.material import Material
from benchmarks.results import Claim, Line, Result
from trackoracle.audio.estimating.estimates import Estimates
from trackoracle.audio.estimating.labelled import Pool
from trackoracle.audio.estimating.members import EstimatorSettings, fit_members
from trackoracle.audio.estimating.scores import LEVEL
from trackoracle.audio.estimating.training import cross_validate, train_estimators
from trackoracle.audio.learning import describe
from trackoracle.schema import ESTIMATED

N_TREES, SEED, N_FOLDS = 300, 0, 5
LEAST_CORRELATION = 0.8
NEEDED = ("energy", "acousticness")
TWENTY_MFCC = "fma_mfcc20"
"""The recipe by which a file that was left out is asked: others have its columns too."""
ELSEWHERE = ("spotify_means36", "spotify_chroma12_mfcc20", "gtzan57")
Values = NDArray[np.float64]


def run(material: Material) -> Result:
    """Measure every file, then recordings, then files that were left out."""
    folder = Path(os.environ.get("TRACKORACLE_DATA", ""), "audio-pairs")
    if not folder.is_dir():
        raise SystemExit("estimating: expected audio-pairs in TRACKORACLE_DATA, got none. Set it.")
    lines, claims, figures = _files(folder)
    heard_lines, heard_claims = _recordings(folder)
    other_lines = _elsewhere(folder)
    return Result(
        "estimating",
        "does sound tell audio features, better than a plain extra-trees model says?",
        f"audio-pairs; {N_FOLDS} folds by artist or release; R2, and correlation where it says so",
        (*lines, *heard_lines, *other_lines),
        (*claims, *heard_claims),
        figures,
    )


def _files(folder: Path) -> tuple[list[Line], list[Claim], dict[str, object]]:
    pool = Pool.of(read_pairs(folder))
    judged, plain = cross_validate(pool, EstimatorSettings(), SEED), _extra_trees(folder, pool)
    lines, claims, figures = [], [], {}
    for name in SIX:
        source = pool.recipes.index(name)
        ours, theirs = judged.r2(source), _r2(plain[name], pool.labels[pool.source == source])
        readme = np.array(PUBLISHED[name])
        lines += [
            Line(f"{name}: ours", _cells(ours)),
            Line("  extra-trees, all columns of the file", _cells(theirs)),
            Line("  extra-trees, as the README has it", _cells(readme)),
        ]
        what = f"{name}: mean R2 {ours.mean():.3f} above extra-trees' {theirs.mean():.3f}"
        claims.append(Claim(what, bool(ours.mean() > theirs.mean())))
        what = f"{name}: and above the README's {readme.mean():.3f}"
        claims.append(Claim(what, bool(ours.mean() > readme.mean())))
        figures[name] = {"ours": ours.tolist(), "extra_trees": theirs.tolist()}
    return lines, claims, figures


def _extra_trees(folder: Path, pool: Pool) -> dict[str, Values]:
    from sklearn.ensemble import ExtraTreesRegressor

    matrices = every_descriptor(folder)
    told = {name: np.zeros((len(matrices[name]), len(ESTIMATED))) for name in SIX}
    for train, test in pool.folds(N_FOLDS, SEED):
        for name in SIX:
            rows = np.flatnonzero(pool.source == pool.recipes.index(name))
            learned, asked = np.isin(rows, train), np.isin(rows, test)
            forest = ExtraTreesRegressor(N_TREES, random_state=SEED, n_jobs=1)
            forest.fit(matrices[name][learned], pool.labels[rows[learned]])
            told[name][asked] = forest.predict(matrices[name][asked])
    return told


def _recordings(folder: Path) -> tuple[list[Line], list[Claim]]:
    """Hear recordings that no training row is of, nor of their releases."""
    place = folder.parent / "recordings"
    with (place / "fma.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["energy"]]
    estimators = train_estimators(read_pairs(folder, [int(row["track_id"]) for row in rows]))
    told = [estimators.estimate(describe(place / "fma" / row["file"])) for row in rows]
    truths = np.array([[float(row[name]) for name in ESTIMATED] for row in rows])
    values = np.stack([each.values for each in told])
    correlation = _correlation(values, truths)
    lines = [
        Line(f"{len(rows)} recordings, end to end: correlation", _cells(correlation)),
        Line("  mean absolute error", _cells(np.abs(values - truths).mean(axis=0))),
        Line(f"  share within the {LEVEL:.0%} interval", _cells(_held(told, truths))),
    ]
    return lines, _enough("recordings", correlation)


def _held(told: Sequence[Estimates], truths: Values) -> Values:
    low, high = (np.stack(e) for e in zip(*(each.interval(LEVEL) for each in told), strict=True))
    held: Values = ((low <= truths) & (truths <= high)).mean(axis=0)
    return held


def _elsewhere(folder: Path) -> list[Line]:
    """Ask about files of which no row, and no artist, was learned from."""
    parts = read_pairs(folder)
    whole = Pool.of(parts)
    lines = []
    for name in ELSEWHERE:
        left = Pool.of([part for part in parts if part.recipe != name])
        rows = whole.source == whole.recipes.index(name)
        kept = np.flatnonzero(~np.isin(left.group, whole.group[rows]))
        members = fit_members(left, kept, EstimatorSettings(), SEED)
        asked = np.full((int(rows.sum()), len(left.names)), np.nan)
        for i in range(1, 21):
            column = f"mfcc_{i}"
            asked[:, left.names.index(column)] = whole.inputs[rows, whole.names.index(column)]
        told = members.predict(asked, left.recipes.index(TWENTY_MFCC))
        correlation = _correlation(told, whole.labels[rows])
        lines.append(Line(f"{name}, left out, by {TWENTY_MFCC}: correlation", _cells(correlation)))
    return lines


def _enough(what: str, correlation: Values) -> list[Claim]:
    return [
        Claim(
            f"{what}: correlation of {name} {value:.2f} at least {LEAST_CORRELATION}",
            bool(value >= LEAST_CORRELATION),
        )
        for name in NEEDED
        for value in [correlation[ESTIMATED.index(name)]]
    ]


def _r2(told: Values, truths: Values) -> Values:
    left: Values = 1 - ((told - truths) ** 2).mean(axis=0) / truths.var(axis=0)
    return left


def _correlation(told: Values, truths: Values) -> Values:
    return np.array([np.corrcoef(told[:, j], truths[:, j])[0, 1] for j in range(told.shape[1])])


def _cells(values: Values) -> dict[str, str]:
    own = {name: f"{value:.2f}" for name, value in zip(ESTIMATED, values, strict=True)}
    return own | {"mean": f"{values.mean():.3f}"}
