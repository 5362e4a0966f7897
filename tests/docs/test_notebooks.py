"""The guided notebooks: run for real, whole, quiet, and nothing of this machine left in them."""

from __future__ import annotations

import getpass
import re
import runpy
import socket
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from tools.build_notebooks import ROOT, SOURCES, outputs, page, pages

from trackoracle.catalogs.sample import generate_sample

NAMES = tuple(source.stem for source in SOURCES)
FIGURES = {
    "exploring_a_catalog": {
        "Popularity", "By band", "Energy by popularity", "Spearman's correlation", "Pairs",
        "Popularity by genre", "Map of moods", "Two groups", "Along a feature",
    },
    "honest_oracle": {
        "How good each candidate is", "How popular it may be", "What drives the prediction",
        "What weighs", "This track along energy", "What each feature goes with alone",
        "The order, and how sure it is",
    },
}  # fmt: skip
"""What the text between the cells speaks of."""
TOLD = {
    "exploring_a_catalog": ("What was found", "same_title_and_credits", "p, Welch alone",
                            "Most like", "Playlist"),
    "honest_oracle": ("shared_artists", "protocol new_artist: a debut", "best naive baseline",
                      "new artists", "What such a list is worth", "same answers: True",
                      "points for {'energy': 0.3, 'tempo': 96.0}"),
}  # fmt: skip
_ASKS = {"src", "href", "xlink:href", "srcset", "action", "data", "poster"}

pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning:jupyter_client|zmq|tornado")


class Asked(HTMLParser):
    """What a browser would fetch for a page, and the headings of its figures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [value or "" for name, value in attrs if name in _ASKS]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both notebooks, run in kernels of their own."""
    folder = tmp_path_factory.mktemp("docs") / "notebooks"
    assert [path.name for path in pages(folder)] == [f"{name}.md" for name in NAMES]
    return folder


def read(made: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(made / f"{name}.ipynb", as_version=4)


def shown(notebook: nbformat.NotebookNode) -> str:
    """Everything that the cells showed, as text."""
    return "\n".join(
        str(output.get("text") or "\n".join(map(str, output.get("data", {}).values())))
        for output in outputs(notebook)
    ).replace("&#x27;", "'")


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_runs_in_order_and_quietly(made: Path, name: str) -> None:
    notebook = read(made, name)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {(o.output_type, o.get("name", "")) for o in outputs(notebook)}
    assert kinds <= {("execute_result", ""), ("stream", "stdout")}, "an error or a warning"
    assert "Warning" not in shown(notebook)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_text_speaks_of_is_there(made: Path, name: str) -> None:
    told = shown(read(made, name))
    drawn = set(re.findall(r'<h4>([^<]+)</h4><div class="to-wide"><svg', told))
    assert FIGURES[name] <= drawn, FIGURES[name] - drawn
    assert [text for text in TOLD[name] if text not in told] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched_and_nothing_runs(made: Path, name: str) -> None:
    told = Asked(shown(read(made, name)))
    assert told.fetched == []
    assert told.tags.isdisjoint({"script", "iframe", "link", "img", "object", "embed"})
    for text in (shown(read(made, name)), (made / f"{name}.md").read_text("utf-8")):
        assert not re.findall(r"url\((?!#)[^)]*\)|@import", text)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_this_machine_is_left(made: Path, name: str) -> None:
    for end in ("ipynb", "md"):
        text = (made / f"{name}.{end}").read_text("utf-8")
        for own in (str(ROOT), str(Path.home()) + "/", str(made), socket.gethostname()):
            assert own not in text
        assert not re.search(r"/(?:tmp|home|Users|work|var)/|[A-Z]:\\\\|0x[0-9a-f]{8}", text)
    if len(getpass.getuser()) > 4:
        assert getpass.getuser() not in shown(read(made, name))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_every_cell_and_what_it_showed(made: Path, name: str) -> None:
    notebook, text = read(made, name), (made / f"{name}.md").read_text("utf-8")
    assert text == page(notebook, name)
    assert text.startswith("# ")
    for cell in notebook.cells[1:]:
        assert cell.source in text
    assert text.count("<svg") == shown(notebook).count("<svg")
    styles = re.findall(r"<style>.*?</style>", text, re.DOTALL)
    assert len(styles) == len(set(styles))
    for block in re.findall(r'<div class="to-output".*?\n</div>', text, re.DOTALL):
        assert "\n\n" not in block, "a blank line ends HTML in Markdown"
    folder = ROOT / "docs" / "notebooks"
    for link in re.findall(r"\]\(([^)#]+)\)", "\n".join(c.source for c in notebook.cells)):
        assert (folder / link).resolve().exists(), link


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_a_script_runs_by_itself_on_the_file_of_a_reader(
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = tmp_path / "tracks-114k" / "dataset.csv"
    own.parent.mkdir()
    rows = generate_sample(1500, seed=5)
    rows.write_csv(own)
    monkeypatch.setenv("TRACKORACLE_DATA", str(tmp_path))
    names = runpy.run_path(str(source), run_name="__main__")
    assert set(names["catalog"].tracks["track_id"]) <= set(rows["track_id"])
    out, err = capsys.readouterr()
    assert out
    assert not err


def test_the_scripts_use_what_is_public() -> None:
    for source in SOURCES:
        text = source.read_text("utf-8")
        assert not re.findall(r"from trackoracle|import trackoracle\.|\._[a-z]", text)
