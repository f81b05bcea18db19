"""Does one task and tells what it took, as JSON on the last line."""

from __future__ import annotations

import json
import sys

from tests.bench.tasks import TASKS

if __name__ == "__main__":
    name, wanted = sys.argv[1:]
    sys.stdout.write(f"{json.dumps(TASKS[name](**json.loads(wanted)))}\n")
