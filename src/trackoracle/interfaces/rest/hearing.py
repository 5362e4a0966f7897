"""`/listen`: a recording that is sent is heard, in a process of its own, and not kept."""

# Annotations are not postponed here: FastAPI reads those of the endpoints.
import asyncio
import shutil
import tempfile
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from trackoracle.audio import Hearing
from trackoracle.errors import RecordingError, RequestError
from trackoracle.interfaces.rest.answers import HeardAnswer
from trackoracle.interfaces.rest.describing import asked
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.interfaces.rest.options import ListenOptions
from trackoracle.interfaces.rest.service import Service, told, unfit
from trackoracle.interfaces.rest.work import plain_json
from trackoracle.schema import Heard, Unheard

FIELD = "audio"
"""The name of the part that holds the recording."""
_FORM = "multipart/form-data"
_DISCARDED = 4
"""So many times the largest recording is read and thrown away, so that its sender is answered."""
_LONGEST_NAME = 120


def hearing_routes(service: Service) -> APIRouter:
    """Build the endpoint that hears recordings; none without the extra `audio`."""
    router = APIRouter()
    if not all(find_spec(name) for name in ("av", "soundfile", "soxr")):
        return router
    limits = service.limits

    @router.post("/listen", **asked({"one": HeardAnswer}), openapi_extra=_body())
    async def listen(request: Request, options: Annotated[ListenOptions, Query()]) -> Response:
        """Measure and estimate the audio features of a recording, each with its error.

        The `track` of the answer can be sent to every other address as it is.
        """
        upload = await _uploaded(request, limits)
        try:
            work = partial(_heard, service, upload, options)
            heard = await service.workshop.answer(work)
        finally:
            await upload.close()
        told(request).update(audio_seconds=round(heard.seconds, 1))
        track = {n: v for n, v in heard.row(tags=options.tags).items() if v not in (None, "")}
        answer = {"track": track, "heard": heard.to_dict()}
        return Response(plain_json(answer), media_type="application/json")

    return router


def _body() -> dict[str, Any]:
    part = {"type": "string", "format": "binary", "description": "The recording."}
    schema = {"type": "object", "required": [FIELD], "properties": {FIELD: part}}
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}


async def _uploaded(request: Request, limits: Limits) -> UploadFile:
    """Receive a recording; its sound lies on the disk, not in memory.

    Raises
    ------
    RequestError
        415 for another form of body, 413 when it is too large, 408 when it takes too long, 422
        when the part is not there.
    """
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() != _FORM:
        raise RequestError(
            f"Content-Type: expected {_FORM}, got {given[:100]!r}. Send the recording as its "
            f"part {FIELD!r}.",
            status=int(HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        )
    counted, got = _Counted(request, limits.audio_bytes), "an error"
    try:
        async with asyncio.timeout(limits.audio_upload_seconds):
            form = await counted.form(max_files=1, max_fields=1)
    except TimeoutError:
        raise RequestError(
            f"recording: expected it within {limits.audio_upload_seconds:g} s, got a part of it. "
            "Send a shorter excerpt, or a smaller file.",
            status=int(HTTPStatus.REQUEST_TIMEOUT),
        ) from None
    except (HTTPException, MultiPartException, KeyError, ValueError) as error:
        form = None
        if "Too many files" in getattr(error, "detail", ""):
            got = "several files"
    if counted.is_too_large:
        await counted.discard()
        raise RequestError(
            f"recording: expected at most {counted.most:,} bytes, got more. Send an excerpt, or a "
            "smaller file.",
            status=int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
            most=counted.most,
        )
    if form is None:
        raise unfit(
            f"body: expected {_FORM} with one file, got {got}. Send the recording as its "
            f"part {FIELD!r}."
        )
    upload = form.get(FIELD)
    if not isinstance(upload, UploadFile):
        await form.close()
        raise unfit(f"body: expected a file as the part {FIELD!r}, got none. Send one.")
    return upload


class _Counted(Request):
    """A request whose body ends where it becomes too large."""

    def __init__(self, request: Request, most: int) -> None:
        super().__init__(request.scope, self._received)
        self._source, self.most, self._more = request, most, True
        self._n_bytes = 0
        self.is_too_large = int(request.headers.get("content-length", "0")) > most

    async def _received(self) -> Message:
        message: Message = {"type": "http.request", "body": b"", "more_body": False}
        if not self.is_too_large:
            message = await self._source.receive()
            self._n_bytes += len(message.get("body", b""))
            self._more = bool(message.get("more_body", False))
            self.is_too_large = self._n_bytes > self.most
        return message

    async def discard(self) -> None:
        """Read on and throw away, so that who sends it comes to read the answer."""
        n_thrown = 0
        while self._more and n_thrown < _DISCARDED * self.most:
            message = await self._source.receive()
            n_thrown += len(message.get("body", b""))
            self._more = bool(message.get("more_body", False))


def _heard(service: Service, upload: UploadFile, options: ListenOptions) -> Heard:
    """Hear what was sent, under the name that it was sent by.

    Raises
    ------
    RecordingError
        When it is no recording.
    RequestError
        413 when it is too long.
    """
    most = service.limits.audio_seconds
    # A second more, by which what is too long is told from what just fits.
    hearing = Hearing(options.start, min(options.seconds or most + 1, most + 1))
    name = Path((upload.filename or "recording").replace("\\", "/")).name[:_LONGEST_NAME]
    with tempfile.TemporaryDirectory(prefix="trackoracle-") as folder:
        path = Path(folder, "recording")
        with path.open("wb") as file:
            shutil.copyfileobj(upload.file, file)
        answer = service.listeners.hear(path, hearing)
    if isinstance(answer, Unheard):
        raise RecordingError(answer.reason.replace(str(path), name), path=name)
    if answer.seconds > most:
        raise RequestError(
            f"{name}: expected at most {most:g} s of sound, got more. Send an excerpt, or "
            "choose one by ?start= and ?seconds=.",
            status=int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
            most=most,
        )
    return replace(answer, file=name)
