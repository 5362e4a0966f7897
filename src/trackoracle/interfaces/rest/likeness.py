"""`/similar`: the tracks of the service's catalog that sound most like one that is sent."""

# Annotations are not postponed here: FastAPI reads those of the endpoints.
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from trackoracle.interfaces.rest.answers import SimilarAnswer
from trackoracle.interfaces.rest.describing import asked, bodies
from trackoracle.interfaces.rest.options import SimilarOptions
from trackoracle.interfaces.rest.reading import Kind, kind_of, parsed
from trackoracle.interfaces.rest.service import Service, told
from trackoracle.interfaces.rest.work import plain_json
from trackoracle.oracle import similar


def similar_routes(service: Service) -> APIRouter:
    """Build the endpoint; none where the service has no catalog."""
    router = APIRouter()
    catalog, model = service.catalog, service.default.ranked
    if catalog is None:
        return router
    body = bodies(service.default, "similar")

    @router.post("/similar", **asked({"one": SimilarAnswer}), openapi_extra=body)
    async def similar_to(request: Request, options: Annotated[SimilarOptions, Query()]) -> Response:
        """Find the tracks of the service's catalog that sound most like one, and say in what."""
        kind_of(request, (Kind.JSON,))
        raw = await service.received(request)
        told(request).update(n_tracks=1)

        def found() -> bytes:
            track = model.table([model.read_one(parsed(raw))])
            return plain_json(similar(catalog, track, **options.model_dump()).to_dict())

        return Response(await service.workshop.answer(found), media_type=Kind.JSON.value)

    return router
