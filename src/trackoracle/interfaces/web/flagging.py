"""What a user says of a prediction: too high, too low, or what it really became."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from trackoracle.errors import FeedbackError
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown
from trackoracle.rendering import finite
from trackoracle.schema import (
    COMMENT_LENGTH,
    Feedback,
    Hit,
    Popularity,
    Verdict,
    hit_name,
    tier_names,
)

MOST = 30
"""So often one session's feedback is kept."""
_FLAGGED = "flagged"
_VERDICTS: tuple[Verdict, ...] = ("too high", "about right", "too low", "other")
"""All there are, in the order that a scale has."""


def show_flag(row: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Show the button by which a prediction is flagged.

    Parameters
    ----------
    row
        What was asked.
    answer
        What `predict` says of it, by column.
    """
    with st.popover("Flag", icon=":material/flag:", help="Say what is wrong with this answer"):
        show_form(row, answer, "flag")


def show_form(row: Mapping[str, Any], answer: Mapping[str, Any], key: str) -> bool:
    """Ask what is said of an answer, keep it, and thank; return whether something was kept.

    Parameters
    ----------
    key
        Another one for every place on a page.
    """
    said = _flagged().get(_sign(row))
    if said is not None:
        st.info(f'You already said "{said}" of this answer. Thank you.', icon=":material/check:")
        return False
    if len(_flagged()) >= MOST:
        st.info(f"You flagged {MOST} answers, as many as one visit can. Thank you.")
        return False
    place = st.empty()
    with place.container():
        told = _ask(key)
    if told is None:
        return False
    with errors_shown():
        _keep(row, answer, *told)
        place.success("Thank you. It is kept.", icon=":material/check:")
        return True
    return False


def _ask(key: str) -> tuple[Verdict | None, float | None, str] | None:
    """Show the form; return what was said, once it is sent."""
    with st.form(f"{key}-form", border=False):
        verdict: Verdict | None = st.segmented_control(
            "The answer is", _VERDICTS, format_func=str.capitalize, key=f"{key}-verdict"
        )
        actual = _ask_actual(key)
        comment = st.text_area(
            "Comment", max_chars=COMMENT_LENGTH, height=90, key=f"{key}-comment",
            placeholder="What it got wrong, or right",
        )  # fmt: skip
        st.caption(
            "Kept with it: what was asked, the answer, the oracle, and the time; nothing about you."
        )
        if st.form_submit_button("Send", type="primary", icon=":material/send:"):
            return verdict, actual, comment
    return None


def _ask_actual(key: str) -> float | None:
    """Ask for the truth, in the unit of the target."""
    target, key = session().oracle.target, f"{key}-actual"
    if isinstance(target, Popularity):
        value: float | None = st.number_input(
            "What it became, in points of 100, if known",
            0.0, 100.0, None, 1.0, format="%.0f", key=key, placeholder="not known",
        )  # fmt: skip
        return value
    if isinstance(target, Hit):
        choices = {1.0: f"became {hit_name(target)}", 0.0: "became none"}
    else:
        choices = {float(i): f"{name} points" for i, name in enumerate(tier_names(target))}
    chosen: float | None = st.selectbox(
        "What it became, if known", list(choices), None, format_func=choices.__getitem__,
        key=key, placeholder="not known",
    )  # fmt: skip
    return chosen


def _keep(
    row: Mapping[str, Any],
    answer: Mapping[str, Any],
    verdict: Verdict | None,
    actual: float | None,
    comment: str,
) -> None:
    own = session()
    if verdict is None:
        raise FeedbackError("verdict: expected one of the choices, got none. Choose one.")
    held().store.add(
        Feedback(
            own.oracle_name, own.oracle.bundle.checksum, _plain_values(row),
            _plain_values(answer), verdict, "app", own.label, actual=actual, comment=comment,
        )
    )  # fmt: skip
    _flagged()[_sign(row)] = verdict


def _flagged() -> dict[str, Verdict]:
    """Return what this session said, by answer."""
    kept: dict[str, Verdict] = session().kept.setdefault(_FLAGGED, {})
    return kept


def _sign(row: Mapping[str, Any]) -> str:
    """Tell one answer from another: by the oracle, and what it was asked."""
    asked = json.dumps(_plain_values(row), sort_keys=True)
    return f"{session().oracle_name} {asked}"


def _plain_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON has them: dates as text, and null for what is no number."""
    values: dict[str, Any] = json.loads(json.dumps(finite(dict(row)), default=str))
    return values
