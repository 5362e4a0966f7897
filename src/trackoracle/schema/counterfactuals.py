"""What would change a prediction: edits of a track, and what is predicted with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from trackoracle.schema.showing import Shown

CHANGEABLE = (
    "duration_ms", "danceability", "energy", "key", "loudness", "mode", "speechiness",
    "acousticness", "instrumentalness", "valence", "tempo", "time_signature",
)  # fmt: skip
"""What a producer can alter of a recording. Whether an audience is heard or the lyrics are explicit
is another recording or another text; who made it, when and in which genre, another track."""
GoalKind = Literal["popularity", "p_hit", "tier", "best"]


@dataclass(frozen=True)
class Goal:
    """What a change is to reach.

    Parameters
    ----------
    kind
        Expected popularity, probability of a hit, probability of a tier or a higher one, or
        the best that can be reached.
    at_least
        What reaches it, in points or as a probability; None for the best.
    tier
        Of a tier: its number.
    text
        In words.
    """

    kind: GoalKind
    at_least: float | None
    text: str
    tier: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the goal as plain data."""
        return {
            "kind": self.kind,
            "at_least": self.at_least,
            "tier": self.tier,
            "text": self.text,
        }


@dataclass(frozen=True)
class Change:
    """One edit of a track.

    Parameters
    ----------
    feature
        The column.
    before, after
        Its value in the track, and instead.
    unit
        Of both.
    """

    feature: str
    before: float | str
    after: float | str
    unit: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as plain data."""
        return {
            "feature": self.feature,
            "from": self.before,
            "to": self.after,
            "unit": self.unit,
        }


@dataclass(frozen=True)
class Counterfactual:
    """A track nearby, and what is predicted for it.

    Parameters
    ----------
    changes
        The edits, at least one.
    answer
        The numbers that `predict` answers for the changed track, by column.
    prediction
        Expected popularity, probability of a hit, or expected tier.
    goal_value
        What the goal is about.
    reaches
        Whether that is enough.
    p_better
        Probability that the changed track does better than the unchanged one, if the two were
        different tracks of these distributions; a tie counts half.
    within_noise
        Whether that is too little to tell: the odds are below two to one.
    distance
        Sum of the edits in standard deviations of the genre; another code counts one.
    plausibility
        Share of the genre's real tracks that are more unusual; None where no background
        tells it.
    """

    changes: tuple[Change, ...]
    answer: dict[str, float]
    prediction: float
    goal_value: float
    reaches: bool
    p_better: float
    within_noise: bool
    distance: float
    plausibility: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the counterfactual as plain data."""
        return {
            "changes": [change.to_dict() for change in self.changes],
            "prediction": self.prediction,
            "answer": dict(self.answer),
            "goal_value": self.goal_value,
            "reaches": self.reaches,
            "p_better": self.p_better,
            "within_noise": self.within_noise,
            "distance": self.distance,
            "plausibility": self.plausibility,
        }


@dataclass(frozen=True)
class Lever:
    """The most that one feature does when it alone is changed, plausibly.

    Parameters
    ----------
    feature
        The column.
    after
        Its best value; None where no other value is plausible.
    prediction, goal_value
        With it; those of the unchanged track where nothing is better.
    """

    feature: str
    after: float | str | None
    prediction: float
    goal_value: float

    def to_dict(self) -> dict[str, Any]:
        """Return the lever as plain data."""
        return {
            "feature": self.feature,
            "to": self.after,
            "prediction": self.prediction,
            "goal_value": self.goal_value,
        }


@dataclass(frozen=True)
class Counterfactuals(Shown):
    """What would change the prediction of one track.

    Parameters
    ----------
    track
        Its id, or the number of its row.
    target, unit
        What is predicted, and the unit of `prediction`.
    answer
        The numbers that `predict` answers for the track as it is.
    prediction, goal_value
        As of a counterfactual.
    goal
        What was asked for.
    feasible
        Whether a plausible change reaches the goal, or the track already does.
    met
        Whether the track reaches the goal as it is; then nothing is proposed.
    counterfactuals
        The best first.
    levers
        What each feature does alone, the strongest first.
    compared_with
        The group of tracks whose ranges and plausibility hold; empty where none is told.
    locked, missing
        Features that were not to move, and those that have no value to be changed.
    most_edits
        Features that one counterfactual might edit.
    level
        Of the intervals in `answer`.
    n_asked
        Variations that the model was asked about.
    notes
        What else is to be known, in sentences.
    """

    track: str
    target: str
    unit: str
    answer: dict[str, float]
    prediction: float
    goal_value: float
    goal: Goal
    feasible: bool
    met: bool
    counterfactuals: tuple[Counterfactual, ...]
    levers: tuple[Lever, ...]
    compared_with: str
    locked: tuple[str, ...]
    missing: tuple[str, ...]
    most_edits: int
    level: float
    n_asked: int
    notes: tuple[str, ...]

    @property
    def note(self) -> str:
        """All notes as one text."""
        return " ".join(self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data."""
        return {
            "track": self.track,
            "target": self.target,
            "unit": self.unit,
            "prediction": self.prediction,
            "answer": dict(self.answer),
            "goal": self.goal.to_dict(),
            "goal_value": self.goal_value,
            "feasible": self.feasible,
            "met": self.met,
            "counterfactuals": [found.to_dict() for found in self.counterfactuals],
            "levers": [lever.to_dict() for lever in self.levers],
            "compared_with": self.compared_with,
            "locked": list(self.locked),
            "missing": list(self.missing),
            "most_edits": self.most_edits,
            "level": self.level,
            "n_asked": self.n_asked,
            "note": self.note,
        }
