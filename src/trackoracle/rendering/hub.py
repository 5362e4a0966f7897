"""What became of an oracle that was sent to a hub, or fetched from one."""

from __future__ import annotations

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from trackoracle.schema import Pulled, Pushed


def pushed_table(pushed: Pushed) -> RenderableType:
    """Show where an oracle lies on a hub, and by which name it is fetched again."""
    made = "new repository" if pushed.is_new else "new commit"
    return _facts(
        ("pushed to", f"{pushed.url} ({made})"),
        ("bytes", f"{pushed.n_bytes:,}"),
        ("sha256", f"{pushed.sha256} (as the hub states it)"),
        ("pinned", pushed.pinned),
    )


def pulled_table(pulled: Pulled) -> RenderableType:
    """Show where an oracle lies now, what it was held to, and its pinned name."""
    there = "; was there" if pulled.already else ""
    return _facts(
        ("file", f"{pulled.path}{there}"),
        ("bytes", f"{pulled.n_bytes:,}"),
        ("sha256", pulled.sha256),
        ("held to", pulled.checked),
        ("pinned", pulled.pinned),
    )


def _facts(*rows: tuple[str, str]) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    for name, value in rows:
        facts.add_row(name, escape(value))
    return facts
