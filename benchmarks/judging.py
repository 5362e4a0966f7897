"""Out-of-fold answers of TrackOracle's candidates and of a plain LightGBM, in the same folds.

What was answered once is kept on disk, by the tracks, settings, library versions and the code
that it comes from, so that a run that was cut off goes on. It is kept as the model says it:
calibration and scores are always made anew.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import version
from inspect import getfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import trackoracle
from benchmarks import plain
from trackoracle.atomic import replacing
from trackoracle.evaluation import Judged
from trackoracle.features import Recipe
from trackoracle.models import Model
from trackoracle.schema import Catalog, Target
from trackoracle.splits import Fold, group_codes, make_folds, protocol_named
from trackoracle.training import (
    Judgement,
    Material,
    TrainingConfig,
    begin_judgement,
    fingerprint,
    fit_candidate,
    fit_rows,
    judge,
    judged_answers,
    labelled_material,
    silent,
)

KEPT = Path.home() / ".cache" / "trackoracle-benchmarks"
N_FOLDS, SEED = 5, 0
_ROOMS = Path(trackoracle.__file__).parent
_PLAIN = (Path(__file__), Path(plain.__file__), _ROOMS / "splits")
FITTING = (
    Path(__file__),
    *(_ROOMS / room for room in ("splits", "features", "models")),
    _ROOMS / "schema" / "targets.py",
    *(_ROOMS / "training" / f"{name}.py" for name in ("folds", "fitting", "material")),
)
"""The code that answers come from."""
_LIBRARIES = ("lightgbm", "numpy", "polars", "scikit-learn")
Arrays = dict[str, Any]


@dataclass(frozen=True)
class Fitted:
    """A candidate fitted on all rows: recipe, model, and all rows' inputs as it is asked."""

    recipe: Recipe
    model: Model
    matrix: Any


@dataclass(frozen=True)
class Court:
    """Where candidates are judged: a catalog, a target, and where answers are kept.

    Parameters
    ----------
    catalog
        The labelled tracks, in training's order.
    target
        What is predicted.
    folder
        Of what was answered before.
    pool
        Of workers with one thread each.
    checksum
        Of the tracks as training reads them.
    """

    catalog: Catalog
    target: Target
    folder: Path
    pool: ThreadPoolExecutor
    checksum: str

    @classmethod
    def of(cls, catalog: Catalog, target: Target, folder: Path, pool: ThreadPoolExecutor) -> Court:
        """Bring the catalog's rows to the order in which training divides them."""
        ordered, material, _ = labelled_material(catalog, target)
        return cls(ordered, target, folder, pool, fingerprint(material))

    def folds(self, protocol: str) -> list[Fold]:
        """Return the folds of a protocol, which are training's own."""
        return make_folds(self.catalog.keys, protocol_named(protocol), N_FOLDS, SEED)

    def beside(
        self, protocol: str, rows: NDArray[np.int64], mean: plain.Values, middle: plain.Values
    ) -> Judged:
        """Put answers for some rows that a protocol held out beside the truth."""
        keys = self.catalog.keys
        truth = self.target.values(self.catalog.tracks)[rows]
        cluster = group_codes(keys, protocol_named(protocol).group)[rows]
        return Judged(truth, mean, middle, keys.weight_among(rows), cluster)

    def ours(self, candidate: str, config: TrainingConfig, protocol: str) -> Judged:
        """Return a candidate's answers, calibrated as a leaderboard's are."""
        return judged_answers(*self.judgement(candidate, config, protocol), candidate)

    def judgement(
        self, candidate: str, config: TrainingConfig, protocol: str
    ) -> tuple[Material, Judgement]:
        """Return a candidate's answers as the model says them, and what they were cut from.

        Its seconds are processor time, of recipe, fits and answers in all folds.
        """
        config = replace(config, n_folds=N_FOLDS, seed=SEED)
        _, material, _ = labelled_material(self.catalog, self.target, config.without)
        judgement = begin_judgement(material, protocol_named(protocol), (candidate,), config)

        def answer() -> Arrays:
            # Nothing else runs in this process; what other processes do changes this little.
            began = time.process_time()
            judge(material, [judgement], config, self.pool, silent)
            return {
                "raw": judgement.raw[candidate],
                "knows_artist": judgement.knows_artist,
                "seconds": np.array(time.process_time() - began),
            }

        facts = {"protocol": protocol, **_facts(candidate, config)}
        kept = self.kept(facts, FITTING, answer)
        judgement.raw[candidate], judgement.knows_artist = kept["raw"], kept["knows_artist"]
        judgement.seconds[candidate] = float(kept["seconds"])
        return material, judgement

    def whole(
        self, candidate: str, config: TrainingConfig, measured: Callable[[Fitted], Arrays]
    ) -> Arrays:
        """Return what is measured of a candidate that is fitted on all rows, once."""

        def answer() -> Arrays:
            _, material, _ = labelled_material(self.catalog, self.target, config.without)
            rows = np.arange(len(material.values))
            recipe, matrix = fit_rows(material, rows, config)
            model = fit_candidate(candidate, material, rows, recipe, matrix, config)
            return measured(Fitted(recipe, model, recipe.transform(material.prepared)))

        facts = {"whole": measured.__qualname__, **_facts(candidate, config)}
        return self.kept(facts, (*FITTING, Path(getfile(measured))), answer)

    def plain(self, protocol: str, *, hits_above: float | None = None) -> Judged:
        """Return the plain LightGBM's answers; those of a classifier where `hits_above` is given.

        A popularity's also serve to rank hits.
        """
        keys = self.catalog.keys
        target = self.target.values(self.catalog.tracks)
        rows = plain.Rows(self.catalog.tracks, target, keys.weight, keys.recording)
        make = plain.hit_inputs if self.target.task == "binary" else plain.popularity_inputs
        folds = self.folds(protocol)

        def answer_fold(fold: Fold) -> plain.Values:
            inputs = make(rows, fold.train, fold.test)
            return plain.answers(rows, inputs, fold.train, hits_above=hits_above)

        def answer() -> Arrays:
            answers = np.empty(len(target))
            for fold, answered in zip(folds, self.pool.map(answer_fold, folds), strict=True):
                answers[fold.test] = answered
            return {"raw": answers}

        raw = self.kept({"protocol": protocol, "plain": hits_above}, _PLAIN, answer)["raw"]
        cluster = group_codes(keys, protocol_named(protocol).group)
        if hits_above is not None:
            return Judged((target > hits_above).astype(float), raw, raw, keys.weight, cluster)
        ranks = np.clip(raw / 100, 0, 1)
        return Judged(target, raw, raw, keys.weight, cluster, p_hit=ranks)

    def kept(
        self, facts: dict[str, Any], places: tuple[Path, ...], answer: Callable[[], Arrays]
    ) -> Arrays:
        """Return arrays that were kept, else those answered now."""
        facts = facts | {
            "tracks": self.checksum,
            "target": self.target.to_dict(),
            "folds": [N_FOLDS, SEED],
            "versions": {name: version(name) for name in _LIBRARIES},
            "code": _code(places),
        }
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        path = self.folder / f"{digest[:20]}.npz"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary, temporary.open("wb") as file:
                np.savez_compressed(file, **answer())
        with np.load(path) as arrays:
            return dict(arrays)


def _facts(candidate: str, config: TrainingConfig) -> dict[str, Any]:
    """Return what a candidate's answers depend on: what is asked besides changes none."""
    names = (candidate, *config.params_of(candidate).get("members", ()))
    return {
        "candidate": candidate,
        "params": {name: config.params_of(name) for name in names},
        "recipe": asdict(config.recipe),
        "without": sorted(config.without),
    }


@cache
def _code(places: tuple[Path, ...]) -> str:
    """Hash modules, and those in folders."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()
