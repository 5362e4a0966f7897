"""Pages as a reader sees them: blocks of code, code within sentences, and the marks above blocks.

A block of `bash` or `python` is run, page by page and in order, in an empty folder, unless a mark
stands just above it:

    <!-- not run: REASON -->           it needs the internet, a service, an hour, or a file
    <!-- exit: 2 -->                   it ends with this code
    <!-- given: x.oracle, new.csv -->  files that a reader of the page has

`<!-- page not run: REASON -->` says the first of all blocks of a page that is run elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs").rglob("*.md"))
RUN = [*GUIDES, ROOT / "README.md"]
"""Pages whose blocks are run."""
READ = [*RUN, *(ROOT / name for name in ("CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")),
        ROOT / "benchmarks" / "README.md"]  # fmt: skip
"""Pages whose commands must exist."""

_MARK = re.compile(r"^\s*<!--\s*(not run|exit|given|page not run):\s*(.+?)\s*-->\s*$")
_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})\s*([\w+-]*)")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LANGUAGES_OF_COMMANDS = ("", "bash", "console", "sh", "text")


@dataclass(frozen=True)
class Block:
    """A fenced or indented block of code, with what is said of it just above."""

    page: Path
    line: int
    language: str
    text: str
    not_run: str = ""
    exit: int = 0
    given: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """The lines of a block of commands, those that go on joined, without prompts."""
        if self.language not in _LANGUAGES_OF_COMMANDS:
            return []
        joined = re.sub(r"\\\n\s*", " ", self.text)
        return [line.strip().removeprefix("$ ") for line in joined.splitlines() if line.strip()]


def name_of(page: Path) -> str:
    """Return a page's path, for the name of a test."""
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> Iterator[Block]:
    """Go through the fenced blocks of a page, and blocks that are indented by four."""
    lines = page.read_text("utf-8").splitlines()
    first = next((at for at, line in enumerate(lines) if _FENCE.match(line)), 0)
    marks = [mark for line in lines[:first] if (mark := _MARK.match(line))]
    whole = next((mark[2] for mark in marks if mark[1] == "page not run"), "")
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        end = at + 1
        if fence:
            closing = re.compile(rf"^\s*{fence[2]}\s*$")
            while end < len(lines) and not closing.match(lines[end]):
                end += 1
            assert end < len(lines), f"{name_of(page)}:{at + 1}: a block that nothing ends"
            yield _block(page, at, fence[3], lines[at + 1 : end], whole, _marks(lines, at))
        elif lines[at].startswith("    ") and not (at and lines[at - 1].strip()):
            while end < len(lines) and lines[end].startswith("    "):
                end += 1
            yield _block(page, at, "text", lines[at:end], whole, {})
        at = end + 1 if fence else end


def _block(
    page: Path, at: int, language: str, lines: list[str], whole: str, marks: dict[str, str]
) -> Block:
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return Block(
        page,
        at + 1,
        language,
        "\n".join(line[indent:] for line in lines),
        not_run=marks.get("not run", whole),
        exit=int(marks.get("exit", 0)),
        given=tuple(name.strip() for name in marks.get("given", "").split(",") if name.strip()),
    )


def _marks(lines: list[str], at: int) -> dict[str, str]:
    """Return the marks that stand just above a block; one empty line may lie between."""
    found: dict[str, str] = {}
    above = at - 1
    while above >= 0 and (not lines[above].strip() or _MARK.match(lines[above])):
        if mark := _MARK.match(lines[above]):
            found.setdefault(mark[1], mark[2])
        above -= 1
    return found


def spans(page: Path) -> Iterator[tuple[int, str]]:
    """Go through the code within sentences, with its line."""
    inside = False
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            yield from ((number, span) for span in _SPAN.findall(line))
