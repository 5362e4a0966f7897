"""What an oracle answers for the track in hand: how popular, how sure, why, and what is alike."""

from __future__ import annotations

import streamlit as st

from trackoracle.interfaces.web.session import InHand, session


def show_answer(hand: InHand) -> None:
    """Show everything that the oracle says of a track."""
    oracle, row = session().oracle, hand.asked()
    told = oracle.explain(row)
    st.html(f'<div class="big">{told.prediction:.0f}<small>points of 100</small></div>')
    st.json(row)
