"""Pages that the library writes about itself: models, parameters and how they are known, claims and what tests them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import ltpath
from ltpath.catalogue import load, model_names
from ltpath.experiment import experiment_names, load_experiment
from ltpath.protocol import load_protocol, protocol_names
from ltpath.report import mechanisms

KNOWN = {
    "measured": "measured, in the source that is named",
    "published": "value of a published model",
    "fitted here": "fitted here, by a script in fits/",
    "estimate": "an estimate",
    "defined": "a definition or a choice of units",
}


def write_pages(folder: Path) -> None:
    """Write catalogue.md, parameters.md and claims.md."""
    folder.mkdir(exist_ok=True)
    for name, text in (("catalogue", catalogue()), ("parameters", parameters()), ("claims", claims())):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(map(cell, row))} |" for row in rows)]
    return "\n".join(lines)


def catalogue() -> str:
    parts = ["# The catalogue", "", "## Models", ""]
    for name in model_names():
        model = load(name)
        network = model.network
        size = "" if model.entry.network_free else f" {len(network.species):,} species."
        claims = "\n".join(f"- {c}" for c in model.entry.claims)
        limits = "\n".join(f"- {x}" for x in model.entry.limits)
        parts += [f"### {name}", "", f"{model.entry.summary}{size}", "", claims, "", "Does not claim:", "", limits, ""]
    protocols = [(f"`{n}`", load_protocol(n).title) for n in protocol_names()]
    parts += ["## Protocols", "", table(("name", "what is done"), protocols), "", "## Experiments", ""]
    experiments = [(f"`{n}`", load_experiment(n).title, load_experiment(n).source.short) for n in experiment_names()]
    parts += [table(("name", "what was done", "source"), experiments), ""]
    return "\n".join(parts)


def parameters() -> str:
    """Every parameter once, with the first model that has it, and the share of each way of knowing."""
    rows: dict[str, dict[str, object]] = {}
    for name in model_names():
        for parameter, facts in load(name).network.meta["provenance"].items():
            rows.setdefault(parameter, {"model": name} | facts)
    counts = Counter(str(r["basis"]) for r in rows.values())
    shares = [(KNOWN.get(basis, basis), str(n), f"{100 * n / len(rows):.0f} %") for basis, n in counts.most_common()]
    body = [
        (f"`{n}`", f"{r['value']:.4g} {r['unit']}", str(r["basis"]), f"{short(r)} {r['note']}", str(r["seen"]))
        for n, r in sorted(rows.items())
    ]
    return "\n".join(
        [
            "# Parameters",
            "",
            f"{len(rows)} parameters over all models. A value that two preparations set differently is listed as its first model has it; "
            "`ltpath show MODEL` has each model's own.",
            "",
            table(("how known", "number", "share"), shares),
            "",
            table(("parameter", "value", "basis", "source", "seen"), body),
            "",
        ]
    )


def short(facts: Mapping[str, object]) -> str:
    """First author and year, with a link."""
    source = re.match(r"([^,(]+?)(?: [A-Z]+)?[,(].*?\b(\d{4})\b", str(facts["source"]))
    if source is None:
        return ""
    name = f"{source[1].strip()} {source[2]}"
    return f"[{name}](https://doi.org/{facts['doi']}):" if facts["doi"] else f"{name}:"


def claims() -> str:
    parts = [
        "# What is claimed, and what tests it",
        "",
        f"Version {ltpath.__version__}. Each claim with the experiments that test it; their rows are in [the score](../score.md), "
        "and `ltpath report` draws them.",
        "",
    ]
    for m in mechanisms():
        tested = [f"- {load_experiment(e).title} (`{e}`; {load_experiment(e).source.short})" for e in m.experiments]
        parts += [
            f"## {m.title}",
            "",
            m.claim,
            "",
            *(tested or ["- no experiment of the score yet"]),
            "",
            f"Does not claim: {m.limits}",
            "",
        ]
    return "\n".join(parts)
