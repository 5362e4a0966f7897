"""Response models: what the description of the service says of its answers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from trackoracle.schema import Target, answer_columns


class Strict(BaseModel):
    """An answer with these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Problem(Strict):
    """What is wrong with a request (RFC 9457)."""

    type: str = Field(examples=["urn:trackoracle:InvalidValuesError"])
    title: str
    status: int
    detail: str = Field(description="What was expected, what was got, and what to do.")
    facts: dict[str, Any] = Field(description="The same, for programs.")


class Contribution(Strict):
    """What one feature or input contributes."""

    feature: str
    value: float | str | None
    contribution: float
    error: float | None = None


class Pair(Strict):
    """What two columns tell together."""

    features: list[str]
    contribution: float


class ExplanationAnswer(Strict):
    """A starting point and contributions that add up to the prediction; association, not cause."""

    track_id: str
    name: str | None
    target: str
    prediction: float
    baseline: float
    unit: str
    attributions: list[Contribution]
    inputs: list[Contribution] | None = None
    exact: bool
    answer: dict[str, Any]
    level: float
    interactions: list[Pair] | None = None


class ExplanationsAnswer(Strict):
    """An explanation for each track, in their order."""

    explanations: list[ExplanationAnswer]


class GoalAnswer(Strict):
    """What was asked for."""

    kind: str
    at_least: float | None
    tier: int | None
    text: str


class EditAnswer(Strict):
    """One edit."""

    feature: str
    before: float | str = Field(alias="from")
    after: float | str = Field(alias="to")
    unit: str


class CounterfactualAnswer(Strict):
    """A track nearby, and what is predicted for it."""

    changes: list[EditAnswer]
    prediction: float
    answer: dict[str, float | bool]
    goal_value: float
    reaches: bool
    p_better: float
    within_noise: bool
    distance: float
    plausibility: float | None


class LeverAnswer(Strict):
    """The most that one feature does alone."""

    feature: str
    after: float | str | None = Field(alias="to")
    prediction: float
    goal_value: float


class ChangeAnswer(Strict):
    """Plausible edits that reach the goal, or the best that can be reached."""

    track: str
    target: str
    unit: str
    prediction: float
    answer: dict[str, float | bool]
    goal: GoalAnswer
    goal_value: float
    feasible: bool
    met: bool
    counterfactuals: list[CounterfactualAnswer]
    levers: list[LeverAnswer]
    compared_with: str
    locked: list[str]
    missing: list[str]
    most_edits: int
    level: float
    n_asked: int
    note: str


class RankedAnswer(Strict):
    """One track in its place."""

    rank: int
    row: int
    track: str
    answer: dict[str, float | bool | str]
    prediction: float
    p_above_next: float | None
    p_best: float
    group: int
    known: str
    name: str | None


class RankAnswer(Strict):
    """The tracks, the best first, and how sure that order is."""

    target: str
    unit: str
    level: float
    sure: float
    tracks: list[RankedAnswer]
    n_pairs: dict[str, int]
    notes: list[str]


class SimilarAnswer(BaseModel):
    """Tracks of the catalog, the nearest first, each with its gap in every feature."""

    track: str
    n_tracks: int
    tracks: list[dict[str, Any]]


class HeardAnswer(Strict):
    """What was heard in a recording, and the same as a track that can be asked about."""

    track: dict[str, Any]
    heard: dict[str, Any]


class ModelAnswer(Strict):
    """An oracle: what it predicts, from what, how well, and what the service takes."""

    name: str
    target: dict[str, Any]
    candidate: str
    card: str = Field(description="The model card, Markdown.")
    contract: dict[str, Any]
    catalog: dict[str, Any]
    versions: dict[str, str]
    limits: dict[str, float]


class ModelLine(Strict):
    """One of the oracles that answer here."""

    name: str
    target: str
    candidate: str
    path: str
    default: bool


class ModelsAnswer(Strict):
    """The oracles that answer here."""

    models: list[ModelLine]


class StatusAnswer(Strict):
    """How the service is."""

    status: Literal["alive", "ready", "starting", "stopping"]


def prediction_model(target: Target, name: str) -> type[BaseModel]:
    """Build the model of a prediction: the columns of the command line's `predict`."""
    columns: dict[str, Any] = {
        column.name: (
            column.kind,
            Field(description=column.meaning, ge=column.low, le=column.high),
        )
        for column in answer_columns(target)
    }
    return create_model(name, __base__=Strict, **columns)


def predictions_model(one: type[BaseModel]) -> type[BaseModel]:
    """Build the model of the predictions of several tracks, in their order."""
    notes = (list[str], Field(description="What holds for all of them."))
    return create_model(
        f"{one.__name__}s",
        __base__=Strict,
        predictions=(list[one], ...),  # type: ignore[valid-type]
        notes=notes,
    )
