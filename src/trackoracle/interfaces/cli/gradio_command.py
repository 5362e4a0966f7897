"""`gradio`: a thin page to share."""

from __future__ import annotations

from typing import Annotated

import typer

from trackoracle.interfaces.cli.app_command import FeedbackOption, OraclesArgument, PublicOption
from trackoracle.interfaces.cli.serve_command import NamedOption, oracle_paths


def gradio(
    oracles: OraclesArgument = None,
    named: NamedOption = [],  # noqa: B006
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 7860,
    share: Annotated[
        bool,
        typer.Option(
            "--share",
            help="Open a public address at gradio.live: whoever knows it gets in, and all that is "
            "sent goes through Gradio's servers.",
        ),
    ] = False,
    allow_public: PublicOption = False,
    feedback: FeedbackOption = None,
    file_mb: Annotated[int, typer.Option(help="Largest recording that is taken, in MB.")] = 200,
) -> None:
    """Open a thin page by Gradio: predict and explain one track; flags are kept.

    Nothing is sent anywhere without --share. The whole app is `trackoracle app`.

    Examples:

        trackoracle gradio

        trackoracle gradio mine.oracle --name other=theirs.oracle

        trackoracle gradio --share
    """
    import trackoracle
    from trackoracle.interfaces import gradio_page

    limits = gradio_page.AppLimits(file_mb=file_mb)
    paths = oracle_paths(oracles or [], named)
    gradio_page.check_names(paths)
    gradio_page.check_address(host, port, None, allow_public=allow_public)
    gradio_page.run_page(
        {name: trackoracle.load_oracle(path) for name, path in paths.items()},
        host=host,
        port=port,
        share=share,
        limits=limits,
        feedback=feedback,
        allow_public=allow_public,
    )
