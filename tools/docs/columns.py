"""The page of the columns that are read, and of the forms of file that hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from tools.docs.markdown import cell, code, table

from trackoracle.catalogs import ADAPTERS
from trackoracle.catalogs.delimited import DELIMITERS
from trackoracle.catalogs.reading import BINARY_ENDINGS, LINE_ENDINGS, TEXT_ENDINGS
from trackoracle.catalogs.unpacking import PACKINGS
from trackoracle.schema import (
    CODE_NAMES,
    CREDIT_SEPARATOR,
    NULL_WORDS,
    NUMBER_WORDS,
    TARGET_COLUMNS,
    TRACK_COLUMNS,
    WRITTEN_ENDINGS,
    Column,
)

EXAMPLE = """track_name,artists,genres,duration_ms,tempo,popularity
A title,First Artist;Second Artist,indie-pop;rock,215000,120.5,41
"A title, with a comma",First Artist,pop,187000,,12
"""
_INTRO = f"""# Columns and file formats

Column names, units, possible values, and the CSV format and other forms of file that are read: of
a catalog to learn from, and of tracks to predict. Made from the schema that every interface checks
its input by.

**No column is a must.** A prediction takes any of them, in any order; what is not there is missing,
and widens the answer. Learning needs `popularity`, or `hit`, and something to learn from. As CSV:

```csv
{EXAMPLE}```

`trackoracle check FILE` tells how a file was read, what was wrong in it, and which columns are not
used. What comes out is told under [what is written](written.md).
"""
_NAMES = """## Column names

Capitals, blanks and hyphens make no difference: `Track Name`, `track-name` and `track_name` are
one. Some columns have synonyms, by which they are read too. Any other name is mapped, as
`--map tempo=THEIR_COLUMN`, or `columns={"tempo": "THEIR_COLUMN"}` in Python; `--map mine=mine` lets
a column of your own be learned from. Where two columns mean the same, the first of the file counts.
"""
_DURATION = """### Durations are milliseconds

`duration` is read as `duration_ms`: **215000** is 3 minutes and 35 seconds. 215 is possible too, a
track of 0.2 seconds, and is predicted as one, with a warning where the oracle has seen no such
track. `3:35` is refused as no number. Of seconds make milliseconds first: times 1,000.
"""
_SHEETS = """**Spreadsheets** (.xlsx of Excel, .ods) are not read. Save the sheet as "CSV UTF-8";
of an older CSV say `--encoding latin-1`. Where a spreadsheet parts columns by semicolons and writes
decimal commas, `120,5` is read as 120.5.

**A folder** may hold the files of one [published format](../cards/catalogs.md). Of your own files
name one at a time.

**Without a file**: `-` reads [JSON lines](../serving.md#what-can-be-asked) from standard input, one
track a line; Python takes Polars and pandas frames, and mappings; `sample` is the made-up catalog
of the package; a [recording](../audio.md) or a [link](../sources.md) is a track as well.
"""
_GROUPS: Mapping[str, tuple[str, str, Callable[[Column], bool]]] = {
    "id": ("Ids", "", lambda c: c.role == "id" and c.name != "file_hash"),
    "metadata": ("Title", "", lambda c: c.group == "metadata"),
    "genre": ("Genre", "", lambda c: c.group == "genre"),
    "artist": ("Artist", "", lambda c: c.group == "artist"),
    "release": ("Release", "", lambda c: c.group == "release"),
    "audio": (
        "Audio features",
        "As the Spotify Web API tells them, or as [listen](../audio.md) does.",
        lambda c: c.group == "audio",
    ),
    "target": ("What is learned", "Never an input.", lambda c: c.name in TARGET_COLUMNS),
    "heard": (
        "From recordings and services",
        "What `listen` and `lookup` write beside, and what is read back: with the bounds of an "
        "estimate a prediction counts in its error.",
        lambda c: c.group is None and c.name not in TARGET_COLUMNS,
    ),
}
"""Sections of the table: title, what is said of it, and which columns it has; the first counts."""


def page() -> str:
    """Return the page of columns and files."""
    parts = [_INTRO, _NAMES]
    sections = by_section()
    for key, (title, said, _) in _GROUPS.items():
        parts += [f"### {title}", said, _table(sections[key])]
    parts += [_values(), _DURATION, "### Key and mode, as codes", _codes(), _files(), _SHEETS]
    return "\n\n".join(filter(None, parts)) + "\n"


def by_section() -> dict[str, list[Column]]:
    """Return every column of the schema under the first section that it fits."""
    sections: dict[str, list[Column]] = {key: [] for key in _GROUPS}
    for column in TRACK_COLUMNS.values():
        key = next(key for key, (_, _, fits) in _GROUPS.items() if fits(column))
        sections[key].append(column)
    return sections


def _table(columns: Sequence[Column]) -> str:
    """Return a table of columns; where none has another name there is no place for one."""
    head = ["column", "meaning", "values", "also read as"]
    rows = [_row(column) for column in columns]
    if not any(column.synonyms for column in columns):
        head, rows = head[:-1], [row[:-1] for row in rows]
    return table(head, rows)


def _row(column: Column) -> list[str]:
    return [
        f"{code(column.name)}{{ #column-{column.name} }}",  # an address, for other pages
        meaning_of(column),
        possible(column),
        ", ".join(code(name) for name in column.synonyms),
    ]


def meaning_of(column: Column) -> str:
    """Return what a column means, with links to pages where it names files of them."""
    return cell(column.meaning).replace("docs/sources.md", "[its terms](../sources.md#terms)")


def possible(column: Column) -> str:
    """Say which values a column may have, and their unit.

    Examples
    --------
    >>> possible(TRACK_COLUMNS["key"]), possible(TRACK_COLUMNS["artist_followers"])
    ('whole, -1 to 11', '0 or more')
    >>> possible(TRACK_COLUMNS["tempo"])
    '20 to 260 BPM; 0 for not measured'
    """
    match column.role:
        case "date":
            return "date"
        case "credits" | "category":
            return f"texts, {code(CREDIT_SEPARATOR)} between"
        case "id" | "text":
            return "text"
    if column.whole and (column.low, column.high) == (0, 1):
        return "0 or 1"
    comma = "," if column.unit else ""  # a year has none
    low, high = (format(end or 0, f"{comma}.10g") for end in (column.low, column.high))
    ends = f"{low} or more" if column.high is None else f"{low} to {high}"
    ends += f" {cell(column.unit)}" if column.unit else ""
    if column.not_measured is not None:
        ends += f"; {column.not_measured:g} for not measured"
    return f"whole, {ends}" if column.whole else ends


def _values() -> str:
    null = ", ".join(code(word) for word in NULL_WORDS if word)
    words = ", ".join(f"{code(word)} is {number}" for word, number in NUMBER_WORDS.items())
    rows = [
        ["missing", f"an empty cell; of numbers also {null}, in capitals or not"],
        ["number", f"with a decimal point; {words}"],
        [
            "several artists or genres",
            f"in one cell, {code(CREDIT_SEPARATOR)} between: `First Artist;Second Artist`; a comma "
            "parts nothing. In CSV parted by semicolons such a cell needs quotes. JSON, Parquet "
            "and Arrow may have lists",
        ],
        ["date", "`2001-12-31`, `2001-12` or `2001`"],
        ["genre", "as written; [which ones the starter oracle knows](../cards/starter.md#genres)"],
        [
            "not possible",
            "an error that names the rows. `--on-invalid null` takes such a value as missing; "
            "`drop`, of a catalog, leaves out the row",
        ],
        [
            "not measured",
            "the 0 that published files write for it is missing there; in a file of your own it "
            "is not possible",
        ],
    ]
    return f"## How values are read\n\n{table(['what', 'how'], rows)}"


def _codes() -> str:
    rows = [
        [code(name), ", ".join(f"{number} {told}" for number, told in names.items())]
        for name, names in CODE_NAMES.items()
    ]
    return table(["column", "codes"], rows)


def _files() -> str:
    between = ", ".join("tab" if sign == "\t" else code(sign) for sign in DELIMITERS)
    rows = [
        [
            "CSV, text",
            _listed(ending for ending in TEXT_ENDINGS if ending != ".tsv"),
            f"the first line names the columns. Values are parted by one of {between}: the one "
            "that the first line has most of. A value that holds it stands in double quotes",
        ],
        ["TSV", code(".tsv"), "the same, always parted by tabs"],
        ["JSON lines", _listed(LINE_ENDINGS), "an object a line; one JSON list of all is not read"],
        ["Parquet, Arrow", _listed(BINARY_ENDINGS), "with their own types"],
        [
            "packed",
            _listed(PACKINGS),
            "any of these, as `tracks.csv.gz`; a zip holds one table",
        ],
    ]
    written = _listed(WRITTEN_ENDINGS)
    formats = ", ".join(code(adapter.name) for adapter in ADAPTERS)
    return (
        "## CSV format, and other files that are read\n\n"
        f"{table(['file', 'ending', 'how'], rows)}\n\n"
        "Text is UTF-8, or UTF-16 with its mark; anything else is told by `--encoding`. "
        f"{written} are written. Of published files the format is found by their column "
        f"names: {formats}."
    )


def _listed(endings: Iterable[str]) -> str:
    return ", ".join(map(code, endings))
