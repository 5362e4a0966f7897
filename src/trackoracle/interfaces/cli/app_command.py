"""`app`: the web app."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from trackoracle.interfaces.cli.serve_command import NamedOption, oracle_paths

OraclesArgument = Annotated[
    Optional[list[Path]],  # noqa: UP045
    typer.Argument(
        metavar="X.oracle ...",
        help="Oracles to choose from, each under the name of its file; the first answers "
        "until another is chosen. Left out, the starter oracle.",
        show_default=False,
    ),
]
PublicOption = Annotated[bool, typer.Option("--allow-public", help="Listen where others reach it.")]
FeedbackOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        metavar="URL",
        help="File or database URL where what users say is kept.",
        show_default=False,
    ),
]


def app(
    oracles: OraclesArgument = None,
    named: NamedOption = [],  # noqa: B006
    catalog: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="CATALOG",
            help="A catalog that everyone may open, and whose tracks similar ones are looked for "
            "in. Left out, the synthetic sample.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8501,
    allow_public: PublicOption = False,
    feedback: FeedbackOption = None,
    file_mb: Annotated[int, typer.Option(help="Largest file that is taken, in MB.")] = 200,
    files: Annotated[int, typer.Option(help="Most files at once.")] = 50,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = True,
) -> None:
    """Open the web app: predict, change, rank, explore, compare, for people who do not program.

    Recordings that are dropped are heard on this machine and deleted. Nothing is sent anywhere,
    but for links, of which live services are asked. How to host it for others: docs/hosting.md.

    Examples:

        trackoracle app

        trackoracle app mine.oracle other.oracle --catalog dataset.csv

        trackoracle app --host 0.0.0.0 --allow-public --no-open --file-mb 50
    """
    from trackoracle.interfaces import web

    limits = web.AppLimits(file_mb=file_mb, files=files)
    paths = oracle_paths(oracles or [], named)
    web.check_names(paths)
    web.check_address(host, port, None, allow_public=allow_public)
    open_app_on(
        paths,
        catalog=catalog,
        host=host,
        port=port,
        limits=limits,
        feedback=feedback,
        allow_public=allow_public,
        open_browser=open_browser,
    )


def open_app_on(paths: Mapping[str, Path | None], **how: Any) -> None:
    """Open the app on oracles in files; see `run_app_on`."""
    from trackoracle.interfaces import web

    web.run_app_on(paths, **how)
