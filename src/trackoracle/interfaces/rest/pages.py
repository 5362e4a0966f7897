"""The pages for people: the form of each oracle, and the addresses of the service."""

# Annotations are not postponed here: FastAPI reads those of the endpoints.
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from trackoracle.interfaces.rest.guard import PAGE_HEADERS
from trackoracle.interfaces.rest.service import Served, Service
from trackoracle.rendering import ASSETS, asset, docs_page, form_page


def page_routes(service: Service) -> APIRouter:
    """Build the addresses of the pages, and of what they load."""
    router = APIRouter(include_in_schema=False)
    for served in service.served.values():
        _add_form(router, service, served)

    @router.get("/docs")
    async def docs(request: Request) -> Response:
        return _page(docs_page(request.app.openapi()))

    for name, media_type in ASSETS.items():
        router.add_api_route(f"/{name}", _fixed(asset(name), media_type), methods=["GET"])
    return router


def _add_form(router: APIRouter, service: Service, served: Served) -> None:
    oracle = served.oracle
    others = [name for name in service.served if name != served.name]

    def form(root: str) -> str:
        return form_page(served.name, oracle.contract, oracle.target, others, root)

    if served is service.default:
        router.add_api_route("/", _fixed(form(""), "text/html"), methods=["GET"])
    path = f"/models/{served.name}/"
    router.add_api_route(path, _fixed(form("../../"), "text/html"), methods=["GET"])


def _fixed(text: str, media_type: str) -> Callable[[], Awaitable[Response]]:
    """Return an endpoint that always answers the same."""

    async def answer() -> Response:
        return Response(text, media_type=media_type, headers=PAGE_HEADERS)

    return answer


def _page(text: str) -> Response:
    return Response(text, media_type="text/html", headers=PAGE_HEADERS)
