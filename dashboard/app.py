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

shown = [
    "rank",
    "method",
    "iqm",
    "iqm_low",
    "iqm_high",
    "median",
    "mean",
    "optimality_gap",
    "training_levels",
    "generalisation_gap",
    "runs",
    "runs_planned",
    "drifted",
    "tasks",
    "tasks_total",
    "tuning",
    "origin",
    "isolation",
    "wall_hours",
]
# Columns that only some suites fill, and a count that should be nought.
for field in ("training_levels", "generalisation_gap", "drifted"):
    if not any(record[field] for record in records):
        shown.remove(field)
st.dataframe(
    [{field: record[field] for field in shown} for record in records],
    hide_index=True,
    column_config={
        field: st.column_config.NumberColumn(format="%.3f")
        for field in shown[2 : shown.index("runs")]
    },
)
st.caption(" ".join(markdown(word) for word in caption.split()))
with st.expander("Protocol"):
    for note in suite.notes:
        st.markdown("- " + " ".join(markdown(word) for word in note.split()))
