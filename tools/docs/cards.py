"""Cards: of the oracle that ships with the package, of the formats that are read, of data sets."""

from __future__ import annotations

from collections.abc import Sequence

from tools.docs.markdown import cell, code, table

import trackoracle as to
from trackoracle.artifact import STARTER
from trackoracle.catalogs import ADAPTERS, Adapter
from trackoracle.catalogs.sample import NOTICE
from trackoracle.providers import DATA_SETS, DataSet
from trackoracle.schema import LIVE_TERMS

_INTRO = """# Cards of catalogs

Where tracks come from, who published them, and under which terms. A format is found by its header;
the card is printed by every command that reads a catalog, and stands in every oracle trained on it.
Made from the adapters; [Extending](../extending.md#add-a-catalog-adapter) says how one is added.
"""
_GENRES = """## Genres { #genres }

The genre names that the starter oracle knows: the vocabulary of the catalog that it learned from.
Another spelling of a name here is taken for it, where capitals, blanks, hyphens and other signs
are all that differs, or `&` stands for `n` or `and`: `Indie Pop` is `indie-pop`, `R&B` is `r-n-b`.
**Any other genre counts as missing**, with a warning that names it. A track of one known genre and
one unknown is a track of the first alone; one without any known genre is predicted by the rest of
what is known, with a wider interval. An oracle of your own knows the genres of its catalog."""
_OTHERS = {
    "null": "taken as missing",
    "error": "an error that names the rows",
    "drop": "row dropped",
}


def starter() -> str:
    """Return the card of the starter oracle, as `trackoracle info` prints it."""
    size = STARTER.stat().st_size / 1e6
    oracle = to.load_oracle()
    head, _, body = oracle.card.partition("\n")
    genres = oracle.contract["genres"].levels
    told = (
        f"# The starter oracle\n\nShips with the package ({size:.1f} MB) and answers where no "
        f"oracle is named. It knows [{len(genres)} genres](#genres). This is its own card, as "
        "`trackoracle info` prints it; every oracle has one."
    )
    card = body.replace("\n## ", "\n### ")
    return f"{told}\n\n## {head.removeprefix('# ')}\n{card}\n{_genres(genres)}\n"


def _genres(levels: Sequence[str]) -> str:
    return f"{_GENRES}\n\n{', '.join(map(code, levels))}"


def catalogs() -> str:
    """Return the cards of the formats that are read, of the sample, and of the data sets."""
    parts = [_INTRO]
    for adapter in ADAPTERS:
        parts += [f"## {adapter.title}", *_card(adapter)]
    parts += ["## The embedded sample", f"`sample`, wherever a catalog is named: {NOTICE}."]
    parts += ["## Any other table", _GENERIC]
    parts += ["## Live services", _services(), "## Data sets that `fetch` brings", _FETCHED]
    parts.append(
        table(
            ["name", "title", "licence", "files", "read as a catalog"],
            [_line(each) for each in DATA_SETS.values()],
        )
    )
    return "\n\n".join(parts) + "\n"


_GENERIC = (
    "Columns are known by their names, by synonyms, or by `--map COLUMN=THEIRS`; impossible values "
    "are an error unless `--on-invalid` says otherwise. Source and licence are not stated, and the "
    "card says so."
)
_FETCHED = (
    "`trackoracle fetch NAME` holds what arrives to the published size and sum: "
    "[live services and data sets](../sources.md)."
)


def _card(adapter: Adapter) -> list[str]:
    rows = [
        ["source", cell(adapter.source)],
        ["licence", cell(adapter.licence)],
        ["snapshot", cell(adapter.snapshot or "not stated")],
        ["found by", ", ".join(code(name) for name in sorted(adapter.header))],
        ["impossible values", _OTHERS[adapter.on_invalid]],
    ]
    if adapter.parts:
        told = (f"{part.name} (`{part.key}`)" if part.key else part.name for part in adapter.parts)
        rows.append(["files, and the key of each", ", ".join(told)])
    if adapter.columns:
        told = (f"`{theirs}` is `{ours}`" for theirs, ours in adapter.columns.items())
        rows.append(["names", ", ".join(told)])
    return [table(["adapter", code(adapter.name)], rows)]


def _services() -> str:
    rows = [[cell(name), cell(terms)] for name, terms in LIVE_TERMS.items()]
    return table(["provider", "terms that its tracks carry"], rows)


def _line(data_set: DataSet) -> list[str]:
    return [
        code(data_set.name),
        f"[{cell(data_set.title)}]({data_set.page})",
        cell(data_set.licence),
        str(len(data_set.files)),
        "yes" if data_set.loads else "no",
    ]
