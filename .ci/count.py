"""Counts the tests of a `go test -json` stream and prints "passed failed skipped".

A package that fails without a failed test counts as one failure: it does not compile, or its TestMain exits.
"""

import json
import sys

counts = {"pass": 0, "fail": 0, "skip": 0}
packages_with_failed_tests = set()
with open(sys.argv[1], encoding="utf-8") as events:
    for line in events:
        event = json.loads(line)
        action, package = event["Action"], event.get("Package")
        if action not in counts:
            continue
        if "Test" in event:
            counts[action] += 1
            if action == "fail":
                packages_with_failed_tests.add(package)
        elif action == "fail" and package not in packages_with_failed_tests:
            counts["fail"] += 1
print(*counts.values())
