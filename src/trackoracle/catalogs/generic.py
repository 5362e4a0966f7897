"""Any table whose columns carry the schema's names, a known synonym, or a map."""

from trackoracle.catalogs.adapter import Adapter

ADAPTER = Adapter(
    name="generic",
    title="Table of the user's own",
    source="the user's file",
    licence="not stated",
    on_invalid="error",
)
