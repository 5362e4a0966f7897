"""The app's script run without a browser: one user, a page, and what stands on it."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from trackoracle.interfaces.web.running import SCRIPT
from trackoracle.interfaces.web.session import Session


def come(page: str) -> AppTest:
    """Come to a page as another user."""
    return turn(AppTest.from_file(SCRIPT, default_timeout=60), page)


def turn(user: AppTest, page: str) -> AppTest:
    """Turn to a page as the user who is there."""
    user._page_hash = calc_hash(page)  # switch_page() knows pages that are files, and no others
    return run(user)


def run(user: AppTest) -> AppTest:
    """Run the script, and look that nothing went wrong in it."""
    user.run()
    assert not user.exception, user.exception[0].value
    return user


def own(user: AppTest) -> Session:
    """Return the things of a user."""
    found: Session = user.session_state["trackoracle"]
    return found


def press(user: AppTest, label: str, place: int = 0) -> AppTest:
    """Press a button of a label."""
    found = [button for button in user.button if button.label == label]
    found[place].click()
    return run(user)


def words(user: AppTest) -> str:
    """Return the texts of the page, as they are read."""
    parts: list[Any] = [user.markdown, user.caption, user.subheader, user.header, user.error,
                        user.warning, user.success, user.info]  # fmt: skip
    return "\n".join(str(one.value) for part in parts for one in part).replace("\\", "")
