"""The site is built as `make docs` builds it, and read as a browser reads it."""

from __future__ import annotations

import doctest
import json
import logging
import os
import re
import warnings
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from tests.docs.pages import ROOT
from tools.docs import (
    columns,
    command_line,
    docstrings,
    environment,
    errors,
    markdown,
    notebooks,
    reference,
    repository,
    service,
    training_settings,
)

import trackoracle as to
from trackoracle.settings import _VARIABLES

pytestmark = pytest.mark.long

_LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"),
           ("source", "src"), ("video", "src"), ("object", "data"), ("use", "href")}  # fmt: skip
_ASKED_OF_OTHERS = re.compile(r"""(?:url\(|@import)\s*["']?(?:https?:)?//""")


class _Page(HTMLParser):
    """The links, anchors and loaded files of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        self.anchors |= {name for name in (told.get("id"), told.get("name")) if name}
        if tag == "a" and told.get("href"):
            self.links.append(str(told["href"]))
        for name, value in attributes:
            relation = told.get("rel") or ""
            if (tag, name) in _LOADED and value and relation not in ("canonical", "next", "prev"):
                self.loaded.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site; a warning of MkDocs or of a plugin fails."""
    folder = tmp_path_factory.mktemp("site")
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    told = _Told()
    logging.getLogger("mkdocs").addHandler(told)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the builder's own libraries
            config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder))
            config.plugins.run_event("startup", command="build", dirty=False)
            build(config)
    finally:
        logging.getLogger("mkdocs").removeHandler(told)
        del os.environ["NO_MKDOCS_2_WARNING"]
    assert not told.warnings, "\n".join(told.warnings)
    return folder


class _Told(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.warnings: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.warnings.append(record.getMessage())


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Page]:
    return {file: _Page(file.read_text("utf-8")) for file in site.rglob("*.html")}


def test_every_link_and_anchor_of_the_site_leads_somewhere(
    site: Path, pages: dict[Path, _Page]
) -> None:
    assert len(pages) > 40
    lost = []
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or file.name == "404.html":
                continue
            to_file = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not to_file.exists() or (
                parts.fragment
                and to_file in pages
                and unquote(parts.fragment) not in pages[to_file].anchors
            ):
                lost.append(f"{file.relative_to(site)}: {link}")
    assert not lost, "\n".join(lost)


def test_no_page_loads_anything_of_another_host(site: Path, pages: dict[Path, _Page]) -> None:
    outside = [
        f"{file.relative_to(site)}: {address}"
        for file, page in pages.items()
        for address in page.loaded
        if urlsplit(address).netloc
    ]
    styles = [str(f) for f in site.rglob("*.css") if _ASKED_OF_OTHERS.search(f.read_text("utf-8"))]
    assert not outside + styles
    assert all(
        (site / "index.html").parent.joinpath(a).exists() for a in pages[site / "index.html"].loaded
    )


def test_scripts_of_notebooks_can_be_taken(site: Path) -> None:
    for place, path in notebooks.files().items():
        assert (site / place).read_bytes() == path.read_bytes()
    assert (site / "notebooks" / "honest_oracle.py").exists()


def test_search_is_told_to_pages_on_disk(site: Path, pages: dict[Path, _Page]) -> None:
    assert "assets/iframe-worker.js" in pages[site / "index.html"].loaded
    index = (site / "search" / "search_index.js").read_text("utf-8")
    assert index.startswith("var __index = ")
    for word in ("explain_all", "TRACKORACLE_CACHE_MB", "target_group_mean", "PlaylistWish"):
        assert word in index


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("column names", "reference/columns.html"),
        ("csv format", "reference/columns.html"),
        ("durations", "reference/columns.html"),
        ("columns of predict", "reference/written.html"),
        ("glossary", "glossary.html"),
        ("hyperparameters", "reference/settings.html"),
        ("settings", "reference/settings.html"),
        ("genres", "cards/starter.html"),
    ],
)
def test_words_that_people_look_for_stand_in_a_heading(site: Path, words: str, place: str) -> None:
    index = (site / "search" / "search_index.js").read_text("utf-8")
    told = json.loads(index.removeprefix("var __index = ").rstrip().rstrip(";"))["docs"]
    titles = [
        entry["title"].lower() for entry in told if entry["location"].partition("#")[0] == place
    ]
    assert any(all(word in title for word in words.split()) for title in titles), titles


def test_links_of_the_files_beside_the_site_lead_somewhere() -> None:
    """README, CONTRIBUTING and the like are read where the repository is: so are their links."""
    files = [*ROOT.glob("*.md"), ROOT / "benchmarks" / "README.md", *(ROOT / "docs").glob("*.md")]
    made = {ROOT / "docs" / place for place in _made()}
    lost = []
    for file in files:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", file.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            to_file = (file.parent / path).resolve() if path else file
            there = to_file in made or (
                to_file.exists()
                and (not anchor or to_file.suffix != ".md" or anchor in _anchors(to_file))
            )
            if not there:
                lost.append(f"{file.relative_to(ROOT)}: {target}")
    assert not lost, "\n".join(lost)


def _made() -> list[str]:
    return [
        *(f"reference/{group.place}.md" for group in reference.GROUPS),
        "reference/index.md", "reference/command-line.md", "reference/http.md",
        "reference/environment.md", "reference/errors.md", "cards/starter.md", "cards/catalogs.md",
        "reference/columns.md", "reference/written.md", "reference/settings.md",
    ]  # fmt: skip


def _anchors(file: Path) -> set[str]:
    """Return the anchors of a file's headings, as GitHub and MkDocs both make them."""
    text = re.sub(r"```.*?```", "", file.read_text("utf-8"), flags=re.DOTALL)
    heads = re.findall(r"^#+\s+(.+?)\s*$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_the_reference_tells_every_public_name(site: Path, pages: dict[Path, _Page]) -> None:
    told = set[str]().union(*(pages[f].anchors for f in (site / "reference").glob("*.html")))
    missing = [name for name in to.__all__ if f"trackoracle.{name}" not in told]
    assert missing == ["TrackOracleError"]  # on the page of errors
    assert "<code>TrackOracleError</code>" in (site / "reference" / "errors.html").read_text()
    methods = {f"trackoracle.Oracle.{m}" for m in ("predict", "explain", "rank", "predict_file")}
    assert methods <= told


def test_a_name_in_no_group_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to, "__all__", [*to.__all__, "foresee"])
    with pytest.raises(ValueError, match="foresee"):
        reference.pages()


def test_every_command_and_option_is_told() -> None:
    page = command_line.page()
    names = [name for name, _ in command_line.commands()]
    assert {"trackoracle predict", "trackoracle hub push", "trackoracle audio train"} <= {*names}
    for name, command in command_line.commands():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                assert not option.startswith("-") or f"`{option}`" in section, (name, option)


def test_every_variable_and_exception_is_told() -> None:
    source = "".join(f.read_text("utf-8") for f in (ROOT / "src").rglob("*.py"))
    page = environment.page()
    assert not [v for v in set(re.findall(r"TRACKORACLE_[A-Z_]+", source)) if f"`{v}`" not in page]
    assert not [v for v in _VARIABLES.values() if f"`{v}`" not in page]
    told = errors.page()
    assert {kind.__name__ for kind in errors.kinds()} >= {"BundleError", "RightsError"}
    assert all(f"`{kind.__name__}`" in told for kind in errors.kinds())


@pytest.mark.parametrize(
    "module",
    [columns, docstrings, markdown, notebooks, repository, training_settings],
    ids=lambda m: m.__name__,
)
def test_the_examples_of_the_page_makers_hold(module: ModuleType) -> None:
    done = doctest.testmod(module)
    assert done.attempted
    assert not done.failed


def test_every_address_is_told() -> None:
    described = service.description()
    page = service.page()
    for address in described["paths"]:
        assert f"`{address}" in page or f" {address}`" in page
    assert "/similar" in page
    assert "/listen" in page
