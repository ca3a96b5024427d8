"""How results look in a browser: reads results_db, computes nothing of its own."""
