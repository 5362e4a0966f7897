"""The pages of the Python reference: which names stand together, and where each is found."""

from __future__ import annotations

from typing import NamedTuple

from tools.docs.markdown import cell, table

import trackoracle


class Group(NamedTuple):
    """Names that a reader looks for together."""

    place: str
    title: str
    said: str
    names: tuple[str, ...]


GROUPS = (
    Group(
        "catalogs",
        "Catalogs",
        "From a file, a folder or a frame to checked tracks.",
        ("load_catalog", "load_tracks", "load_artists", "join_artists", "Catalog"),
    ),
    Group(
        "oracles",
        "Oracles",
        "Trained, loaded, asked, judged, saved and shared.",
        ("train", "TrainingConfig", "RecipeSettings", "SearchSettings", "Popularity", "Hit", "Tier",
         "load_oracle", "push_oracle", "pull_oracle", "Oracle", "Evaluation", "Distribution"),
    ),
    Group(
        "explanations",
        "Explanations",
        "What the methods of an oracle return that say why: see also "
        "[what each figure means](../explanations.md).",
        ("Explanation", "Importance", "Dependence"),
    ),
    Group(
        "audits",
        "Audits and experiments",
        "What makes a score untrue, and what resampling and thresholds do to it.",
        ("audit_catalog", "audit_split", "AuditReport", "run_experiments", "ExperimentSettings",
         "Experiment"),
    ),
    Group(
        "exploring",
        "Exploring",
        "A catalog as a whole, tracks that are alike, playlists and triage.",
        ("explore", "CatalogReport", "open_index", "similar", "Neighbours", "Similar",
         "make_playlist", "PlaylistWish", "Playlist", "triage", "Triage"),
    ),
    Group(
        "listening",
        "Listening",
        "From a recording to audio features, each with its error.",
        ("listen", "listen_all", "load_estimators", "Heard"),
    ),
    Group(
        "services",
        "Live services",
        "What others know of tracks and artists, and public data sets.",
        ("lookup", "LiveServices", "Lookup", "enrich", "Enriched", "fetch"),
    ),
    Group(
        "notebooks",
        "Notebooks",
        "Controls that ask one oracle or several.",
        ("widget",),
    ),
)  # fmt: skip
_ELSEWHERE = {"TrackOracleError": "errors.md"}
"""Names that a page of another kind tells."""
_INTRO = """# Reference

Everything is reached from one name:

```python
import trackoracle as to
```

Names load on first use, so that the import costs a hundredth of a second. Results are frozen
dataclasses of plain numbers with a `to_dict()`. What is not listed here is not public.

Beside Python: the [command line](command-line.md), [HTTP](http.md),
[environment variables](environment.md) and [errors](errors.md).

For all of them: [columns and file formats](columns.md), [what is written](written.md), the
[settings of training](settings.md), and the [glossary](../glossary.md).
"""


def pages() -> dict[str, str]:
    """Return the pages, by place in the site.

    Raises
    ------
    ValueError
        When a public name stands in no group, or one of a group is not public.
    """
    grouped = [name for group in GROUPS for name in group.names] + list(_ELSEWHERE)
    if sorted(grouped) != sorted(trackoracle.__all__):
        odd = sorted({*grouped} ^ {*trackoracle.__all__})
        raise ValueError(
            f"reference: expected each public name in one group, got {odd} in none, or in one "
            "without being public. Correct GROUPS in tools/docs/reference.py."
        )
    made = {f"reference/{group.place}.md": _page(group) for group in GROUPS}
    return {"reference/index.md": _index(), **made}


def _page(group: Group) -> str:
    told = "\n\n".join(f"::: trackoracle.{name}" for name in group.names)
    return f"# {group.title}\n\n{group.said}\n\n{told}\n"


def _index() -> str:
    parts = [_INTRO]
    for group in GROUPS:
        rows = [
            [f"[`{name}`]({group.place}.md#trackoracle.{name})", cell(_first(name))]
            for name in group.names
        ]
        parts += [f"## {group.title}", group.said, table(["name", ""], rows)]
    return "\n\n".join(parts) + "\n"


def _first(name: str) -> str:
    """Return the first sentence of a name's docstring."""
    told = (getattr(trackoracle, name).__doc__ or "").strip()
    return told.split("\n\n")[0]
