"""Other libraries' environment lines: their training loops, measured as they are."""
