"""What an oracle says of why: plain numbers in the prediction's own unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from trackoracle.schema.showing import Shown

Unit = Literal["points", "log-odds", "tier"]
UNITS: dict[str, Unit] = {"popularity": "points", "hit": "log-odds", "tier": "tier"}
"""By the target's name: the unit of its explanations."""
CALIBRATION = "calibration"
"""What the difference between the model's raw answer and the prediction is named."""
Given = float | str | None
"""A value as the track has it; None where it is missing."""


@dataclass(frozen=True)
class Attribution:
    """What one feature contributes to a prediction.

    Parameters
    ----------
    feature
        A track column, several of them that only together tell something ("energy x
        valence"), an input of the model, or "calibration".
    value
        As the track has it; None where it is missing, and of the calibration.
    contribution
        In the unit of the explanation.
    error
        Standard error of an estimate; None where it is exact.
    """

    feature: str
    value: Given
    contribution: float
    error: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the attribution as plain data; an exact one tells no error."""
        # Not asdict, which copies deeply: a track has hundreds of these.
        facts = {"feature": self.feature, "value": self.value, "contribution": self.contribution}
        return facts if self.error is None else {**facts, "error": self.error}


@dataclass(frozen=True)
class Interaction:
    """What two track columns tell together beyond what each tells, all others known.

    The raw answer, less those without one and without the other, plus that without both.
    """

    features: tuple[str, str]
    contribution: float


@dataclass(frozen=True)
class Explanation(Shown):
    """Why an oracle predicts what it does for one track; association, never cause.

    Baseline and attributions, the calibration's among them, add up to the prediction; without
    the calibration's they add up to the model's raw answer.

    Parameters
    ----------
    track_id, name
        Which track; the name is its title, where it is given.
    target, unit
        Points of popularity, log-odds of a hit, or the number of the tier.
    prediction
        The mean of the calibrated distribution, in this unit.
    baseline
        What the model answers on average, before it is told anything of the track.
    attributions
        Of what people know, the largest first and the calibration last.
    inputs
        The same of every input of the model; of those that contribute nothing, none.
    exact
        Whether contributions are exact, or estimated by sampling.
    answer
        What `predict` says of the track, by column.
    level
        Of the interval in it.
    interactions
        Pairs of columns, the largest first; None where they were not asked for.
    """

    track_id: str
    name: str | None
    target: str
    unit: Unit
    prediction: float
    baseline: float
    attributions: tuple[Attribution, ...]
    inputs: tuple[Attribution, ...]
    exact: bool
    answer: Mapping[str, Any]
    level: float
    interactions: tuple[Interaction, ...] | None = None

    @property
    def calibration(self) -> float:
        """What calibration moves the raw answer by."""
        return sum(a.contribution for a in self.attributions if a.feature == CALIBRATION)

    @property
    def raw(self) -> float:
        """The model's answer before calibration."""
        return self.prediction - self.calibration

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data."""
        facts: dict[str, Any] = {
            "track_id": self.track_id,
            "name": self.name,
            "target": self.target,
            "prediction": self.prediction,
            "baseline": self.baseline,
            "unit": self.unit,
            "attributions": [a.to_dict() for a in self.attributions],
            "inputs": [a.to_dict() for a in self.inputs],
            "exact": self.exact,
            "answer": dict(self.answer),
            "level": self.level,
        }
        if self.interactions is not None:
            facts["interactions"] = [asdict(pair) for pair in self.interactions]
        return facts
