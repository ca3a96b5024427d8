#!/usr/bin/env bash
# Refuses a Python that Podium does not support, and says what to do.
python=$1
if ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; then
    echo "Podium needs Python 3.11 or 3.12 (got: $("$python" --version 2>&1 || echo none))." >&2
    echo "Name one: make demo PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$python cannot make virtual environments. On Debian or Ubuntu:" >&2
    echo "    sudo apt-get install python3-venv" >&2
    exit 1
fi
