"""How many artists were found at a live service, how, and who was not."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from trackoracle.errors import plural
from trackoracle.rendering.lookups import titled_table
from trackoracle.schema import HOWS, Enrichment, How

_SAID: dict[How, str] = {
    "exact": "alone of exactly that name",
    "id": "credited with a track of the catalog, by its id",
    "title": "of several of that name, credited with a title of the catalog",
    "fuzzy": "alone of nearly that name",
    "ambiguous": "several may be meant: left missing",
    "missing": "nobody of nearly that name: left missing",
}
_EXAMPLES = 3


def enrichment_table(enrichment: Enrichment) -> RenderableType:
    """Show how many artists were found in each way, with examples of those that are not sure."""
    n = len(enrichment.matches)
    table = titled_table(
        f"{n:,} artist{plural(n)} asked about", "found", "artists", "how", "such as"
    )
    for how in HOWS:
        count = enrichment.counts[how]
        if count:
            table.add_row(how, f"{count:,}", _SAID[how], escape(_examples(enrichment, how)))
    said = f"Nearly is from {enrichment.threshold:g}. {enrichment.terms}."
    return Group(table, Text(said, style="dim"))


def _examples(enrichment: Enrichment, how: How) -> str:
    if how == "exact":
        return ""
    found = [match for match in enrichment.matches if match.how == how][:_EXAMPLES]
    if how == "fuzzy":
        return "; ".join(f"{m.name} = {m.found_name} ({m.confidence:.2f})" for m in found)
    if how == "ambiguous":
        return "; ".join(f"{m.name} ({m.n_rivals})" for m in found)
    return "; ".join(match.name for match in found)
