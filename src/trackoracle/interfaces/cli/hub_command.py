"""`hub push` and `hub pull`: an oracle and its card on a hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from trackoracle.interfaces.cli.catalog_commands import JsonOption, QuietOption
from trackoracle.interfaces.cli.console import Screen, check_outputs

app = typer.Typer(
    name="hub",
    help="Share an oracle and its card by the Hugging Face hub (extra live).",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command()
def push(
    oracle: Annotated[Path, typer.Argument(metavar="X.oracle", help="A trained oracle.")],
    to: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="Repository; made where there is none.")
    ],
    private: Annotated[
        bool, typer.Option("--private", help="A new repository is for its owner's eyes only.")
    ] = False,
    licence: Annotated[
        str, typer.Option(help="Of the oracle, as the hub abbreviates licences: mit, cc-by-4.0.")
    ] = "unknown",
    rights: Annotated[
        bool,
        typer.Option(
            "--i-have-the-rights",
            help="States that you may share what was learned from tracks of a live service.",
        ),
    ] = False,
    json: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Send an oracle with its card to a hub, and check that it arrived as it was sent.

    Needs a token that may write: HF_TOKEN, or that of `hf auth login`. The card says what the
    oracle learned from and how good it is; one without scores is refused.

    Examples:

        trackoracle hub push x.oracle OWNER/NAME

        trackoracle hub push x.oracle OWNER/NAME --private --licence cc-by-4.0
    """
    import trackoracle
    from trackoracle.rendering import pushed_table

    screen = Screen(quiet=quiet)
    check_outputs((json,), (oracle,))
    with screen.progress("pushing"):
        pushed = trackoracle.push_oracle(
            oracle, to, private=private, licence=licence, i_have_the_rights=rights
        )
    for text in pushed.notes:
        screen.note(text)
    if json:
        screen.json(pushed.to_dict(), json)
    if json != "-":
        screen.answer(pushed_table(pushed))
    screen.note(f"Next: trackoracle hub pull {pushed.pinned}")


@app.command()
def pull(
    name: Annotated[
        str,
        typer.Argument(
            metavar="OWNER/NAME[@REVISION]", help="Repository, and which commit, tag or branch."
        ),
    ],
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--output", "-o", metavar="F.oracle", help="Where to put it (NAME.oracle, here)."
        ),
    ] = None,
    json: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fetch an oracle from a hub; what was cut off goes on.

    It is held to the sum that the hub states and to its own manifest, and is loaded, before it
    takes its name; nothing in it is executed. The commit is told: name it after an @ to get the
    same file again.

    Examples:

        trackoracle hub pull OWNER/NAME

        trackoracle hub pull OWNER/NAME@COMMIT -o x.oracle

        trackoracle predict hub:OWNER/NAME@COMMIT tracks.csv
    """
    import trackoracle
    from trackoracle.rendering import pulled_table

    screen = Screen(quiet=quiet)
    check_outputs((json,), ())
    try:
        with screen.progress("pulling", in_bytes=True) as progress:
            pulled = trackoracle.pull_oracle(name, output, progress=progress)
    except KeyboardInterrupt:
        screen.note("Stopped. What has arrived is kept; the same command goes on.")
        raise typer.Exit(1) from None
    for text in pulled.notes:
        screen.note(text)
    if json:
        screen.json(pulled.to_dict(), json)
    if json != "-":
        screen.answer(pulled_table(pulled))
    screen.note(f"Next: trackoracle info {pulled.path}")
