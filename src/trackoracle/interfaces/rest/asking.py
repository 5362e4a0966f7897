"""The endpoints that ask an oracle: each reads a body, asks the facade, and writes its answer."""

# Annotations are not postponed here: FastAPI reads those of the endpoints.
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError

from trackoracle.interfaces.rest.answers import (
    ChangeAnswer,
    ExplanationAnswer,
    ExplanationsAnswer,
    RankAnswer,
)
from trackoracle.interfaces.rest.describing import asked, bodies
from trackoracle.interfaces.rest.models import TrackModel, unfit_body
from trackoracle.interfaces.rest.options import ExplainOptions, PredictOptions, RankOptions
from trackoracle.interfaces.rest.reading import (
    Kind,
    check_number,
    kind_of,
    kind_wanted,
    parsed,
    parsed_csv,
    parsed_lines,
)
from trackoracle.interfaces.rest.service import Served, Service, told, unfit
from trackoracle.interfaces.rest.work import plain_json

LOT = 1_000
"""Tracks predicted at a time: longer answers are streamed, lot after lot."""
_SMALL = 20_000
"""Bytes of a body that is parsed at once; a larger one in a thread, since others wait."""
_CHANGE = '{"track": {"tempo": 120.0}, "goal": 60}'
_RANK = '{"tracks": [{"tempo": 120.0}, {"tempo": 90.0}]}'


@dataclass(frozen=True)
class Sent:
    """Tracks as they were sent.

    Parameters
    ----------
    table
        (n, k) the tracks.
    alone
        Whether it was one track and no list.
    notes
        What holds for all of them.
    """

    table: pl.DataFrame
    alone: bool
    notes: tuple[str, ...] = ()


def asking_routes(service: Service, served: Served) -> APIRouter:
    """Build the endpoints of one oracle."""
    router = APIRouter()
    oracle, limits, work = served.oracle, service.limits, service.workshop
    answers = {"one": served.prediction, "several": served.predictions}

    @router.post("/predict", **asked(answers, lines=True), openapi_extra=bodies(served, "predict"))
    async def predict(request: Request, options: Annotated[PredictOptions, Query()]) -> Response:
        """Predict one track or several: popularity with its interval, P(hit), tiers."""
        kind = kind_of(request, tuple(Kind))
        wanted = kind_wanted(request, kind)
        raw = await service.received(request)
        facts = told(request)
        facts |= {"model": served.name, "n_tracks": 1}
        if kind is wanted is Kind.JSON and len(raw) <= _SMALL:
            body = _body(raw)
            if not _is_several(body):
                row = served.tracks.read_one(body)
                one = await served.together.predict(row, (options.level, options.base_rate))
                return Response(one, media_type=wanted.value)
        sent = await work.answer(partial(_read, served, raw, kind, limits.tracks))
        facts["n_tracks"] = len(sent.table)
        parts = _parts(service, served, sent, options, wanted)
        first = await anext(parts)
        if len(sent.table) <= LOT:
            rest = [part async for part in parts]
            return Response(b"".join([first, *rest]), media_type=wanted.value)
        return StreamingResponse(_chained(first, parts), media_type=wanted.value)

    answers = {"one": ExplanationAnswer, "several": ExplanationsAnswer}

    @router.post("/explain", **asked(answers), openapi_extra=bodies(served, "explain"))
    async def explain(request: Request, options: Annotated[ExplainOptions, Query()]) -> Response:
        """Say what contributes to the prediction of one track or several."""
        raw = await _received_json(service, request)

        def explained() -> tuple[int, bytes]:
            sent = _read(served, raw, Kind.JSON, limits.explained_tracks)
            told_of = oracle.explain_each(
                sent.table,
                level=options.level,
                base_rate=options.base_rate,
                interactions=options.interactions,
            )
            each = [one.to_dict() for one in told_of]
            if not options.inputs:
                for one in each:
                    del one["inputs"]
            return len(each), plain_json(each[0] if sent.alone else {"explanations": each})

        return _json(request, served, *await work.answer(explained))

    @router.post("/change", **asked({"one": ChangeAnswer}), openapi_extra=bodies(served, "change"))
    async def change(request: Request, options: Annotated[PredictOptions, Query()]) -> Response:
        """Find plausible edits of one track by which another popularity is predicted."""
        raw = await _received_json(service, request)

        def changed() -> bytes:
            track, wish = _read_change(served, raw)
            found = oracle.counterfactuals(
                served.tracks.table([track]),
                level=options.level,
                base_rate=options.base_rate,
                **wish,
            )
            return plain_json(found.to_dict())

        return _json(request, served, 1, await work.answer(changed))

    @router.post("/rank", **asked({"one": RankAnswer}), openapi_extra=bodies(served, "rank"))
    async def rank(request: Request, options: Annotated[RankOptions, Query()]) -> Response:
        """Order the tracks of an album, and say how sure that order is."""
        raw = await _received_json(service, request)

        def ranked() -> tuple[int, bytes]:
            body = _body(raw)
            if not _is_several(body):
                raise unfit_body(body, _RANK)
            table = _table(served.ranked, body, limits.tracks)
            found = oracle.rank(
                table,
                together=options.together,
                level=options.level,
                base_rate=options.base_rate,
            )
            return len(table), plain_json(found.to_dict())

        return _json(request, served, *await work.answer(ranked))

    return router


async def _received_json(service: Service, request: Request) -> bytes:
    kind_of(request, (Kind.JSON,))
    return await service.received(request)


def _json(request: Request, served: Served, n_tracks: int, answer: bytes) -> Response:
    told(request).update(model=served.name, n_tracks=n_tracks)
    return Response(answer, media_type=Kind.JSON.value)


def _body(raw: bytes) -> Any:
    """Parse tracks; a bare list is that of `{"tracks": [...]}`."""
    body = parsed(raw)
    return {"tracks": body} if isinstance(body, list) else body


def _is_several(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("tracks"), list)


def _read(served: Served, raw: bytes, kind: Kind, most: int) -> Sent:
    """Read tracks in any form, and check them all before any is answered."""
    alone = False
    if kind is Kind.CSV:
        table = parsed_csv(raw, most)
    elif kind is Kind.LINES:
        table = served.tracks.table(served.tracks.read(parsed_lines(raw, most)))
    else:
        body = _body(raw)
        alone = not _is_several(body)
        table = (
            served.tracks.table([served.tracks.read_one(body)])
            if alone
            else _table(served.tracks, body, most)
        )
    notes = served.oracle.check(table if len(table) > LOT else table.head(0)).notes
    return Sent(table, alone, notes)


def _table(model: TrackModel, body: dict[str, Any], most: int) -> pl.DataFrame:
    """Read `{"tracks": [...]}`."""
    others = sorted(set(body) - {"tracks"})
    if others:
        raise unfit(f"body: expected only tracks beside tracks, got {others[0][:80]!r}. Leave it.")
    check_number(len(body["tracks"]), most)
    return model.table(model.read(body["tracks"]))


def _read_change(served: Served, raw: bytes) -> tuple[BaseModel, dict[str, Any]]:
    """Read a track, and the goal and bounds of its change by their names."""
    body = parsed(raw)
    if not isinstance(body, dict) or "track" not in body:
        raise unfit_body(body, _CHANGE)
    served.tracks.read_one(body["track"])
    try:
        wish = dict(served.change.validate_python(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][:2])[:80]
        said = first["msg"][:1].lower() + first["msg"][1:]
        raise unfit(f"{where}: {said}. Give the body as {_CHANGE}.") from None
    return wish.pop("track"), wish


async def _parts(
    service: Service, served: Served, sent: Sent, options: PredictOptions, wanted: Kind
) -> AsyncIterator[bytes]:
    """Yield the answer to many tracks, lot after lot."""
    n, notes = len(sent.table), plain_json(list(sent.notes))
    several = wanted is Kind.JSON and not sent.alone
    for start in range(0, n, LOT):
        lot = await service.workshop.answer(
            partial(_lot, served, sent.table[start : start + LOT], start, options, wanted)
        )
        if several:
            lot = (b"," if start else b'{"predictions":[') + lot
        yield lot
    if several:
        yield b'],"notes":' + notes + b"}"


def _lot(
    served: Served, tracks: pl.DataFrame, start: int, options: PredictOptions, wanted: Kind
) -> bytes:
    """Predict some tracks, and write the rows of their answer."""
    found = served.oracle.predict(
        tracks,
        level=options.level,
        base_rate=options.base_rate,
        refuse_extra=True,
        first_row=start + 1,
    )
    if wanted is Kind.CSV:
        return str(found.write_csv(include_header=not start)).encode()
    lines = str(found.write_ndjson()).encode()
    # A line feed in a text is written as \n: each that stands here ends a row.
    return lines if wanted is Kind.LINES else lines.rstrip(b"\n").replace(b"\n", b",")


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part
