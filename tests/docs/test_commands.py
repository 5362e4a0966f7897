"""Every command that a page names exists, with the options that it is given."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer
from benchmarks.__main__ import BENCHMARKS
from tests.docs.pages import READ, ROOT, RUN, blocks, name_of, spans
from tools.docs.command_line import commands, root

import trackoracle as to

_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
_REFUSED = typer.BadParameter.__mro__[2]


def _commands_of(page: Path) -> Iterator[tuple[str, str, bool]]:
    """Go through what a page tells to type: where it stands, the words, and whether it is whole."""
    for block in blocks(page):
        for line in block.commands:
            for part in re.split(r"\s\|\s", line):
                yield str(block), part, True
    for number, span in spans(page):
        yield f"{name_of(page)}:{number}", span, False


@pytest.mark.parametrize("page", READ, ids=name_of)
def test_commands_exist(page: Path) -> None:
    wrong = [
        f"{at}: {why}" for at, line, whole in _commands_of(page) if (why := _wrong(line, whole))
    ]
    assert not wrong, "\n".join(wrong)


def _wrong(line: str, whole: bool) -> str:
    """Return what is wrong with a line; nothing where it is no command of ours."""
    told = re.sub(r"^(?:[A-Z_]+=\S*\s+)*", "", line)
    first = told.split(" ", 1)[0]
    if first not in ("trackoracle", "make", "python"):
        return ""
    words = shlex.split(re.sub(r"\s[<>]\s*\S+", " ", told), comments=True)
    if first == "trackoracle":
        return _wrong_command(words[1:], whole)
    if first == "make":
        names = [w for w in words[1:] if "=" not in w and not w.startswith("-")]
        return "".join(
            f"no target {name} in the Makefile. " for name in names if name not in _TARGETS
        )
    return _wrong_module(words[1:])


def _wrong_command(words: list[str], whole: bool) -> str:
    command, name = root(), "trackoracle"
    if not words or words[0].isupper() or words[0].startswith("-"):
        return ""  # `trackoracle COMMAND`, `trackoracle --version`
    while hasattr(command, "commands") and words:
        if words[0] not in command.commands:
            return f"{name} has no command {words[0]}"
        name, command, words = f"{name} {words[0]}", command.commands[words[0]], words[1:]
    if hasattr(command, "commands") or words[-1:] == ["--help"]:
        return ""
    words = [word for word in words if word != "..."]
    try:
        if whole:
            command.make_context(name, words)
        else:  # a sentence may leave out what must be given
            context = command.context_class(command, info_name=name)
            with context.scope(cleanup=False):
                command.make_parser(context).parse_args(args=words)
    except _REFUSED as error:
        return f"{name}: {error.format_message()}"
    return ""


def _wrong_module(words: list[str]) -> str:
    if words[:1] != ["-m"]:
        script = next(iter(words), "")
        return (
            f"no file {script}" if script.endswith(".py") and not (ROOT / script).exists() else ""
        )
    module, rest = words[1], words[2:]
    if module.split(".")[0] not in ("benchmarks", "tools"):
        return ""
    found = find_spec(module)
    if found is None or found.origin is None:
        return f"no module {module}"
    main = Path(found.origin)
    main = main.with_name("__main__.py") if main.name == "__init__.py" else main
    beside = [main.with_name(f"{name}.py") for name in rest]  # a benchmark adds options of its own
    source = "".join(file.read_text() for file in (main, *beside) if file.is_file())
    for word in rest:
        if word.startswith("--") and f'"{word}"' not in source:
            return f"{module} has no option {word}"
    if module == "benchmarks":
        named = [word for word in _before_options(rest) if word.islower()]
        return "".join(f"no benchmark {name}. " for name in named if name not in BENCHMARKS)
    return ""


def _before_options(words: list[str]) -> list[str]:
    end = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return words[:end]


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda value: str(value)[:40])
def test_the_examples_of_a_commands_help_exist(name: str, command: Any) -> None:
    lines = re.findall(r"trackoracle [^\n]+", (command.help or "").partition("Examples:")[2])
    assert not [why for line in lines if (why := _wrong(line.strip(), whole=True))]


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_names_of_python_blocks_exist(page: Path) -> None:
    """Whatever is run or not: it parses, and what it takes from the package is there."""
    wrong = []
    for block in blocks(page):
        if block.language == "python":
            for node in ast.walk(ast.parse(block.text)):
                for owner, known in (("to", to), ("oracle", to.Oracle)):
                    if (
                        isinstance(node, ast.Attribute)
                        and isinstance(node.value, ast.Name)
                        and node.value.id == owner
                        and not hasattr(known, node.attr)
                    ):
                        wrong.append(f"{block}: {owner}.{node.attr}")
    assert not wrong


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("trackoracle forecast x.csv", "no command forecast"),
        ("trackoracle predict x.csv --sure", "No such option"),
        ("trackoracle predict x.csv --level high", "should be a valid number"),
        ("trackoracle hub fetch OWNER/NAME", "no command fetch"),
        ("make tests", "no target tests"),
        ("python -m benchmarks speed", "no benchmark speed"),
        ("python -m benchmarks prediction --fast", "no option --fast"),
        ("python -m tools.build_everything", "no module"),
        ("python tools/build_everything.py", "no file"),
    ],
)
def test_what_does_not_exist_is_told(line: str, why: str) -> None:
    assert why in _wrong(line, whole=True)
