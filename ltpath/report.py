"""One page of HTML: each mechanism with its claim, the rules that carry it, and its experiments beside the measured points."""

from __future__ import annotations

import base64
import io
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import ltpath
import ltpath.mechanisms
from ltpath.catalogue import load
from ltpath.errors import ProtocolError
from ltpath.experiment import Result, load_experiment, score, validate
from ltpath.plotting import plot_experiment

_PAGE = Path(__file__).with_name("report.html")
_DOTS_PER_INCH = 90


@dataclass(frozen=True)
class Mechanism:
    """One claim of the library.

    Attributes
    ----------
    name : str
        File stem; files are in the order of their names.
    rules : tuple of str
        Names of rules of `model` without the place they act in; ``*`` stands for anything.
    experiments : tuple of str
        What tests the claim.
    """

    name: str
    title: str
    claim: str
    model: str
    rules: tuple[str, ...]
    experiments: tuple[str, ...]
    limits: str

    def texts(self) -> dict[str, str]:
        """The rules that carry the claim, by name, each once where spines are alike.

        Raises
        ------
        ProtocolError
            A name fits no rule of the model.
        """
        meta = load(self.model).network.meta
        suffixes = sorted({p.rpartition("_")[2] for p in meta["places"]}, key=len, reverse=True)
        found: dict[str, str] = {}
        for wanted in self.rules:
            fitting = {}
            for rule, text in meta["rule_text"].items():
                suffix = next((s for s in suffixes if rule.endswith(f"_{s}")), "")
                name = rule.removesuffix(f"_{suffix}") if suffix else rule
                if fnmatchcase(name, wanted):
                    fitting.setdefault(name, text)
            if not fitting:
                raise ProtocolError(f"mechanism '{self.name}': no rule of {self.model} is called '{wanted}'")
            found |= fitting
        return found


def mechanisms() -> list[Mechanism]:
    """What the library claims, in the order of the signal."""
    files = sorted(p for folder in ltpath.mechanisms.__path__ for p in Path(folder).glob("*.toml"))
    return [_read(path) for path in files]


def tested(claims: Iterable[Mechanism]) -> list[str]:
    """The experiments that test these claims, each once."""
    return list(dict.fromkeys(e for m in claims for e in m.experiments))


def _read(path: Path) -> Mechanism:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        lists = {k: tuple(data.pop(k)) for k in ("rules", "experiments")}
        return Mechanism(name=path.stem, **data, **lists)
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"the mechanism {path.name} is not complete: {error}") from None


def write_report(progress: Callable[[str], None] | None = None) -> str:
    """The page, with every experiment run.

    Parameters
    ----------
    progress : callable, optional
        Called with each experiment's name before it runs.

    Returns
    -------
    str
        HTML that needs no other file.
    """
    figures: dict[str, str] = {}

    def draw(experiment: Any, runs: Any, found: list[Result]) -> None:
        figures[experiment.name] = _picture(plot_experiment(experiment, runs, found))

    claims = mechanisms()
    results = validate(tested(claims), progress=progress, keep=draw)
    sections = [_section(i, m, [r for r in results if r.experiment in m.experiments], figures) for i, m in enumerate(claims, 1)]
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        version=ltpath.__version__,
        summary=_summary(results),
        contents="\n".join(f'<li><a href="#{m.name}">{escape(m.title)}</a></li>' for m in claims),
        sections="\n".join(sections),
    )


def _summary(results: Iterable[Result]) -> str:
    kinds = {"fit": "rows that were fitted", "prediction": "predictions"}
    return " and ".join(f"{good} of {n} {kinds[use]}" for use, (good, n) in sorted(score(results).items()))


def _section(number: int, m: Mechanism, results: list[Result], figures: dict[str, str]) -> str:
    rules = "\n".join(
        f"<tr><td>{escape(n.replace('_', ' '))}</td><td><code>{escape(t)}</code></td></tr>" for n, t in m.texts().items()
    )
    tested = "\n".join(_experiment(name, [r for r in results if r.experiment == name], figures[name]) for name in m.experiments)
    verdict = (
        f"<p class='verdict'>Passes {_summary(results)}.</p>"
        if results
        else "<p class='verdict'>No experiment of the score tests this yet.</p>"
    )
    return f"""<section id="{m.name}">
<h2><span>{number}</span> {escape(m.title)}</h2>
<p class="claim">{escape(m.claim)}</p>
{verdict}
<p class="limits">{escape(m.limits)}</p>
<details><summary>The rules of <code>{m.model}</code> that carry it</summary>
<table class="rules"><thead><tr><th>rule</th><th>pattern</th></tr></thead><tbody>
{rules}
</tbody></table></details>
{tested}
</section>"""


def _experiment(name: str, results: list[Result], figure: str) -> str:
    experiment = load_experiment(name)
    source = experiment.source
    doi = f' <a href="https://doi.org/{escape(source.doi)}">doi:{escape(source.doi)}</a>' if source.doi else ""
    rows = "\n".join(_row(r) for r in results)
    misses = "".join(f"<p class='why'>Why not {escape(r.quantity)}: {escape(r.note)}</p>" for r in results if not r.passed)
    passed = sum(r.passed for r in results)
    return f"""<article>
<h3>{escape(experiment.title)} <small>{passed} of {len(results)}</small></h3>
<p>{escape(experiment.done)} {escape(source.short)}{doi}; {escape(experiment.seen)}; {escape(experiment.preparation)}.</p>
<img alt="{escape(experiment.title)}: simulated curves and measured points; the table below has the numbers" src="{figure}" loading="lazy">
<table class="rows"><thead><tr><th>quantity</th><th>passes</th><th>measured</th><th>simulated</th><th>use</th><th></th></tr></thead><tbody>
{rows}
</tbody></table>
{misses}
</article>"""


def _row(r: Result) -> str:
    unit = "" if r.unit in ("", "1") else f" {r.unit}"
    error = f" ± {r.error:g}" if r.error else ""
    measured = f"{r.measured:g}{error}{unit}" if r.criterion.startswith("within") else "bound"
    verdict = "passes" if r.passed else "misses"
    cells = (r.quantity, r.criterion, measured, f"{r.simulated:.4g}{unit}", r.use)
    return f"<tr class='{verdict}'>{''.join(f'<td>{escape(c)}</td>' for c in cells)}<td>{verdict}</td></tr>"


def _picture(figure: Any) -> str:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=_DOTS_PER_INCH)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode("ascii")
