"""Measurements to tables: ``results.md`` to read, ``results.json`` to compute with."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES
from benchmarks.peers import PEERS

Found = Mapping[tuple[str, ...], dict[str, Any]]


def write(found: Found, folder: Path) -> None:
    """Write both files; only what was measured appears in them."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n\n".join([_heading(found), *_solved(found), _growth(found), _bounds(found), _stochastic(found)])
    (folder / "results.md").write_text(text + "\n", encoding="utf-8")
    (folder / "results.json").write_text(json.dumps(list(found.values()), indent=1) + "\n", encoding="utf-8")


def brief(entry: dict[str, Any]) -> str:
    """One line about a measurement, while the others run."""
    times = _times(entry)
    return f"{entry['outcome']}, {statistics.median(times):.3g} s" if times else str(entry.get("outcome", "done"))


def _stages(entry: dict[str, Any], stage: str) -> list[dict[str, Any]]:
    return [r for r in entry.get("runs", ()) if r["stage"] == stage]


def _times(entry: dict[str, Any]) -> list[float]:
    return [r["seconds"] for r in _stages(entry, "time")]


def _heading(found: Found) -> str:
    m = found[("machine",)]
    return (
        "# Benchmarks\n\n"
        f"{m['processor']}, {m['cores']} cores, {m['memory']}, {m['system']}, Python {m['python']}; load at the start {m['load']:.1f}. "
        "One thread each. `make bench` repeats it.\n\n"
        "Every program runs at the tolerance that gives it an error of 1e-5: of any species at any output, over the species' peak or a "
        "molecule, against a solution to a tolerance of 1e-12. That tolerance is found by runs a factor of ten apart, and the time is "
        "read from the line between two of them in logarithms. Times are wall-clock medians of n; *ratio* is the median of times over "
        "ltpath's own time, taken in turn in the same process. Solving starts from the resting state, restarts at each pulse, and "
        "writes the same outputs. Set-up starts from the expanded network in the program's own format (`.net`, SBML, or a PySB "
        "model with its `.net`), after the imports: the first with empty caches, the second with what the program kept. Memory is the peak of the "
        "process after the first run, Python and all libraries included, without processes that it starts (compilers, run_network)."
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join([_row(*head), _row(*["---"] * len(head)), *(_row(*r) for r in rows)])


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _solved(found: Found) -> list[str]:
    sections = []
    for case, protocol in CASES.items():
        entries = {key[2]: e for key, e in found.items() if key[0] == "solve" and key[1] == case}
        if not entries:
            continue
        ranked = sorted(entries.items(), key=lambda item: statistics.median(_times(item[1]) or [math.inf]))
        head = ["program", "solve, s", "ratio", "n", "rtol", "set-up, s: first", "second", "memory, MB", "outcome"]
        rows = [_solved_row(peer, entry) for peer, entry in ranked]
        sections.append(f"## `{case}`, `{protocol}`\n\n{_table(head, rows)}")
    used = [f"- {peer}: {PEERS[peer].note}; {e['versions']}" for peer, e in _latest(found).items() if e.get("versions")]
    return [*sections, "## Programs\n\n" + "\n".join(used)]


def _latest(found: Found) -> dict[str, dict[str, Any]]:
    return {key[2]: e for key, e in found.items() if key[0] == "solve"}


def _solved_row(peer: str, entry: dict[str, Any]) -> list[str]:
    times = _times(entry)
    ratios = [r["seconds"] / r["beside"] for r in _stages(entry, "time") if r.get("beside")]
    first = next((r["seconds"] for r in entry.get("first_set_up", ())), None)
    second = next((r["seconds"] for r in _stages(entry, "set-up")), None)
    target = next((r for r in _stages(entry, "target")), {})
    scans = _stages(entry, "scan")
    memory = str(scans[0]["memory"]) if scans else ""
    outcome = entry["outcome"]
    if outcome == "done" and not times:
        outcome = f"never at 1e-5; best error {min(r['error'] for r in scans):.1e}"
    elif scans and not times:
        outcome += (
            f"; a run at rtol {scans[-1]['rtol']:g} took {scans[-1]['seconds']:.3g} s with an error of {scans[-1]['error']:.1e}"
        )
    ratio = "1" if peer == "ltpath" else (f"{statistics.median(ratios):.3g}" if ratios else "")
    rtol = f"{target['rtol']:.1e}" if target.get("rtol") else ""
    solve = _seconds(statistics.median(times) if times else None)
    return [peer, solve, ratio, str(len(times) or ""), rtol, _seconds(first), _seconds(second), memory, outcome]


def _growth(found: Found) -> str:
    """Time against the number of species over the hexamers, and the exponent between neighbours."""
    sizes = {
        e["key"][1]: e["species"] for e in found.values() if e["key"][0] == "bound" and e["key"][1].startswith("camkii_hexamer")
    }
    if len(sizes) < 2:
        return "## Growth with size\n\nNeeds two hexamers."
    rows = []
    for peer in dict.fromkeys(key[2] for key in found if key[0] == "solve"):
        medians = [statistics.median(_times(found.get(("solve", case, peer), {})) or [math.nan]) for case in sizes]
        cells = [peer, _seconds(medians[0]) if math.isfinite(medians[0]) else ""]
        for (before, n), (after, m) in zip(
            list(zip(medians, sizes.values(), strict=True))[:-1], list(zip(medians, sizes.values(), strict=True))[1:], strict=True
        ):
            known = math.isfinite(before) and math.isfinite(after)
            exponent = math.log(after / before) / math.log(m / n) if known else math.nan
            cells += [_seconds(after) if math.isfinite(after) else "", f"{exponent:.2f}" if known else ""]
        if any(cells[1:]):
            rows.append(cells)
    first, *others = sizes.values()
    head = ["program", f"{first} species, s", *(c for n in others for c in (f"{n} species, s", "exponent"))]
    return f"## Growth with size\n\nSeconds for the hexamers, and the exponent of the number of species between neighbours.\n\n{_table(head, rows)}"


def _bounds(found: Found) -> str:
    rows = [
        [
            f"`{e['key'][1]}`", f"{e['steps']}", f"{e['operations_of_rates']}", f"{e['operations_of_product']}",
            f"{e['operations_per_second'] / 1e9:.2f}", _seconds(e["seconds"]), _seconds(e["ours"]), f"{e['ours'] / e['seconds']:.1f}",
        ]
        for e in found.values()
        if e["key"][0] == "bound"
    ]  # fmt: skip
    head = ["case", "steps", "operations of the rates", "of a product", "1e9 operations/s", "bound, s", "ltpath, s", "distance"]
    return (
        "## Distance from a lower bound\n\nThe bound: the steps that CVODE needs for the accuracy, each with one evaluation of the rates "
        "and one product of the Jacobian with a vector, the cheapest linear solve there can be, at the speed of a sparse product "
        f"with this Jacobian on this machine.\n\n{_table(head, rows)}"
    )


def _stochastic(found: Found) -> str:
    rows = []
    for key, entry in found.items():
        if key[0] != "events":
            continue
        start = next((r for r in _stages(entry, "start")), {})
        set_up = next((r["seconds"] for r in _stages(entry, "set-up")), None)
        times = _times(entry)
        speed = f"{start['events'] / statistics.median(times) / 1e6:.3g}" if times else ""
        rows.append([f"`{key[1]}`", key[2], speed, str(len(times) or ""), _seconds(set_up), entry["outcome"]])
    head = ["model", "program", "1e6 events/s", "n", "set-up, s", "outcome"]
    return (
        "## Stochastic\n\nExpected events (the integral of all propensities along the deterministic solution) over the median time; "
        f"5 uM of calcium at the start. run_network's time includes its start.\n\n{_table(head, rows)}"
    )
