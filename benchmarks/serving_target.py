"""The server that `serving` asks: the starter oracle, and beside it a constant.

`/constant` reads, parses and validates a body as `/predict` does, and answers what was written
beforehand: what the service costs without the oracle.
"""

import json
import sys
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response

import trackoracle
from trackoracle.interfaces.rest import create_app
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.interfaces.rest.models import example_of
from trackoracle.interfaces.rest.options import PredictOptions
from trackoracle.interfaces.rest.reading import Kind, kind_of, kind_wanted, parsed
from trackoracle.interfaces.rest.running import run
from trackoracle.interfaces.rest.service import told


def with_constant() -> FastAPI:
    """Build the service of the starter oracle, with the constant."""
    oracle = trackoracle.load_oracle()
    app = create_app({"starter": oracle})
    service = app.state.service
    model = service.default.tracks
    answer = oracle.predict(example_of(oracle.contract)).to_dicts()[0]
    written = json.dumps(answer).encode()

    @app.post("/constant")
    async def constant(request: Request, options: Annotated[PredictOptions, Query()]) -> Response:
        kind = kind_of(request, tuple(Kind))
        wanted = kind_wanted(request, kind)
        raw = await service.received(request)
        told(request).update(model="starter", n_tracks=1)
        model.read_one(parsed(raw))
        return Response(written, media_type=wanted.value)

    return app


if __name__ == "__main__":
    run(with_constant(), "127.0.0.1", int(sys.argv[1]), Limits())
