"""Pages of HTML that work offline: one file, styles and charts inside."""

from __future__ import annotations

from typing import Any


def render_page(template: str, **facts: Any) -> str:
    """Fill a template of this room; whatever comes from a catalog is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("trackoracle.rendering", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**facts)
