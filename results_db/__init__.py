"""What came out: run files, store, statistics, exports. No torch, no simulator."""
