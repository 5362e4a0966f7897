"""How a result shows itself in a notebook, without knowing who draws it."""

from __future__ import annotations

from importlib import import_module

_DRAWN_BY = "trackoracle.rendering"
"""Named and not imported: a result lies below what draws it, and most are never drawn."""


class Shown:
    """What people get back: a notebook shows it as `rendering` draws it.

    Where that fails, a notebook shows its `repr`, as it does for any object.

    Examples
    --------
    >>> import trackoracle as to
    >>> to.load_oracle().explain({"genre": "pop", "tempo": 120.0})._repr_html_()[:27]
    '<div class="to-shown"><styl'
    >>> Shown()._repr_html_() is None
    True
    """

    def _repr_html_(self) -> str | None:
        """Return what a notebook shows; None where there is nothing to draw it by."""
        try:
            html: str | None = import_module(_DRAWN_BY).notebook_html(self)
        except Exception:
            # Looking at a result must never cost it.
            return None
        return html
