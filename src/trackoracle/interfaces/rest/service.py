"""What the endpoints share: the oracles under their names, and all that serves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Request
from pydantic import BaseModel, TypeAdapter

from trackoracle.audio import Hearing, Listeners
from trackoracle.errors import ConfigError, RequestError
from trackoracle.interfaces.entrance import check_names
from trackoracle.interfaces.rest.answers import (
    ChangeAnswer,
    ExplanationAnswer,
    ExplanationsAnswer,
    HeardAnswer,
    RankAnswer,
    SimilarAnswer,
    prediction_model,
    predictions_model,
)
from trackoracle.interfaces.rest.guard import State
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.interfaces.rest.models import TrackModel, change_model, track_model
from trackoracle.interfaces.rest.reading import body_of
from trackoracle.interfaces.rest.telling import Counts
from trackoracle.interfaces.rest.work import Together, Workshop
from trackoracle.oracle import with_identity
from trackoracle.settings import Settings

if TYPE_CHECKING:
    from trackoracle.neighbours import Neighbours
    from trackoracle.oracle import Oracle


@dataclass(frozen=True)
class Served:
    """One oracle with the models of its requests and answers.

    Parameters
    ----------
    tracks, ranked
        Models of tracks: those of `/rank` may also tell artist and album, which say what is
        of one.
    change
        Model of the body of `/change`.
    prediction, predictions
        Models of the answers of `/predict`.
    together
        Where single tracks are predicted.
    """

    name: str
    oracle: Oracle
    tracks: TrackModel
    ranked: TrackModel
    change: TypeAdapter[Any]
    prediction: type[BaseModel]
    predictions: type[BaseModel]
    together: Together

    @property
    def requests(self) -> dict[str, type[BaseModel] | TypeAdapter[Any]]:
        """All models of requests, by the names under which they are described."""
        return {
            f"{self.name}-Track": self.tracks.track,
            f"{self.name}-Tracks": self.tracks.tracks,
            f"{self.name}-RankTracks": self.ranked.tracks,
            f"{self.name}-Change": self.change,
        }

    @property
    def answers(self) -> dict[str, type[BaseModel]]:
        """All models of answers, by their names."""
        models = (
            self.prediction,
            self.predictions,
            ExplanationAnswer,
            ExplanationsAnswer,
            ChangeAnswer,
            RankAnswer,
            HeardAnswer,
            SimilarAnswer,
        )
        return {model.__name__: model for model in models}


@dataclass(frozen=True)
class Service:
    """The oracles and what serves them; the first is the one that is meant without a name."""

    served: Mapping[str, Served]
    limits: Limits
    state: State
    counts: Counts
    workshop: Workshop
    listeners: Listeners
    catalog: Neighbours | None = None

    @property
    def default(self) -> Served:
        """The oracle that answers where none is named."""
        return next(iter(self.served.values()))

    async def received(self, request: Request) -> bytes:
        """Receive the body of a request, within the bounds of all that are under way."""
        facts = told(request)

        def hold(n_bytes: int) -> None:
            self.state.hold(n_bytes)
            facts["held_bytes"] = facts.get("held_bytes", 0) + n_bytes

        return await body_of(request, self.limits, hold)


def service_of(
    oracles: Mapping[str, Oracle], limits: Limits, catalog: Neighbours | None = None
) -> Service:
    """Build what serves some oracles under their names.

    Raises
    ------
    ConfigError
        Without oracles, or with a name that is none.
    """
    if not oracles:
        raise ConfigError("oracles: expected at least one, got none. Give one, as load_oracle().")
    check_names(oracles)
    n_jobs = Settings.from_environment().n_jobs
    workshop = Workshop(limits, n_jobs)
    listeners = Listeners(Hearing(), n_jobs)  # each request says what is heard of it
    served = {name: _served(name, oracle, workshop) for name, oracle in oracles.items()}
    return Service(served, limits, State(limits), Counts(), workshop, listeners, catalog)


def told(request: Request) -> dict[str, Any]:
    """Return what the log is to tell of a request."""
    facts: dict[str, Any] = request.state.told
    return facts


def unfit(sentence: str) -> RequestError:
    """Return the error of a body that cannot be meant."""
    return RequestError(sentence, status=422)


def _served(name: str, oracle: Oracle, workshop: Workshop) -> Served:
    tracks = track_model(oracle.contract, f"{name}-Track")
    ranked = track_model(with_identity(oracle.contract), f"{name}-RankTrack")
    prediction = prediction_model(oracle.target, f"{name}-Prediction")
    return Served(
        name,
        oracle,
        tracks,
        ranked,
        TypeAdapter(change_model(f"{name}-Change", tracks.track)),
        prediction,
        predictions_model(prediction),
        Together(oracle, tracks, workshop),
    )
