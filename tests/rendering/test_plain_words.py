"""What experts' names mean to others: candidates, main metrics, the unit, an order's worth."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import trackoracle as to
from trackoracle.catalogs.loading import ADAPTERS
from trackoracle.models import CANDIDATES
from trackoracle.rendering import (
    CANDIDATE_NAMES,
    called,
    honesty_sentence,
    leaderboard_rows,
    order_worth,
    unit_sentence,
    verdict,
)
from trackoracle.rendering.plain_words import METRICS_EXPLAINED, proved
from trackoracle.schema import Hit, Popularity, Tier


def test_every_candidate_and_no_other_has_a_plain_name() -> None:
    assert set(CANDIDATE_NAMES) == set(CANDIDATES)
    assert len(set(CANDIDATE_NAMES.values())) == len(CANDIDATE_NAMES)


@pytest.mark.parametrize("target", [Popularity(), Hit(), Tier()])
def test_every_main_metric_is_said_in_words(target: to.Target) -> None:
    metric = {"popularity": "r2", "hit": "roc_auc", "tier": "rpss"}[target.name]
    assert metric in METRICS_EXPLAINED
    assert "37" in proved(metric, 0.37)
    assert "nan" not in proved(metric, math.nan)


def test_names_and_shares_come_first_and_experts_words_in_brackets() -> None:
    report = to.load_oracle().report
    said = honesty_sentence(report)
    own = report.of(report.chosen).scores["new_artist"]["r2"].value
    naive = report.of("genre_mean").scores["new_artist"]["r2"].value
    assert f"explains {100 * own:.0f} % of the differences in popularity (R² {own:.3f}" in said
    assert f"{called('genre_mean')} explains {100 * naive:.0f} %" in said
    assert verdict(report, plainly=True).startswith("Boosted trees by range of points (lightgbm_")
    assert "new_artist" not in verdict(report, plainly=True)
    assert called(report.chosen) in leaderboard_rows(report)["candidate"].to_list()


def test_the_unit_is_spotify_s_where_the_catalog_is_published() -> None:
    """Whatever adapter tells of popularity is of Spotify's, and says so."""
    card = to.load_oracle().bundle.catalog
    for adapter in ADAPTERS:
        if adapter.name != "generic":
            assert "spotify" in f"{adapter.title} {adapter.source}".lower()
    assert unit_sentence(Popularity(), card).endswith(
        "Spotify's popularity, 0 to 100, as of 2022-10."
    )
    undated = replace(card, adapter="generic", snapshot=None)
    assert "Spotify" not in unit_sentence(Tier(), undated)
    assert "as of when is not known" in unit_sentence(Tier(), undated)
    assert "made up" in unit_sentence(Popularity(), replace(card, synthetic=True))
    assert unit_sentence(Hit(), card).startswith("A hit is what the catalog")


def test_an_order_is_worth_what_was_scored_or_says_that_nothing_was(
    small_oracle: to.Oracle, small_hit_oracle: to.Oracle, small_tier_oracle: to.Oracle
) -> None:
    report = small_oracle.report
    spearman = report.of(report.chosen).scores["new_artist"]["spearman"].value
    assert f"{spearman:.3f}" in order_worth(report)
    audio = next(q for q in report.quality["new_artist"] if q.inputs == "audio")
    assert f"{audio.scores['spearman'].value:.3f}" in order_worth(report)
    assert "0 is chance" in order_worth(report)
    assert "not scored by sound alone" in order_worth(replace(report, quality={}))
    assert "a hit stands above a miss (0.5 is chance)" in order_worth(small_hit_oracle.report)
    assert "was not scored" in order_worth(small_tier_oracle.report)
    chosen = report.of(report.chosen)
    less = replace(chosen, scores={"catalog": chosen.scores["catalog"]})
    assert order_worth(replace(report, candidates=(less,))).endswith("was not scored.")
