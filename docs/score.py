"""Write docs/score.md and the score's line in the README: `make score`."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

from ltpath.experiment import Result, experiment_names, score, validate

PAGE = Path(__file__).with_name("score.md")
README = PAGE.parent.parent / "README.md"
BLOCK = re.compile(r"(?<=<!-- score -->\n).*?(?=<!-- /score -->)", re.DOTALL)
TITLES = {"fit": "Rows that were fitted", "prediction": "Predictions"}


def line(result: Result) -> str:
    error = f" ± {result.error:g}" if result.error else ""
    stated = f"{result.measured:.4g}{error} {result.unit}".strip()
    measured = stated if result.criterion.startswith("within") else result.criterion
    verdict = "pass" if result.passed else "MISS"
    cells = (result.experiment, result.quantity, measured, f"{result.simulated:.4g}", verdict, result.citation, result.seen)
    return "| " + " | ".join(cells) + " |"


def summary(results: list[Result]) -> str:
    passed = " and ".join(f"{good} of {n} {use} rows" for use, (good, n) in sorted(score(results).items()))
    return f"{len(experiment_names())} experiments: {passed} pass. A row with an error passes within two of it."


def page(results: list[Result]) -> str:
    parts = ["# The score", "", "Written by `make score`. " + summary(results), ""]
    for use, title in TITLES.items():
        rows = [r for r in results if r.use == use]
        head = [
            "| experiment | quantity | measured | simulated | result | source | how far seen |",
            "|---|---|---|---|---|---|---|",
        ]
        parts += [f"## {title}", "", *head, *map(line, rows), "", "Misses, and why:", ""]
        parts += [f"- {r.experiment}, {r.quantity}: {r.note}" for r in rows if not r.passed]
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    # A run that loses molecules must not enter the score.
    warnings.filterwarnings("error", message="the total of")
    results = validate()
    unexplained = [f"{r.experiment}: {r.quantity}" for r in results if not (r.passed or r.note)]
    PAGE.write_text(page(results), encoding="utf-8")
    README.write_text(BLOCK.sub(lambda _: summary(results) + "\n", README.read_text(encoding="utf-8")), encoding="utf-8")
    if unexplained:
        raise SystemExit(f"misses without a reason: {'; '.join(unexplained)}")
