"""The explainable boosting machine of interpret, saved as tables and answered from them.

It adds up one curve an input, and a table for each of a few pairs of inputs: steps along bins,
found by boosting (Lou et al. 2013; Nori et al. 2019, arXiv:1909.09223). So contributions are
read from the tables, those of a pair halved. interpret is asked only to fit: it gets the number
of each value's bin, cut here, and a saved model is arrays that NumPy alone can add up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import BundleError
from trackoracle.models.candidate import Candidate, FitRequest, Matrix, Members, Values
from trackoracle.models.links import answers_of, link_of
from trackoracle.optional import require
from trackoracle.schema import Additive, Task

_FILE = "glass_box.json"
_MOST_CUTS = 1000


@dataclass(frozen=True)
class Term:
    """What one input, or two together, add to the margins.

    Parameters
    ----------
    inputs
        One or two places.
    scores
        (b, m), or (b, c, m): by the bin of each input, 0 where it is missing.
    """

    inputs: tuple[int, ...]
    scores: Values


@dataclass(frozen=True)
class GlassBox:
    """Curves and tables that are added up.

    Parameters
    ----------
    task, n_classes
        What is answered.
    cuts
        By input, rising: a value's bin is 1 and the number of cuts at or below it.
    terms
        What is added up; inputs that no term has tell nothing.
    intercept
        (m,) margins of nothing known.
    classes
        (k,) the tier of each margin; not looked at in other tasks.
    gained
        (d,) mean size of what each input adds, in shares of 1.
    """

    task: Task
    n_classes: int
    cuts: tuple[Values, ...]
    terms: tuple[Term, ...]
    intercept: Values
    classes: NDArray[np.int64]
    gained: Values

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return (n,) points or probabilities of a hit, or (n, n_classes) of each tier."""
        told = answers_of(self._margins(matrix, n_threads), self.task)
        return told @ self._spread if self.task == "multiclass" else told

    def members(self) -> Members:
        """Return the tables as JSON."""
        facts = {
            "cuts": [cuts.tolist() for cuts in self.cuts],
            "terms": [[list(term.inputs), term.scores.tolist()] for term in self.terms],
            "intercept": self.intercept.tolist(),
            "classes": self.classes.tolist(),
            "gained": self.gained.tolist(),
        }
        return {_FILE: json.dumps(facts, separators=(",", ":")).encode()}

    def additive(self) -> tuple[Additive, ...] | None:
        """Return one part: points, log-odds or a margin a tier."""
        spread = self._spread if self.task == "multiclass" else None
        link = link_of(self.task)
        return (Additive(link, self.intercept, self._margins, self._contributions, spread),)

    def gains(self) -> Values | None:
        """Return the mean size of what each input adds: (d,)."""
        return self.gained

    @cached_property
    def _spread(self) -> Values:
        spread = np.zeros((len(self.classes), self.n_classes))
        spread[np.arange(len(self.classes)), self.classes] = 1
        return spread

    def _bins(self, matrix: Matrix) -> dict[int, NDArray[np.int64]]:
        used = sorted({place for term in self.terms for place in term.inputs})
        return {place: bins_of(matrix[:, place], self.cuts[place]) for place in used}

    def _margins(self, matrix: Matrix, n_threads: int) -> Values:
        bins, total = self._bins(matrix), np.tile(self.intercept, (len(matrix), 1))
        for term in self.terms:
            total += term.scores[tuple(bins[place] for place in term.inputs)]
        return total

    def _contributions(self, matrix: Matrix, slopes: Values, n_threads: int) -> Values:
        bins, result = self._bins(matrix), np.zeros(matrix.shape)
        for term in self.terms:
            added = (term.scores[tuple(bins[place] for place in term.inputs)] * slopes).sum(axis=1)
            for place in term.inputs:
                result[:, place] += added / len(term.inputs)
        return result


def bins_of(column: NDArray[np.float32], cuts: Values) -> NDArray[np.int64]:
    """Return the bin of each value: 0 where missing, else 1 and the cuts at or below it.

    Examples
    --------
    >>> bins_of(np.array([np.nan, -1, 0, 5], np.float32), np.array([0.0, 2.0])).tolist()
    [0, 1, 2, 3]
    """
    values = column.astype(np.float64)
    return np.where(np.isnan(values), 0, np.searchsorted(cuts, values, side="right") + 1)


def cuts_of(column: NDArray[np.float32], n_bins: int) -> Values:
    """Return where an input is cut into bins of about as many known values; few have a bin each.

    Examples
    --------
    >>> cuts_of(np.array([0, 1, 1, np.nan], np.float32), 8).tolist()
    [0.5]
    >>> len(cuts_of(np.arange(100, dtype=np.float32), 4))
    3
    """
    known = column[~np.isnan(column)].astype(np.float64)
    values = np.unique(known)
    if len(values) > n_bins:
        ranks = np.quantile(known, np.arange(1, n_bins) / n_bins, method="lower")
        places = np.searchsorted(values, np.unique(ranks))
        places = places[places + 1 < len(values)]
        middles: Values = (values[places] + values[places + 1]) / 2
        return middles
    return np.asarray((values[:-1] + values[1:]) / 2)


def _fit(request: FitRequest) -> GlassBox:
    # Only here: reading a saved model and answering need NumPy alone.
    glassbox = require("interpret.glassbox", extra="ebm")
    params = dict(request.params)
    n_bins = int(params.pop("n_bins"))
    cuts = tuple(cuts_of(column, n_bins) for column in request.matrix.T)
    used = [place for place, own in enumerate(cuts) if len(own)]
    classes = np.unique(request.target).astype(np.int64)
    is_points = request.task == "regression"
    kept = classes if request.task == "multiclass" else np.zeros(0, np.int64)
    n_margins = 1 if request.task != "multiclass" else len(classes)
    if not used or len(classes) < 2:
        nothing = _start(request, n_margins)
        gained = np.zeros(len(cuts))
        return GlassBox(request.task, request.n_classes, cuts, (), nothing, kept, gained)
    if request.task == "multiclass" and len(classes) > 2:
        # Tables of pairs for every tier cost as many times as much.
        params["interactions"] = 0
    bins = np.stack([bins_of(request.matrix[:, p], cuts[p]) for p in used], axis=1)
    kind = "ExplainableBoostingRegressor" if is_points else "ExplainableBoostingClassifier"
    machine = getattr(glassbox, kind)(
        feature_types=[(np.arange(len(cuts[p]) + 1) + 0.5).tolist() for p in used],
        n_jobs=1,
        random_state=request.seed,
        **params,
    )
    machine.fit(bins.astype(np.float64), request.target, sample_weight=request.weight)
    return _read(machine, request, cuts, used, kept, n_margins)


def _start(request: FitRequest, n_margins: int) -> Values:
    """Return the margins of a model without terms."""
    mean = float(np.average(request.target, weights=request.weight))
    if request.task == "regression":
        return np.array([mean])
    if request.task == "binary":
        held = np.clip(mean, 1e-6, 1 - 1e-6)
        return np.array([np.log(held / (1 - held))])
    return np.zeros(n_margins)


def _read(
    machine: Any,
    request: FitRequest,
    cuts: tuple[Values, ...],
    used: list[int],
    classes: NDArray[np.int64],
    n_margins: int,
) -> GlassBox:
    """Take the tables out of a fitted machine."""
    terms, size = [], np.zeros(len(cuts))
    two_tiers = n_margins == 2
    for inputs, scores, weights in zip(
        machine.term_features_, machine.term_scores_, machine.bin_weights_, strict=True
    ):
        places = tuple(used[i] for i in inputs)
        # The first bin is for what is missing, the last for what is unknown: neither was given.
        inner = (slice(1, -1),) * len(places)
        table = np.asarray(scores, np.float64)[inner]
        table = table.reshape(*[len(cuts[place]) + 2 for place in places], -1)
        if two_tiers:  # of two tiers one margin is told
            table = np.concatenate([np.zeros_like(table), table], axis=-1)
        terms.append(Term(places, table))
        mean = (np.abs(table).mean(axis=-1) * weights[inner]).sum() / max(weights.sum(), 1e-300)
        size[list(places)] += mean / len(places)
    intercept = np.atleast_1d(np.asarray(machine.intercept_, np.float64))
    if two_tiers:
        intercept = np.array([0.0, intercept[0]])
    gained = size / size.sum() if size.sum() > 0 else size
    return GlassBox(request.task, request.n_classes, cuts, tuple(terms), intercept, classes, gained)


def _load(members: Members, n_inputs: int, task: Task, n_classes: int) -> GlassBox:
    facts = json.loads(members[_FILE])
    cuts = tuple(np.array(own, np.float64) for own in facts["cuts"])
    terms = tuple(
        Term(tuple(int(place) for place in inputs), np.array(scores, np.float64))
        for inputs, scores in facts["terms"]
    )
    intercept, gained = (np.array(facts[name], np.float64) for name in ("intercept", "gained"))
    model = GlassBox(
        task, n_classes, cuts, terms, intercept, np.array(facts["classes"], np.int64), gained
    )
    if len(cuts) != n_inputs or gained.shape != (n_inputs,) or not _is_sound(model):
        raise BundleError(
            f"{_FILE}: expected curves of {n_inputs} inputs for a {task}, got others. "
            "Do not use this file."
        )
    return model


def _are_cuts(cuts: Values) -> bool:
    """Tell whether numbers rise, and are not more than a fit would cut."""
    is_row = cuts.ndim == 1 and len(cuts) < _MOST_CUTS
    return is_row and bool(np.isfinite(cuts).all() and (np.diff(cuts) > 0).all())


def _is_sound(model: GlassBox) -> bool:
    """Tell whether the tables reach as far as their bins, and hold numbers."""
    classes, n_margins = model.classes, len(model.intercept)
    if model.task == "multiclass":
        in_range = (classes >= 0).all() and (classes < model.n_classes).all()
        if not in_range or (np.diff(classes) <= 0).any() or len(classes) != n_margins:
            return False
    elif n_margins != 1 or len(classes):
        return False
    if not all(map(_are_cuts, model.cuts)):
        return False
    return all(np.isfinite(part).all() for part in (model.intercept, model.gained)) and all(
        0 < len(term.inputs) == len(set(term.inputs)) <= 2
        and all(0 <= place < len(model.cuts) for place in term.inputs)
        and term.scores.shape == (*[len(model.cuts[p]) + 2 for p in term.inputs], n_margins)
        and bool(np.isfinite(term.scores).all())
        for term in model.terms
    )


_SETTINGS = {
    "n_bins": 32, "interactions": 20, "outer_bags": 1, "validation_size": 0.1,
    "learning_rate": 0.1, "max_rounds": 150, "early_stopping_rounds": 30,
    "smoothing_rounds": 20, "interaction_smoothing_rounds": 10, "max_leaves": 3,
    "min_samples_leaf": 20,
}  # fmt: skip
GLASS_BOX = Candidate(
    "ebm",
    "glass box",
    _fit,
    _load,
    {"fast": _SETTINGS, "full": {**_SETTINGS, "outer_bags": 4, "interactions": 40}},
)
