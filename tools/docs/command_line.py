"""The page of the command line: what each command says of itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

import typer
from rich.text import Text
from tools.docs.markdown import cell, code, table

from trackoracle.interfaces.cli import app

_INTRO = """# Command line

Made from the commands themselves: what `trackoracle COMMAND --help` says. Global options stand
before the command; `--help`, or `-h`, after any.

A command ends with **0** when it is done, with **2** for bad input or wrong use, told in a sentence
that says what was expected, what was got and what to do, and with **1** for anything else: a live
service that fails, Ctrl-C, a full disk, or what `--fail-on` was asked to fail on.
"""
_WORDS = {"bool": "flag", "str": "text", "int": "whole number", "float": "number", "Path": "path"}


def page() -> str:
    """Return the page of every command."""
    parts = [_INTRO, _overview()]
    for name, command in commands():
        parts += [f"## {name}", *_command(name, command)]
    return "\n\n".join(parts) + "\n"


def commands() -> Iterator[tuple[str, Any]]:
    """Go through the commands, those of groups by their whole name."""
    yield from _within("trackoracle", root())


@cache
def root() -> Any:
    """Return the whole command tree; Typer brings a click of its own, which has no public type."""
    return typer.main.get_command(app)


def _within(name: str, group: Any) -> Iterator[tuple[str, Any]]:
    for part, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _within(f"{name} {part}", command)
        else:
            yield f"{name} {part}", command


def _overview() -> str:
    rows = []
    for name, command in commands():
        first = _plain(command.help or "").split("\n")[0]
        rows.append([f"[`{name}`](#{name.replace(' ', '-')})", cell(first)])
    return table(["command", "what it does"], rows)


def _command(name: str, command: Any) -> list[str]:
    arguments = [p for p in command.params if _is_argument(p) and not p.hidden]
    options = [p for p in command.params if not _is_argument(p) and not p.hidden]
    usage = [name, *(_usage(p) for p in arguments), "[OPTIONS]" if options else ""]
    parts = [f"```text\n{' '.join(filter(None, usage))}\n```", _help(command.help or "")]
    if arguments:
        rows = [
            [code(p.metavar or p.name), _kind(p), cell(_plain(p.help or ""))] for p in arguments
        ]
        parts.append(table(["argument", "type", "meaning"], rows))
    if options:
        rows = [[_names(p), _kind(p), _default(p), cell(_plain(p.help or ""))] for p in options]
        parts.append(table(["option", "type", "default", "meaning"], rows))
    return parts


def _is_argument(parameter: Any) -> bool:
    return isinstance(parameter, typer.core.TyperArgument)


def _usage(argument: Any) -> str:
    told = argument.metavar or argument.name.upper()
    return told if argument.required else f"[{told}]"


def _help(text: str) -> str:
    """Return a command's help: its text, and its examples as code."""
    told = inspect.cleandoc(text.replace("\b", ""))
    head, _, tail = told.partition("\nExamples:")
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    parts = [_shown(_plain(head.strip()))]
    if lines:
        parts.append("```bash\n" + "\n".join(lines) + "\n```")
    return "\n\n".join(parts)


def _shown(text: str) -> str:
    return text.replace("<", "&lt;")


def _plain(text: str) -> str:
    """Return help without Rich's markup; what only looks like it stays."""
    return Text.from_markup(re.sub(r"\[(?=[A-Z@])", r"\\[", text)).plain


def _names(option: Any) -> str:
    names = ", ".join(code(name) for name in option.opts)
    off = ", ".join(code(name) for name in option.secondary_opts)
    metavar = f" {code(option.metavar)}" if option.metavar and not option.is_flag else ""
    return f"{names}{metavar}" + (f" or {off}" if off else "")


def _kind(parameter: Any) -> str:
    wanted = parameter.type_descriptor.annotation
    if get_origin(wanted) is Literal:
        return ", ".join(code(choice) for choice in get_args(wanted))
    many = get_origin(wanted) is list
    inner = get_args(wanted)[0] if many else wanted
    word = _WORDS.get(getattr(inner, "__name__", ""), str(inner))
    low, high = parameter.min, parameter.max
    if low is not None or high is not None:
        word += (
            f", {'' if low is None else f'from {low:g}'}{'' if high is None else f' to {high:g}'}"
        )
    return f"{word}, any number of times" if many and not _is_argument(parameter) else word


def _default(option: Any) -> str:
    value = option.default
    if option.required:
        return "must be given"
    if value is None or value == [] or callable(value):
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return code(value)
