# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From a catalog to an honest oracle
#
# A model of popularity is easily trained, and easily praised. Here one is trained so that its
# score still holds for a track by an artist whom nobody has heard of. Then it is asked, made to
# explain itself, saved and loaded.
#
# It runs offline on the made-up sample of TrackOracle; what the scores are worth on real tracks
# stands in [accuracy](../accuracy.md). Name a file of yours below to use that instead.

# %%
import os
import tempfile
from pathlib import Path

import polars as pl

import trackoracle as to

CATALOG = ""  # a file of yours, as "mine.csv"; empty: the 114k tracks where they are, or the sample

folder = os.environ.get("TRACKORACLE_DATA")
published = Path(folder, "tracks-114k", "dataset.csv") if folder else "sample"
catalog = to.load_catalog(CATALOG or published, on_invalid="null")

# %% [markdown]
# ## Audit first
#
# What would make any score on this catalog untrue?

# %%
to.audit_catalog(catalog, protocols=False)

# %% [markdown]
# ## Put something aside
#
# The tracks of every fifth artist are put aside until the model is done. That seems to be an
# honest split: no artist is on both sides. Is it?

# %%
tracks = catalog.tracks
first = pl.col("artists").list.first()
aside = (first.hash(seed=0) % 5 == 0).fill_null(False)
rest = tracks.filter(~aside)
to.audit_split(rest, tracks.filter(aside))

# %% [markdown]
# It is not. The rule looked at the first artist only; tracks are credited to several, and the
# second one may be known from the other side. Whoever shares a credit with the rest is left out,
# and so is every other release of a recording that the rest has.

# %%
known = rest["artists"].explode().unique().drop_nulls().to_list()
titles = rest["track_name"].unique().drop_nulls().to_list()
debuts = tracks.filter(
    aside & ~first.is_null(),
    pl.col("artists").list.set_intersection(known).list.len() == 0,
    ~pl.col("track_name").is_in(titles),
)
to.audit_split(rest, debuts)

# %% [markdown]
# ## Train, and judge in four ways at once
#
# Each candidate is judged under four protocols. They differ in one thing only: what is held out
# together. Two candidates, three folds and few trees keep this quick; without a configuration
# `train` tries more and takes longer.

# %%
quick = to.TrainingConfig(
    candidates=("linear", "lightgbm"),
    params={"lightgbm": {"n_trees": 60}},
    protocols=("random", "catalog", "known_artist", "new_artist"),
    n_folds=3,
    n_bootstrap=50,
)
oracle = to.train(rest, target=to.Popularity(), config=quick)
oracle.report

# %% [markdown]
# **What to see.**
#
# - *Random rows* is what is usually published. It stands here for comparison only: other
#   releases of a track, and its artist's other tracks, are among those learned from.
# - *A debut* is the same model on artists of whom it knows nothing. The step down is what it
#   knew of names, not of music.
# - The naive baseline needs no audio and no machine learning: the mean of the artist where there
#   is one, else of the genre. A model that does not beat it has learned nothing more.
# - The intervals resample what a protocol holds out together: recordings, albums or whole artists.
#   Where two of them overlap widely, this catalog cannot say which candidate is better.

# %%
for protocol in oracle.report.protocols:
    model = oracle.report.of(oracle.report.chosen).scores[protocol.name]["r2"]
    naive = max(one.scores[protocol.name]["r2"].value for one in oracle.report.baselines)
    print(f"{protocol.name:13} R² {model.value:.2f} ({model.low:.2f} to {model.high:.2f})", end="")
    print(f", naive {naive:.2f}")

# %% [markdown]
# ## Does the promise hold?
#
# The debuts were put aside before anything was learned. The score on them should be the one that
# the protocol promised for a debut, within its interval, and not the one for random rows.

# %%
oracle.evaluate(debuts)

# %% [markdown]
# **What not to conclude.** These are debuts *of this catalog*: chosen by the same people, at the
# same time. On a list that was put together otherwise any oracle does worse; `evaluate` on such
# a list is the only way to know how much.

# %% [markdown]
# ## An answer is a distribution
#
# Frames come back in the kind that went in, one row a track: the mean, an interval, the
# probability of a hit, and what was known of the track.

# %%
album = debuts.sort("track_id").head(5)
told = oracle.predict(album)
told.select("popularity", "popularity_low", "popularity_high", "p_hit", "known")

# %%
track = album.head(1)
oracle.distribution(track)

# %% [markdown]
# The interval is wide. That is no fault to be hidden: sound, genre and title settle only a small
# part of a debut's popularity. Leave more out, and it grows wider still; it never turns into a
# silent zero.

# %%
little = oracle.predict([{"tempo": 120.0}]).row(0, named=True)
low, high = little["popularity_low"], little["popularity_high"]
print(f"{low:.0f} to {high:.0f}, known: {little['known']}")

# %% [markdown]
# ## Why it says so
#
# Contributions are in points and add up to the prediction.

# %%
told = oracle.explain(track)
told

# %%
parts = sum(one.contribution for one in told.attributions)
print(f"{told.baseline:.2f} + {parts:.2f} = {told.prediction:.2f}")

# %% [markdown]
# What weighs over many tracks: by how much the score drops when a feature is shuffled, beside
# what it contributes. And what the oracle would say along one feature, everything else as it is.

# %%
oracle.importance(debuts.head(400))

# %%
oracle.dependence(track, "energy")

# %% [markdown]
# **What not to conclude.** These say what the oracle uses, not what makes listeners listen. A
# feature that goes with the genre can weigh a lot and change nothing.

# %% [markdown]
# ## What would change it
#
# Only what a producer can alter, only as far as real tracks of the genre go, and together with
# what moves along. When nothing plausible does it, the answer says that.

# %%
oracle.counterfactuals(track, goal=float(told.prediction) + 5)

# %% [markdown]
# ## Which one first
#
# An order, and with which probability each two neighbours stand in the right one. Near one half
# means: toss a coin, or ask the artist.

# %%
oracle.rank(album)

# %% [markdown]
# ## Which ones deserve a listen
#
# Tracks that stand lower today than the oracle expects. What such a list is worth stands above
# it: of the tracks predicted highest, how many are among the most popular, beside chance.

# %%
to.triage(oracle, debuts, n=8)

# %% [markdown]
# ## Save, load, share
#
# One file without executable content: the model, its scores and its limits. What is loaded
# answers as what was saved.

# %%
with tempfile.TemporaryDirectory() as place:
    oracle.save(Path(place, "honest.oracle"))
    loaded = to.load_oracle(Path(place, "honest.oracle"))
print("same answers:", loaded.predict(album).equals(oracle.predict(album)))
loaded

# %% [markdown]
# ## Try it by hand
#
# In JupyterLab this is a page of controls made from what the oracle has learned from; each
# change is answered at once. On a page that nobody runs there is only its sentence; `answer`
# tells what it shows.

# %%
widget = loaded.widget(track={"tempo": 120.0, "energy": 0.8})
widget

# %%
widget.set_track({"tempo": 96.0, "energy": 0.3})
print(f"{widget.answer['popularity']:.1f} points for {widget.sent}")

# %% [markdown]
# ## Where to go next
#
# - More candidates, the search, and what is measured how: [accuracy](../accuracy.md)
# - What published scores are worth once their leaks are closed: [published](../published.md)
# - The same from the command line: `trackoracle train mine.csv -o mine.oracle`
# - The same over HTTP: [serving](../serving.md); in a browser: [the app](../app.md)
