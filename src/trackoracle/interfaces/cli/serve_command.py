"""`serve`: answer over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from trackoracle.errors import ConfigError

STARTER_NAME = "starter"
NamedOption = Annotated[
    list[str],
    typer.Option("--name", metavar="NAME=FILE", help="An oracle under another name."),
]


def serve(
    oracles: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Argument(
            metavar="X.oracle ...",
            help="Oracles, each under the name of its file; the first is the one that is meant "
            "without a name. Left out, the starter oracle.",
            show_default=False,
        ),
    ] = None,
    named: NamedOption = [],  # noqa: B006
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8000,
    token: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            envvar="TRACKORACLE_TOKEN",
            show_default=False,
            help="Requests must bear it. Better by the variable: others see a command line.",
        ),
    ] = None,
    allow_public: Annotated[
        bool,
        typer.Option("--allow-public", help="Listen where others reach it, without a token."),
    ] = False,
    cors: Annotated[
        list[str],
        typer.Option(metavar="ORIGIN", help="A web page that may ask, as https://example.org."),
    ] = [],  # noqa: B006
    catalog: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="CATALOG", help="Among whose tracks /similar looks."),
    ] = None,
    most_tracks: Annotated[int, typer.Option(help="Tracks in one request.")] = 10_000,
    most_bytes: Annotated[int, typer.Option(help="Bytes in one request.")] = 8_000_000,
    seconds: Annotated[float, typer.Option(help="Seconds that an answer may take.")] = 30.0,
) -> None:
    """Answer over HTTP: predictions, explanations, changes, rankings, and a page to try them.

    The page is at /, the description of all addresses at /docs. SIGTERM and Ctrl-C finish what
    was begun. The log goes to standard error, a line of JSON a request.

    Examples:

        trackoracle serve

        trackoracle serve x.oracle --name hits=hits-2026.oracle --port 9000

        trackoracle serve x.oracle --catalog dataset.csv

        TRACKORACLE_TOKEN=... trackoracle serve x.oracle --host 0.0.0.0

        curl localhost:8000/predict --json '{"genre": "pop", "tempo": 120}'
    """
    import trackoracle
    from trackoracle.interfaces import rest

    limits = rest.Limits(tracks=most_tracks, body_bytes=most_bytes, answer_seconds=seconds)
    paths = oracle_paths(oracles or [], named)
    rest.check_names(paths)
    rest.check_token(token)
    rest.check_address(host, port, token, allow_public=allow_public)
    index = None if catalog is None else trackoracle.open_index(catalog)
    rest.serve(
        {name: trackoracle.load_oracle(path) for name, path in paths.items()},
        host=host,
        port=port,
        limits=limits,
        token=token,
        origins=cors,
        catalog=index,
        allow_public=allow_public,
    )


def oracle_paths(files: list[Path], named: list[str]) -> dict[str, Path | None]:
    """Return the files of oracles by their names; the starter's, None, when there is none."""
    paths: dict[str, Path | None] = {}
    for name, path in [*((file.stem, file) for file in files), *map(_pair, named)]:
        if name in paths:
            raise ConfigError(
                f"name: expected every name once, got {name!r} twice. Give one another, as "
                f"--name {name}-2={path}."
            )
        paths[name] = path
    return paths or {STARTER_NAME: None}


def _pair(text: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not equals or not name.strip() or not file:
        raise ConfigError(f"--name: expected NAME=FILE, got {text!r}. Correct it.")
    return name.strip(), Path(file)
