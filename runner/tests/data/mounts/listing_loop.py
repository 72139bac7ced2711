"""`python listing_loop.py STOP FOLDER...` lists the folders until the file STOP exists, and prints how often it saw what, as
JSON.

For tests. It runs without capabilities, as user code does: root's would open folders that nobody may open.
"""

import collections
import json
import os
import sys


def outcomes(stop: str, folders: list[str]) -> collections.Counter[str]:
    """Counts by outcome: "full", "empty", or the name of the error."""
    seen: collections.Counter[str] = collections.Counter()
    while not os.path.exists(stop):
        for folder in folders:
            try:
                seen["full" if os.listdir(folder) else "empty"] += 1
            except OSError as error:
                seen[type(error).__name__] += 1
    return seen


if __name__ == "__main__":
    print(json.dumps(outcomes(sys.argv[1], sys.argv[2:])))
