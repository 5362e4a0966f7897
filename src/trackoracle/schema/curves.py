"""Curves behind the scores, as plain numbers: what a report draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from trackoracle.schema.estimates import Estimate, estimate_from_dict

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class RocCurve:
    """Share of hits found against share of misses called hits, rising.

    The first point calls nothing a hit and the last everything; point i + 1 calls
    hits at or above `threshold[i]`.
    """

    false_positive_rate: Numbers
    true_positive_rate: Numbers
    threshold: Numbers

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class PrecisionRecallCurve:
    """Precision against recall, recall rising; a hit is called at or above each threshold."""

    recall: Numbers
    precision: Numbers
    threshold: Numbers
    base_rate: float

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Confusion:
    """Calls at a threshold against the truth, in recordings (sums of the tracks' weights)."""

    threshold: float
    true_positive: float
    false_positive: float
    false_negative: float
    true_negative: float

    def to_dict(self) -> dict[str, Any]:
        """Return the matrix as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class CalibrationBin:
    """Tracks of similar predictions: the mean of these, and of the truth with its interval."""

    n_tracks: int
    predicted: float
    actual: Estimate


@dataclass(frozen=True)
class CalibrationCurve:
    """Truth along the prediction, in bins of about equal weight, rising."""

    bins: tuple[CalibrationBin, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Curves:
    """The curves of one candidate under one protocol; all but the first are of hits only."""

    calibration: CalibrationCurve
    roc: RocCurve | None = None
    precision_recall: PrecisionRecallCurve | None = None
    confusion: Confusion | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the curves as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class LearningPoint:
    """The main metric reached with a share of the training groups."""

    share: float
    n_tracks: int
    n_groups: int
    score: Estimate


@dataclass(frozen=True)
class LearningCurve:
    """What more training tracks bring: one candidate under one protocol, shares rising.

    Parameters
    ----------
    candidate, protocol, metric
        Which, under what, and measured how.
    groups
        What was drawn whole: artists, or the protocol's groups without artists.
    points
        `n_tracks` and `n_groups` are means over the folds.
    """

    candidate: str
    protocol: str
    metric: str
    groups: str
    points: tuple[LearningPoint, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class FittingCurve:
    """How the loss fell while a candidate was fitted, pass by pass over its training rows.

    Parameters
    ----------
    loss
        What it is: "squared error" of a target in its deviations, or "log loss", in nats.
    learned
        Mean loss over the rows learned from, while they were.
    held
        After each pass, that over training rows held back to say when to stop; empty where
        none were.
    kept
        The pass whose weights were kept, from 1.
    n_learned, n_held
        Rows learned from and held back.
    """

    loss: str
    learned: tuple[float, ...]
    held: tuple[float, ...]
    kept: int
    n_learned: int
    n_held: int

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as plain data."""
        return asdict(self)


def curves_from_dict(facts: dict[str, Any]) -> Curves:
    """Rebuild curves from their plain data; what is no number raises."""
    bins = tuple(
        CalibrationBin(int(b["n_tracks"]), float(b["predicted"]), estimate_from_dict(b["actual"]))
        for b in facts["calibration"]["bins"]
    )
    roc, ranked, calls = facts["roc"], facts["precision_recall"], facts["confusion"]
    return Curves(
        calibration=CalibrationCurve(bins),
        roc=None
        if roc is None
        else RocCurve(
            _numbers(roc["false_positive_rate"]),
            _numbers(roc["true_positive_rate"]),
            _numbers(roc["threshold"]),
        ),
        precision_recall=None
        if ranked is None
        else PrecisionRecallCurve(
            _numbers(ranked["recall"]),
            _numbers(ranked["precision"]),
            _numbers(ranked["threshold"]),
            float(ranked["base_rate"]),
        ),
        confusion=None
        if calls is None
        else Confusion(**{name: float(value) for name, value in calls.items()}),
    )


def learning_curve_from_dict(facts: dict[str, Any]) -> LearningCurve:
    """Rebuild a learning curve from its plain data; what is no number raises."""
    points = tuple(
        LearningPoint(
            float(p["share"]),
            int(p["n_tracks"]),
            int(p["n_groups"]),
            estimate_from_dict(p["score"]),
        )
        for p in facts["points"]
    )
    return LearningCurve(**{**facts, "points": points})


def fitting_curve_from_dict(facts: dict[str, Any]) -> FittingCurve:
    """Rebuild the curve of a fit from its plain data; what is no such curve raises."""
    curve = FittingCurve(
        str(facts["loss"]),
        _numbers(facts["learned"]),
        _numbers(facts["held"]),
        *(int(facts[name]) for name in ("kept", "n_learned", "n_held")),
    )
    lengths = {len(curve.learned), len(curve.held) or len(curve.learned)}
    if lengths != {len(curve.learned)} or not 1 <= curve.kept <= len(curve.learned):
        raise ValueError("fitting curve: expected a loss for each pass, got others")
    return curve


def _numbers(values: Iterable[Any]) -> Numbers:
    return tuple(map(float, values))
