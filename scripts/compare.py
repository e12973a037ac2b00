"""Prints Martlet's answers beside scikit-learn's own, and fails when they differ by more than 1e-9.

    python scripts/compare.py TRUTH SINGLE BATCH
"""

import json
import sys

truth, single, batch = (json.load(open(path)) for path in sys.argv[1:4])
worst = 0.0
rows = [("single", single["prediction"], truth["probabilities"][0])]
rows += [(f"batch {index}", answer, expected) for index, (answer, expected) in enumerate(zip(batch["predictions"], truth["probabilities"]))]
if len(batch["predictions"]) != len(truth["probabilities"]):
    sys.exit("the batch has another number of rows than was asked for")
for name, answer, expected in rows:
    worst = max([worst] + [abs(a - b) for a, b in zip(answer, expected)])
    print(f"  {name:8} martlet {[round(v, 6) for v in answer]}  scikit-learn {[round(v, 6) for v in expected]}", file=sys.stderr)
print(f"  largest difference {worst:.1e}", file=sys.stderr)
sys.exit(0 if worst <= 1e-9 else 1)
