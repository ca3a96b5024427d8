#!/usr/bin/env bash
# Prints the first Python 3.11 or 3.12 on the path, or python3 for a clear refusal later.
for name in python3 python3.12 python3.11 python; do
    if command -v "$name" >/dev/null 2>&1 &&
        "$name" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; then
        command -v "$name"
        exit 0
    fi
done
echo python3
