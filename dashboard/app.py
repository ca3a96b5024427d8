"""The dashboard, started by `podium dashboard`; PODIUM_DB and PODIUM_RUNS name the
data."""

import streamlit as st

from dashboard.selection import carry

st.set_page_config(
    page_title="Podium",
    page_icon="🏆",
    layout="wide",
    initial_sidebar_state="collapsed",
)
st.html(
    "<style>.stMainBlockContainer{padding-top:4rem;padding-bottom:4rem}"
    "@media(min-width:640px){.stMainBlockContainer{padding-left:2.5rem;"
    "padding-right:2.5rem}}</style>"
)
page = st.navigation(
    [
        st.Page(
            "views/leaderboard.py",
            title="Leaderboard",
            icon=":material/leaderboard:",
            default=True,
        ),
        st.Page("views/compare.py", title="Compare", icon=":material/balance:"),
        st.Page("views/curves.py", title="Curves", icon=":material/show_chart:"),
        st.Page("views/task.py", title="Task", icon=":material/scatter_plot:"),
        st.Page("views/runs.py", title="Runs", icon=":material/checklist:"),
        st.Page("views/export.py", title="Export", icon=":material/download:"),
    ],
    position="top",
)
carry()
page.run()
