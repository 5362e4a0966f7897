"""What a page tells to run is run, block after block, in an empty folder."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.docs.pages import RUN, Block, blocks, name_of
from tests.interfaces.running import run_here

pytestmark = pytest.mark.long

_PIECES = re.compile(r"\s(\||<|>)\s")
_SCRIPT = re.compile(r"<<|\$\(|&&|;|^\s*(for|while|if)\b", re.MULTILINE)
"""What only a shell understands: such a block is handed to one whole."""

Given = Callable[[str, Path], None]


@pytest.mark.parametrize("page", RUN, ids=name_of)
def test_page_runs(
    page: Path, given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("TRACKORACLE_CACHE", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / ".of-the-user"))
    monkeypatch.setenv("TRACKORACLE_FEEDBACK", str(tmp_path / "feedback.db"))
    monkeypatch.setenv("TRACKORACLE_JOBS", "1")
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.not_run or block.language not in ("bash", "python"):
            continue
        for name in block.given:
            given(name, tmp_path)
        if block.language == "python":
            run_python(block, names)
        else:
            run_commands(block)


def run_python(block: Block, names: dict[str, Any]) -> None:
    """Run a block of Python in the names of its page; its lines are those of the page."""
    tree = ast.increment_lineno(ast.parse(block.text), block.line)
    exec(compile(tree, str(block.page), "exec"), names)


def run_commands(block: Block) -> None:
    """Run the lines of a block, and hold each to the exit code that the block is marked with."""
    if _SCRIPT.search(block.text):
        done = _by_shell(block.text)
        assert done.returncode == block.exit, f"{block}: {done.returncode}\n{done.stderr}"
        return
    for line in block.commands:
        if not line.startswith("#"):
            code, said = _run_line(line)
            assert code == block.exit, f"{block}: {line!r} ended with {code}\n{said}"


def _run_line(line: str) -> tuple[int, str]:
    """Run a line in this process, stage by stage of its pipe; what is none of ours by a shell."""
    first, *more = _PIECES.split(_without_comment(line))
    stages, into = [first], ""
    given: str | bytes = ""
    for sign, piece in zip(more[::2], more[1::2], strict=True):
        if sign == "|":
            stages.append(piece)
        elif sign == "<":
            given = Path(piece.strip()).read_bytes()
        else:
            into = piece.strip()
    code, said = 0, ""
    for stage in stages:
        words = shlex.split(stage)
        if words[0] == "trackoracle":
            done = run_here(*_expanded(words[1:]), stdin=given)
        else:
            done = _by_shell(stage, given if isinstance(given, str) else given.decode())
        given, code, said = done.stdout, code or done.returncode, said + done.stderr
    if into:
        Path(into).write_text(str(given), encoding="utf-8")
    return code, said


def _without_comment(line: str) -> str:
    """Cut off a comment, and nothing of what is quoted.

    The words are told apart as a shell does; where they end, the comment begins.
    """
    for at in [found.start() for found in re.finditer(r"\s#", line)]:
        head = line[:at]
        if head.count("'") % 2 == 0 and head.count('"') % 2 == 0:
            return head
    return line


def _expanded(words: list[str]) -> list[str]:
    return [
        str(name)
        for word in words
        for name in (sorted(Path().glob(word)) if "*" in word and word[0] != "/" else [word])
    ]


def _by_shell(text: str, given: str = "") -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )


def _block(text: str, language: str = "bash", code: int = 0) -> Block:
    return Block(Path(__file__), 1, language, text, exit=code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("trackoracle predict nowhere.csv", 0),
        ("trackoracle check sample --json -", 2),
        ("cat nowhere", 0),
        ("echo '{\"tempo\": 120}' | trackoracle predict - | grep nothing", 0),
    ],
)
def test_a_block_that_ends_otherwise_is_told(
    text: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError, match="ended with"):
        run_commands(_block(text, code=code))


def test_pipes_and_files_reach_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = (
        """echo '{"genre": "pop", "tempo": 120}' > track.jsonl  # a comment with a | and a >""",
        "trackoracle predict - < track.jsonl > said.csv",
        "cat track.jsonl | trackoracle predict - --json - | grep popularity",
    )
    run_commands(_block("\n".join(lines)))
    assert "popularity" in Path("said.csv").read_text()


def test_a_python_block_tells_the_line_of_its_page() -> None:
    with pytest.raises(ZeroDivisionError) as error:
        run_python(_block("\n\n1 / 0", "python"), {})
    assert error.traceback[-1].lineno == 3
