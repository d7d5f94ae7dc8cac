"""Write the score into the README: `make score`."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

from ltpath.experiment import Result, score, validate

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"(?<=<!-- score -->\n).*?(?=<!-- /score -->)", re.DOTALL)


def line(result: Result) -> str:
    error = f" ± {result.error:g}" if result.error else ""
    stated = f"{result.measured:.4g}{error} {result.unit}".strip()
    measured = stated if result.criterion.startswith("within") else result.criterion
    cells = (
        result.experiment,
        result.quantity,
        measured,
        f"{result.simulated:.4g}",
        result.use,
        "pass" if result.passed else "MISS",
    )
    return "| " + " | ".join(cells) + " |"


def table(results: list[Result]) -> str:
    passed = ", ".join(f"{good} of {n} {use} rows" for use, (good, n) in sorted(score(results).items()))
    head = ["| experiment | quantity | measured | simulated | use | result |", "|---|---|---|---|---|---|"]
    return "\n".join([f"Pass: {passed}. A row with an error passes within two of it.", "", *head, *map(line, results), ""])


if __name__ == "__main__":
    # A run that loses molecules must not enter the score.
    warnings.filterwarnings("error", message="the total of")
    results = validate()
    README.write_text(BLOCK.sub(lambda _: table(results), README.read_text(encoding="utf-8")), encoding="utf-8")
