"""Plotly figures of the pages; each is drawn from numbers that results_db gives."""
