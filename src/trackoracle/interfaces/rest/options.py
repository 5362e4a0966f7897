"""Options in the addresses of the service."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PredictOptions(BaseModel):
    """Options in the address of whatever predicts."""

    model_config = ConfigDict(extra="forbid")
    level: float = Field(0.9, gt=0, lt=1, description="Probability of the interval.")
    base_rate: float | None = Field(
        None, gt=0, lt=1, description="Of an oracle of hits: the true share of hits."
    )


class ExplainOptions(PredictOptions):
    """Options in the address of `/explain`."""

    interactions: bool = Field(False, description="Also what pairs of columns tell together.")
    inputs: bool = Field(False, description="Also every input of the model, for experts.")


class RankOptions(PredictOptions):
    """Options in the address of `/rank`."""

    together: Literal["artist", "album"] | None = Field(
        None, description="All tracks are of one, whatever they say."
    )


class SimilarOptions(BaseModel):
    """Options in the address of `/similar`."""

    model_config = ConfigDict(extra="forbid")
    k: int = Field(10, ge=1, le=1_000, description="Tracks wanted.")
    within_genre: bool = Field(False, description="Only tracks that share a genre.")
    genre_weight: float = Field(0.0, ge=0, le=100, description="What another genre adds.")
    era_weight: float = Field(0.0, ge=0, le=100, description="What a decade between them adds.")


class ListenOptions(BaseModel):
    """Options in the address of `/listen`."""

    model_config = ConfigDict(extra="forbid")
    start: float = Field(0, ge=0, le=43_200, description="Second to begin at.")
    seconds: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="Seconds to hear; by default all that follow."
    )
    tags: bool = Field(True, description="Whether the file's own tags fill title, artists ...")
