"""Files of the repository as pages of the site, and their links as links between pages."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = {
    "benchmarks/README.md": "benchmarks.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
}
"""By file, the page that shows it; files under docs/ are pages under their own names."""
_ALSO = {"README.md": "index.md", "benchmarks": "benchmarks.md"}
_LINK = re.compile(r"(\[[^\]]*\])\(([^)\s]+)\)")
_FENCE = re.compile(r"^([ ]*)(```|~~~).*?^\1\2[ ]*$", re.MULTILINE | re.DOTALL)


def pages() -> dict[str, str]:
    """Return the Markdown of the files that lie outside of docs/, by place in the site."""
    return {place: (ROOT / name).read_text("utf-8") for name, place in PLACES.items()}


def with_site_links(markdown: str, place: str) -> str:
    """Return a page whose links between files of the repository lead to pages.

    A link to a file that has no page, as a module or the licence, keeps its text alone.

    Examples
    --------
    >>> with_site_links("[how](../benchmarks/README.md#speed)", "audio.md")
    '[how](benchmarks.md#speed)'
    >>> with_site_links("[rooms](ARCHITECTURE.md), [plain](LICENSE)", "project/contributing.md")
    '[rooms](architecture.md), plain'
    """
    file = next((name for name, at in PLACES.items() if at == place), f"docs/{place}")

    def turned(link: re.Match[str]) -> str:
        text, target = link.groups()
        to = _turned(target, file, place)
        return text[1:-1] if to is None else f"{text}({to})"

    parts, end = [], 0
    for fence in _FENCE.finditer(markdown):
        parts += [_LINK.sub(turned, markdown[end : fence.start()]), fence.group()]
        end = fence.end()
    return "".join([*parts, _LINK.sub(turned, markdown[end:])])


def _turned(target: str, file: str, place: str) -> str | None:
    """Return where a link leads in the site; None where there is nothing."""
    path, mark, anchor = target.partition("#")
    if "://" in target or not path or target.startswith("mailto:"):
        return target
    named = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    to = {**PLACES, **_ALSO}.get(named)
    if to is None and named.startswith("docs/"):
        to = named.removeprefix("docs/")
        page = posixpath.splitext(to)[0] + ".md"
        if to.startswith("notebooks/") and page != place:
            to = page  # a script's page; from there to the script itself
    if to is None:
        # A page may link to one that is made; what is nowhere fails the strict build.
        return None if (ROOT / named).exists() else target
    return posixpath.relpath(to, posixpath.dirname(place) or ".") + mark + anchor
