"""Pages without a browser: their functions are run as Streamlit runs them for one user."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from streamlit.testing.v1 import AppTest

from trackoracle.interfaces.web import AppLimits
from trackoracle.interfaces.web.holdings import Holdings, hold
from trackoracle.interfaces.web.session import Session
from trackoracle.oracle import Oracle


def serve(oracles: Mapping[str, Oracle], feedback: Path, catalog: str = "sample") -> None:
    """Set what the pages of this process answer from."""
    hold(Holdings(dict(oracles), catalog, AppLimits(), str(feedback)))


def page(view: str) -> AppTest:
    """A new user's page, not yet shown."""
    source = f"from trackoracle.interfaces.web.views import {view}\n{view}.show()"
    return AppTest.from_string(source, default_timeout=60)


def own(user: AppTest) -> Session:
    """What the user has at hand."""
    session: Session = user.session_state["trackoracle"]
    return session


def texts(user: AppTest) -> str:
    """All that the page says in words, once nothing went wrong."""
    assert not user.exception, user.exception
    kinds = (user.markdown, user.caption, user.info, user.success, user.error, user.warning)
    return "\n".join(element.value for kind in kinds for element in kind)
