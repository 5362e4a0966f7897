"""Out-of-fold answers of TrackOracle's candidates and of a plain LightGBM, in the same folds.

What was judged once is kept on disk, by catalog, settings, library versions and the code that
the answers come from, so that a run that was cut off goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import trackoracle
from benchmarks import plain
from trackoracle.atomic import replacing
from trackoracle.evaluation import Judged
from trackoracle.schema import Catalog, Popularity, Target
from trackoracle.splits import Fold, group_codes, make_folds, protocol_named
from trackoracle.training import (
    TrainingConfig,
    begin_judgement,
    judge,
    judged_answers,
    labelled_material,
    silent,
)

KEPT = Path.home() / ".cache" / "trackoracle-benchmarks"
N_FOLDS, SEED = 5, 0
LEVEL = 90
"""Of the intervals that are kept, in per cent."""
_ROOMS = Path(trackoracle.__file__).parent
_DIVIDING = (Path(__file__), *(_ROOMS / room for room in ("catalogs", "schema", "splits")))
_PLAIN = (*_DIVIDING, Path(plain.__file__))
_OURS = (
    *_DIVIDING,
    *(_ROOMS / room for room in ("features", "models", "distributions", "training")),
)
"""The code that answers come from."""
_LIBRARIES = ("lightgbm", "numpy", "polars", "scikit-learn")
_COLUMNS = ("target", "mean", "median", "weight", "cluster")


@dataclass(frozen=True)
class Court:
    """Where candidates are judged: a catalog, a target, and where judgements are kept.

    Parameters
    ----------
    catalog
        The labelled tracks, in training's order.
    target
        What is predicted.
    folder
        Of what was judged before.
    pool
        Of workers with one thread each.
    """

    catalog: Catalog
    target: Target
    folder: Path
    pool: ThreadPoolExecutor

    @classmethod
    def of(cls, catalog: Catalog, target: Target, folder: Path, pool: ThreadPoolExecutor) -> Court:
        """Bring the catalog's rows to the order in which training divides them."""
        ordered, _, _ = labelled_material(catalog, target)
        return cls(ordered, target, folder, pool)

    def folds(self, protocol: str) -> list[Fold]:
        """Return the folds of a protocol, which are training's own."""
        return make_folds(self.catalog.keys, protocol_named(protocol), N_FOLDS, SEED)

    def ours(self, candidate: str, config: TrainingConfig, protocol: str) -> Judged:
        """Return a candidate's answers, calibrated as a leaderboard's are."""
        # Not the whole configuration: what is asked besides changes no answer.
        settings = {
            "candidate": candidate,
            "params": config.params_of(candidate),
            "recipe": asdict(config.recipe),
            "without": sorted(config.without),
        }
        return self._kept(
            {"protocol": protocol, **settings},
            _OURS,
            lambda: self._judge_ours(candidate, config, protocol),
        )

    def plain(self, protocol: str, *, hits_above: float | None = None) -> Judged:
        """Return the plain LightGBM's answers; those of a classifier where `hits_above` is given.

        A popularity's also serve to rank hits.
        """
        return self._kept(
            {"protocol": protocol, "plain": hits_above},
            _PLAIN,
            lambda: self._judge_plain(protocol, hits_above),
        )

    def _judge_ours(self, candidate: str, config: TrainingConfig, protocol: str) -> Judged:
        config = replace(config, n_folds=N_FOLDS, seed=SEED)
        _, material, _ = labelled_material(self.catalog, self.target, config.without)
        judgement = begin_judgement(material, protocol_named(protocol), (candidate,), config)
        judge(material, [judgement], config, self.pool, silent)
        return judged_answers(material, judgement, candidate)

    def _judge_plain(self, protocol: str, hits_above: float | None) -> Judged:
        keys = self.catalog.keys
        target = self.target.values(self.catalog.tracks)
        rows = plain.Rows(self.catalog.tracks, target, keys.weight, keys.recording)
        of_points = isinstance(self.target, Popularity)
        make = plain.popularity_inputs if of_points else plain.hit_inputs

        def answer(fold: Fold) -> plain.Values:
            inputs = make(rows, fold.train, fold.test)
            return plain.answers(rows, inputs, fold.train, hits_above=hits_above)

        answers = np.empty(len(target))
        folds = self.folds(protocol)
        for fold, answered in zip(folds, self.pool.map(answer, folds), strict=True):
            answers[fold.test] = answered
        if hits_above is not None:
            target = (target > hits_above).astype(np.float64)
        cluster = group_codes(keys, protocol_named(protocol).group)
        ranks = np.clip(answers / 100, 0, 1) if hits_above is None else None
        return Judged(target, answers, answers, keys.weight, cluster, p_hit=ranks)

    def _kept(
        self, facts: dict[str, Any], places: tuple[Path, ...], make: Callable[[], Judged]
    ) -> Judged:
        facts = facts | {
            "catalog": self.catalog.card.checksum,
            "target": self.target.to_dict(),
            "folds": [N_FOLDS, SEED],
            "versions": {name: version(name) for name in _LIBRARIES},
            "code": _code(places),
        }
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        path = self.folder / f"{digest[:20]}.npz"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(make(), path)
        return _read(path)


@cache
def _code(places: tuple[Path, ...]) -> str:
    """Hash modules, and those in folders."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _write(judged: Judged, path: Path) -> None:
    arrays = {name: getattr(judged, name) for name in _COLUMNS}
    if judged.p_hit is not None:
        arrays["p_hit"] = judged.p_hit
    if LEVEL in judged.intervals:
        arrays["low"], arrays["high"] = judged.intervals[LEVEL]
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def _read(path: Path) -> Judged:
    with np.load(path) as arrays:
        intervals = {LEVEL: (arrays["low"], arrays["high"])} if "low" in arrays else {}
        p_hit = arrays.get("p_hit")
        return Judged(*(arrays[name] for name in _COLUMNS), intervals, p_hit)
