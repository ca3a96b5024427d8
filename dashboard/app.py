"""The leaderboard page, started by `podium dashboard`; PODIUM_DB names the data."""

import os

import streamlit as st

from dashboard.data import board, first_with_runs, suite_names
from results_db.database import DatabaseError
from results_db.export.escape import markdown, one_line
from suites.registry import load_suite

st.set_page_config(page_title="Podium", page_icon="🏆", layout="wide")

database = os.environ.get("PODIUM_DB", "podium.db")
names = suite_names()
asked = st.query_params.get("suite") or first_with_runs(database)
index = names.index(asked) if asked in names else 0
name = st.selectbox("Suite", names, index=index)
st.query_params["suite"] = name
suite = load_suite(name)

st.title(suite.id)
st.write(suite.summary)
if suite.kind != "benchmark":
    st.info(f"This is a {suite.kind} suite: no benchmark, no claims.")

try:
    records, caption = board(database, name)
except DatabaseError as error:
    st.warning(one_line(str(error)))
    st.stop()

if not records:
    st.info(f"No runs yet. The first: podium submit random --suite {suite.name}")
    st.stop()

shown = (
    "rank",
    "method",
    "iqm",
    "iqm_low",
    "iqm_high",
    "median",
    "mean",
    "optimality_gap",
    "runs",
    "runs_planned",
    "tasks",
    "tasks_total",
    "tuning",
    "origin",
    "isolation",
    "wall_hours",
)
st.dataframe(
    [{field: record[field] for field in shown} for record in records],
    hide_index=True,
    column_config={
        field: st.column_config.NumberColumn(format="%.3f")
        for field in ("iqm", "iqm_low", "iqm_high", "median", "mean", "optimality_gap")
    },
)
st.caption(" ".join(markdown(word) for word in caption.split()))
with st.expander("Protocol"):
    for note in suite.notes:
        st.markdown("- " + " ".join(markdown(word) for word in note.split()))
