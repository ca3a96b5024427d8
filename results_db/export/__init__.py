"""Tables for papers and programs, every string escaped for its format."""
