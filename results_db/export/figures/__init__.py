"""Figures for papers, drawn with matplotlib, which is imported when one is drawn."""
