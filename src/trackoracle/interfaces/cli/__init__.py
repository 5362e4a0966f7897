"""The command line: parse, one facade call, render."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from rich.console import Console

from trackoracle.errors import ServiceError, TrackOracleError
from trackoracle.interfaces.cli import (
    app_command,
    audio_command,
    audit_command,
    catalog_commands,
    change_command,
    demo,
    enrich_command,
    experiment_command,
    explain_command,
    feedback_command,
    fetch_command,
    gradio_command,
    hub_command,
    listen_command,
    lookup_command,
    oracle_commands,
    playlist_command,
    rank_command,
    report_command,
    serve_command,
    similar_command,
    triage_command,
)

# Typer may bring a click of its own: only what it exports itself is sure to be the one it raises.
_ClickException: Any = typer.BadParameter.__mro__[2]
_INTERRUPTED = 130

app = typer.Typer(
    name="trackoracle",
    help="Predict and explain the popularity of music tracks, with honest scores.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)
for command in (
    demo.demo,
    catalog_commands.check,
    enrich_command.enrich,
    fetch_command.fetch,
    audit_command.audit,
    oracle_commands.train,
    oracle_commands.evaluate,
    oracle_commands.predict,
    explain_command.explain,
    change_command.change,
    rank_command.rank,
    similar_command.similar,
    playlist_command.playlist,
    triage_command.triage,
    listen_command.listen,
    lookup_command.lookup,
    report_command.report,
    oracle_commands.info,
    experiment_command.experiment,
    app_command.app,
    gradio_command.gradio,
    serve_command.serve,
):
    app.command()(command)
app.add_typer(audio_command.app)
app.add_typer(feedback_command.app)
app.add_typer(hub_command.app)


def _version(wanted: bool) -> None:
    if wanted:
        import trackoracle

        typer.echo(f"trackoracle {trackoracle.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version."
    ),
) -> None:
    return None


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: exit 0 when done, 2 for bad input or use, 1 for anything else."""
    code = _run(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    if code == 1:
        # Workers may still be inside a fit; nobody waits for its result.
        os._exit(code)
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        result = app(arguments, standalone_mode=False)
        if result == _INTERRUPTED:
            raise KeyboardInterrupt
    except TrackOracleError as error:
        console.print(f"[bold red]Error[/] {_plain(error.message)}")
        return 1 if isinstance(error, ServiceError) else 2
    except _ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return _stopped(console)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 (kept for the flush at exit)
        return 1
    except (OSError, MemoryError) as error:
        console.print(f"[bold red]Error[/] {_plain(str(error) or type(error).__name__)}")
        return 1
    except ImportError as error:
        # A library in C that Ctrl-C met while it was imported.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        return _stopped(console)
    return result if isinstance(result, int) else 0


def _stopped(console: Console) -> int:
    console.print("[bold]Stopped.[/] Nothing was written.")
    return 1


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
