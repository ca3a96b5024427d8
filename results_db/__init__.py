"""What came out: run files, store, statistics, exports. Neither torch nor simulators."""
