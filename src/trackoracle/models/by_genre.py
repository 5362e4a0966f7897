"""A model for each genre family where it beats the one of all tracks, and a blend of both.

Each family with tracks enough gets a model of its own tracks. How far its answers are followed
is chosen on inner folds of the training rows, and a family whose own model takes away less of
the loss there than chance may give is left to the model of all. So nobody says beforehand
which genres need a model of their own; on small families none do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trackoracle.errors import BundleError
from trackoracle.models.candidate import (
    Candidate,
    FitRequest,
    InnerPart,
    Matrix,
    Members,
    Model,
    Values,
)
from trackoracle.models.combining import (
    Known,
    errors_of,
    inner_of,
    loaded,
    members_of,
    saved,
    taken,
)
from trackoracle.schema import Additive, Task

_FILE = "by_genre.json"
_FAMILY = "family="
_SURE = 2.0
"""Standard errors by which a family's own model must be ahead; of tracks taken one by one, which
flatters it where artists have many."""


@dataclass(frozen=True)
class Specialist:
    """A family's own model.

    Parameters
    ----------
    place
        Of the input that is 1 for the family's tracks.
    share
        How far its answers replace those of the model of all: above 0, to 1.
    model
        Of the family's tracks.
    """

    place: int
    share: float
    model: Model


@dataclass(frozen=True)
class GenreModel:
    """A model of all tracks, and those of families that do better on their own.

    Parameters
    ----------
    name
        Of the candidate that all are.
    whole
        Of all tracks.
    specialists
        By rising place; a track of several families gets the mean of what each says.
    """

    name: str
    whole: Model
    specialists: tuple[Specialist, ...]

    def predict(self, matrix: Matrix, n_threads: int = 1) -> Values:
        """Return the answers of all tracks' model, and where families have their own, a blend."""
        whole = self.whole.predict(matrix, n_threads)
        told = np.zeros_like(whole)
        own = [matrix[:, specialist.place] == 1 for specialist in self.specialists]
        n_own = np.sum(own, axis=0) if own else np.zeros(len(matrix))
        for specialist, rows in zip(self.specialists, own, strict=True):
            if not rows.any():
                continue
            away = specialist.model.predict(matrix[rows], n_threads) - whole[rows]
            share = specialist.share / n_own[rows]
            told[rows] += away * (share[:, None] if away.ndim == 2 else share)
        return whole + told

    def members(self) -> Members:
        """Return all models, each in a folder, and which families they are of."""
        facts = {
            "candidate": self.name,
            "places": [specialist.place for specialist in self.specialists],
            "shares": [specialist.share for specialist in self.specialists],
        }
        files: Members = {_FILE: json.dumps(facts).encode(), **saved("whole", self.whole)}
        for specialist in self.specialists:
            files |= saved(f"family_{specialist.place}", specialist.model)
        return files

    def additive(self) -> tuple[Additive, ...] | None:
        """Return nothing where families have their own: the genre decides which sum holds."""
        return None if self.specialists else self.whole.additive()

    def gains(self) -> Values | None:
        """Return those of the model of all: (d,)."""
        return self.whole.gains()


@dataclass
class _Evidence:
    """Sums over judged rows of one family: by how much its own model could take the loss down.

    With errors e of the model of all and the way d to those of the family's own, a share s of
    it changes a row's loss by 2 s (e d) + s^2 (d d).
    """

    slopes: list[Values] = field(default_factory=list)
    bends: list[Values] = field(default_factory=list)
    weights: list[Values] = field(default_factory=list)

    def add(self, whole: Values, own: Values, weight: Values) -> None:
        way = own - whole
        self.slopes.append((whole * way).sum(axis=1))
        self.bends.append((way * way).sum(axis=1))
        self.weights.append(weight)

    def share(self) -> float:
        """Return how far to follow the family's model; 0 where it is not ahead beyond chance."""
        if not self.slopes:
            return 0.0
        slope, bend, weight = map(np.concatenate, (self.slopes, self.bends, self.weights))
        total = float(bend @ weight)
        if total <= 0:
            return 0.0
        share = float(np.clip(-(slope @ weight) / total, 0, 1))
        gains = -(2 * share * slope + share**2 * bend)
        mean = float(np.average(gains, weights=weight))
        error = float(np.sqrt(weight**2 @ (gains - mean) ** 2) / weight.sum())
        return share if mean > _SURE * error else 0.0


def _families(request: FitRequest) -> dict[str, NDArray[np.bool_]]:
    """Return by family, of which tracks there are enough and not all alike, its rows (n,)."""
    found = {}
    for place, name in enumerate(request.names):
        if not name.startswith(_FAMILY):
            continue
        rows = request.matrix[:, place] == 1
        enough = rows.sum() >= int(request.params["least_tracks"]) and not rows.all()
        if enough and len(np.unique(request.target[rows])) > 1:
            found[name] = rows
    return found


def _fit(known: Known, request: FitRequest) -> GenreModel:
    candidate = members_of(known, request, alike=True)[0]
    inner = inner_of(request, known)
    families = _families(request)
    evidence = {name: _Evidence() for name in families}
    for part in inner.parts() if families else ():
        _judge(candidate, part, request, evidence)
    shown = inner.request(candidate.name)
    specialists = []
    for name in families:
        share, place = evidence[name].share(), request.names.index(name)
        rows = shown.matrix[:, place] == 1
        if share > 0 and rows.any():
            model = candidate.fit(taken(shown, rows))
            specialists.append(Specialist(place, share, model))
    return GenreModel(candidate.name, candidate.fit(shown), tuple(specialists))


def _judge(
    candidate: Candidate, part: InnerPart, request: FitRequest, evidence: dict[str, _Evidence]
) -> None:
    """Judge the model of all beside each family's own, on the family's tracks of a part."""
    shown = part.request(candidate.name)
    whole = candidate.fit(shown).predict(part.matrix)
    for name, found in evidence.items():
        if name not in shown.names:
            continue
        place = shown.names.index(name)
        rows, judged = shown.matrix[:, place] == 1, part.matrix[:, place] == 1
        enough = 2 * rows.sum() >= int(request.params["least_tracks"]) and judged.any()
        if not enough or len(np.unique(shown.target[rows])) < 2:
            continue
        own = candidate.fit(taken(shown, rows)).predict(part.matrix[judged])
        there = InnerPart(
            part.request, part.matrix[judged], part.target[judged], part.weight[judged]
        )
        found.add(
            errors_of(whole[judged], there, request),
            errors_of(own, there, request),
            there.weight,
        )


def _load(known: Known, members: Members, n_inputs: int, task: Task, n_classes: int) -> GenreModel:
    facts = json.loads(members[_FILE])
    name = str(facts["candidate"])
    places = [int(place) for place in facts["places"]]
    shares = [float(share) for share in facts["shares"]]
    if (
        name not in known
        or (task == "regression" and not known[name].answers_bins)
        or len(places) != len(shares)
        or places != sorted(set(places))
        or not all(0 <= place < n_inputs for place in places)
        or not all(0 < share <= 1 for share in shares)
    ):
        raise BundleError(
            f"{_FILE}: expected models of genre families, got others. Do not use this file."
        )

    def model(folder: str) -> Model:
        return loaded(known[name], folder, members, n_inputs, task, n_classes)

    specialists = (
        Specialist(place, share, model(f"family_{place}"))
        for place, share in zip(places, shares, strict=True)
    )
    return GenreModel(name, model("whole"), tuple(specialists))


def by_genre_of(known: Known) -> Candidate:
    """Return the candidate that gives genre families models of their own."""
    params = {"members": ("lightgbm_bins", "lightgbm"), "least_tracks": 1000}
    return Candidate(
        "by_genre",
        "ensemble",
        partial(_fit, known),
        partial(_load, known),
        {"fast": params, "full": params},
        answers_bins=True,
        exact=False,
    )
