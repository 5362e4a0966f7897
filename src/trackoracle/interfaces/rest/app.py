"""The application: endpoints of every oracle, and what the service says of itself."""

# Annotations are not postponed here: FastAPI reads those of the endpoints.
import asyncio
import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware

import trackoracle
from trackoracle.errors import UnknownNameError
from trackoracle.interfaces.rest.answers import ModelAnswer, ModelsAnswer, StatusAnswer
from trackoracle.interfaces.rest.asking import asking_routes
from trackoracle.interfaces.rest.describing import describe, refusals
from trackoracle.interfaces.rest.guard import Guard
from trackoracle.interfaces.rest.hearing import hearing_routes
from trackoracle.interfaces.rest.likeness import similar_routes
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.interfaces.rest.models import example_of
from trackoracle.interfaces.rest.pages import page_routes
from trackoracle.interfaces.rest.problems import add_handlers, problem
from trackoracle.interfaces.rest.service import Served, Service, service_of
from trackoracle.interfaces.rest.telling import METRICS_TYPE, log, log_failure
from trackoracle.interfaces.rest.work import plain_json
from trackoracle.neighbours import Neighbours
from trackoracle.oracle import Oracle


def build(
    oracles: Mapping[str, Oracle],
    limits: Limits,
    token: str | None,
    origins: Sequence[str],
    catalog: Neighbours | None = None,
) -> FastAPI:
    """Build the application; see `create_app`."""
    service = service_of(oracles, limits, catalog)
    app = FastAPI(
        title="TrackOracle",
        version=trackoracle.__version__,
        lifespan=_lifespan(service),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.include_router(_status_routes(service))
    app.include_router(page_routes(service))
    app.include_router(hearing_routes(service))
    app.include_router(similar_routes(service))
    described = len(service.served) > 1
    for served in service.served.values():
        routes = (_model_routes(service, served), asking_routes(service, served))
        for router in routes:
            if served is service.default:
                app.include_router(router)
            prefix = f"/models/{served.name}"
            app.include_router(router, prefix=prefix, include_in_schema=described)
    app.include_router(_unknown_models(service))
    add_handlers(app)
    describe(app, service, has_token=token is not None)
    app.add_middleware(Guard, state=service.state, counts=service.counts, token=token)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )
    return app


def _lifespan(service: Service) -> Any:
    """Warm the oracles up once the service lives; finish what was begun before it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        warming = asyncio.create_task(_warm_up(service))
        yield
        service.state.stopping = True
        await warming
        await asyncio.to_thread(service.workshop.close)
        await asyncio.to_thread(service.listeners.close)
        log("stopped")

    return lifespan


async def _warm_up(service: Service) -> None:
    """Ask every oracle once, which loads what it needs; then the service is ready."""
    loop = asyncio.get_running_loop()
    for served in service.served.values():
        track = example_of(served.oracle.contract)
        try:
            await loop.run_in_executor(service.workshop.single, served.oracle.predict, track)
        except Exception as error:  # the service lives on, but is not ready
            log_failure(error, served.name)
            return
    # What is loaded stays: looking through it again and again stops all answers for 100 ms.
    gc.collect()
    gc.freeze()
    service.state.ready = True
    log("ready", models=list(service.served))


def _status_routes(service: Service) -> APIRouter:
    router = APIRouter()
    failed = refusals(HTTPStatus.INTERNAL_SERVER_ERROR)
    not_ready: dict[int | str, Any] = {503: {"description": "Not now.", "model": StatusAnswer}}

    @router.get("/health", response_model=StatusAnswer, responses=failed)
    async def health() -> Response:
        """Say that the process lives."""
        return _status("alive")

    @router.get("/ready", response_model=StatusAnswer, responses={**failed, **not_ready})
    async def ready() -> Response:
        """Say whether the service takes requests: its oracles are loaded, and it does not stop."""
        if service.state.stopping:
            return _status("stopping", 503)
        return _status("ready") if service.state.ready else _status("starting", 503)

    @router.get("/models", response_model=ModelsAnswer, responses=refusals())
    async def models() -> Response:
        """List the oracles that answer here; the default one also answers without its name."""
        lines = [
            {
                "name": served.name,
                "target": served.oracle.target.name,
                "candidate": served.oracle.bundle.candidate,
                "path": f"/models/{served.name}",
                "default": served is service.default,
            }
            for served in service.served.values()
        ]
        return Response(plain_json({"models": lines}), media_type="application/json")

    content = {"text/plain": {"schema": {"type": "string"}}}
    text: dict[int | str, Any] = {200: {"description": "Counts and times.", "content": content}}

    @router.get("/metrics", responses={**text, **refusals()}, response_class=Response)
    async def metrics() -> Response:
        """Tell counts and times to Prometheus."""
        return Response(service.counts.text(), headers={"Content-Type": METRICS_TYPE})

    return router


def _status(status: str, code: int = 200) -> Response:
    return Response(plain_json({"status": status}), code, media_type="application/json")


def _model_routes(service: Service, served: Served) -> APIRouter:
    router = APIRouter()
    bundle = served.oracle.bundle
    facts = plain_json(
        {
            "name": served.name,
            "target": bundle.target.to_dict(),
            "candidate": bundle.candidate,
            "card": bundle.card,
            "contract": bundle.contract.to_dict(),
            "catalog": bundle.catalog.to_dict(),
            "versions": bundle.versions,
            "limits": service.limits.to_dict(),
        }
    )

    @router.get("/model", response_model=ModelAnswer, responses=refusals())
    async def model() -> Response:
        """Tell an oracle's card and contract, and what the service takes."""
        return Response(facts, media_type="application/json")

    return router


def _unknown_models(service: Service) -> APIRouter:
    """Answer for names that no oracle has: nothing of them is looked up anywhere."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/models/{name}", methods=["GET", "POST"])
    @router.api_route("/models/{name}/{rest:path}", methods=["GET", "POST"])
    async def unknown(request: Request, name: str) -> Response:
        known = name in service.served
        error = UnknownNameError("model" if not known else "address", _tail(request), _known(name))
        return problem(error, HTTPStatus.NOT_FOUND)

    def _tail(request: Request) -> str:
        parts = request.path_params
        return str(parts["name"] if parts["name"] not in service.served else parts.get("rest", ""))

    def _known(name: str) -> list[str]:
        if name not in service.served:
            return list(service.served)
        return ["model", "predict", "explain", "change", "rank", "docs"]

    return router
