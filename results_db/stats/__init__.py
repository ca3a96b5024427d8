"""Estimators and intervals on ragged runs; definitions are rliable's."""
