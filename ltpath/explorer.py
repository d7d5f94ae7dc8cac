"""The page where the signal moves: one file that shows a model's runs over its map, and needs nothing else."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx as nx

import ltpath
from ltpath.cache import write_atomically
from ltpath.catalogue import load
from ltpath.errors import BadValue
from ltpath.expansion import ReactionNetwork
from ltpath.film import Film, Step, as_data, blocks, film, readout, shown_as, story
from ltpath.protocol import PerturbationUse, Protocol, load_protocol
from ltpath.signal_map import SignalMap, shown_graph, signal_map, synapses, words
from ltpath.simulation import perturbation_names
from ltpath.units import parse, written

_FOLDER = Path(__file__).parent / "page"
_CONDITIONS = ("apv", "t286a", "anisomycin")
_MOST_CONDITIONS = 6
_HEIGHT = 900
"""Of the page in a notebook, px."""
_LEFT = 0.1
"""A weight that differs from 1 by less than this at the end counts as unchanged."""


@dataclass(frozen=True)
class Condition:
    """A name and the perturbations that make it."""

    label: str
    says: str
    uses: tuple[PerturbationUse, ...]

    @classmethod
    def of(cls, *uses: PerturbationUse | str) -> Condition:
        """A condition named after its perturbations; without any it is the control."""
        made = tuple(PerturbationUse(name=u) if isinstance(u, str) else u for u in uses)
        said = words()["condition"]
        if not made:
            return cls(**said["control"], uses=())
        known = [said.get(u.name, {}) for u in made]
        labels = (
            k.get("label", u.name.replace("_", " ")) + (f" {written(u.dose, 'concentration')}" if u.dose else "")
            for k, u in zip(known, made, strict=True)
        )
        return cls(" + ".join(labels), "; ".join(k["says"] for k in known if k), made)


class Page:
    """A page of one model under one protocol, with its stored conditions.

    Attributes
    ----------
    html : str
        The whole page; it asks the network for nothing.
    films : list of Film
        The conditions, the control first.
    """

    def __init__(
        self, network: ReactionNetwork, protocol: Protocol, films: Sequence[Film], live: Mapping[str, Any] | None = None
    ) -> None:
        self.network, self.protocol, self.films, self.live = network, protocol, list(films), live

    @cached_property
    def html(self) -> str:
        return assembled(page_data(self.network, self.protocol, self.films) | ({"live": dict(self.live)} if self.live else {}))

    def save(self, path: str | Path) -> None:
        """Write the page; all or nothing."""
        write_atomically(Path(path), self.html.encode())

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" title="{html.escape(self.network.name)}" '
            f'style="width:100%;height:{_HEIGHT}px;border:0" sandbox="allow-scripts"></iframe>'
        )


def explore(
    model: str,
    protocol: str | Path | Protocol | None = None,
    perturbations: Iterable[str | PerturbationUse | Sequence[str | PerturbationUse]] | None = None,
    *,
    parameters: Mapping[str, float] | None = None,
) -> Page:
    """Run a model under some conditions and make the page that plays them.

    Parameters
    ----------
    model : str
        A name of the catalogue.
    protocol : str, path or Protocol, optional
        Default: tag and capture where there are several synapses, four tetani where the model makes proteins, else one; a
        calcium pulse for a model without glutamate.
    perturbations : iterable, optional
        A condition each, beside the control: a name, a `PerturbationUse`, or several of these together.
        Default: APV, T286A and anisomycin, as far as the model has them.
    parameters : dict, optional
        Values that hold in every condition, as `ltpath.simulate` takes them.

    Returns
    -------
    Page
        With ``save(path)``; a notebook shows it by itself.

    Raises
    ------
    UnknownName, BadValue, ProtocolError, SolverError
        As `ltpath.simulate`; also more than five conditions beside the control, or a network-free model.

    Examples
    --------
    >>> page = ltpath.explore("early_ltp", "tetanus")  # doctest: +SKIP
    >>> page.save("page.html")  # doctest: +SKIP
    """
    network = load(model).network
    network.require_reactions()
    chosen = default_protocol(network) if protocol is None else load_protocol(protocol)
    conditions = [Condition.of()]
    if perturbations is None:
        conditions += [Condition.of(name) for name in _CONDITIONS if name in perturbation_names(network)]
    else:
        conditions += [Condition.of(*([c] if isinstance(c, (str, PerturbationUse)) else c)) for c in perturbations]
    if len(conditions) > _MOST_CONDITIONS:
        raise BadValue(f"a page holds at most {_MOST_CONDITIONS} conditions with the control, not {len(conditions)}")
    return Page(network, chosen, [film(network, chosen, c.label, c.uses, parameters=parameters) for c in conditions])


def default_protocol(network: ReactionNetwork) -> Protocol:
    """The protocol that shows most of a model."""
    inputs = {i["name"] for i in network.meta["inputs"]}
    if len(synapses(network)) > 1:
        return load_protocol("weak_after_strong")
    if "anisomycin" in perturbation_names(network) and "glutamate" in inputs:
        return load_protocol("four_tetani").lasting("8 h")
    return load_protocol("tetanus" if "glutamate" in inputs else "calcium_pulse" if "calcium" in inputs else "baseline")


# -- the page's data ---------------------------------------------------------------------


def page_data(network: ReactionNetwork, protocol: Protocol, films: Sequence[Film]) -> dict[str, Any]:
    """Everything that the page shows, as plain values for JSON."""
    entry = load(network.name).entry
    graph = shown_graph(network)
    views = {s: signal_map(network, s, graph) for s in synapses(network)}
    weights = {
        n: {"unit": "1", "meaning": "synaptic weight over its value at time 0"} for n in films[0].low if n.startswith("weight")
    }
    shown = {f"molecule:{m}": dict(zip(("unit", "meaning"), shown_as(network, m), strict=True)) for m in network.meta["place_of"]}
    return {
        "model": {"name": network.name, "summary": entry.summary, "limits": list(entry.limits)},
        "version": ltpath.__version__,
        "views": {s: _view(view, graph) for s, view in views.items()},
        "quantities": {n: {"unit": facts["unit"], "meaning": facts["meaning"]} for n, facts in network.readouts.items()} | weights | shown,
        "panels": {s: _panels(network, s) for s in views},
        "processes": {
            node: {"label": data["label"], "rules": data["rules"].split(", ")}
            for node, data in graph.nodes(data=True)
            if data["kind"] == "process"
        },
        "rules": rule_facts(network),
        "parameters": network.meta["provenance"],
    } | page_frame(network, protocol, films)  # fmt: skip


def page_frame(network: ReactionNetwork, protocol: Protocol, films: Sequence[Film]) -> dict[str, Any]:
    """The part of the page's data that another protocol changes."""
    return {
        "protocol": {"name": protocol.name, "title": protocol.title, "perturbations": [u.label() for u in protocol.perturbations]},
        "edges": [float(f"{t:.9g}") for t in films[0].edges],
        "blocks": blocks(protocol),
        "stimuli": [
            {"start": start, "end": start + s.span, "label": _stimulus_label(s), "synapses": list(s.synapses or [])}
            for s in protocol.stimuli
            for start in s.starts()
        ],
        "conditions": [condition_data(network, f, films[0]) for f in films],
        "points": measured_points(network, protocol, films),
    }


def condition_data(network: ReactionNetwork, one: Film, control: Film) -> dict[str, Any]:
    """One condition's quantities, and its story at each synapse."""
    said = {c["label"]: c["says"] for c in words()["condition"].values()}
    return as_data(one) | {
        "says": said.get(one.label, ""),
        "drugs": [
            {"label": u.label(), "start": u.start, "end": u.end}
            for u in one.protocol.perturbations
            if u.start is not None or u.end is not None
        ],
        "story": {s: _story(story(network, one, s), story(network, control, s), one, s, network.units) for s in synapses(network)},
    }


def _story(steps: Sequence[Step], control: Sequence[Step], one: Film, synapse: str, units: Mapping[str, str]) -> dict[str, Any]:
    """The steps that happen in any condition so far, and the captions in the order in which they hold."""
    captions: list[tuple[int, str, str]] = []
    shown = []
    pairs = [(s, c) for s, c in zip(steps, control, strict=True) if s.reached is not None or c.reached is not None]
    for step, before in sorted(pairs, key=lambda p: p[1].reached if p[1].reached is not None else p[0].reached or 0):
        missing = step.reached is None and before.reached is not None
        shown.append(
            {
                "title": before.title if missing else step.title, "node": step.node,
                "columns": step.columns, "bin": step.reached, "moved": step.moved,
            }
        )  # fmt: skip
        if step.reached is not None:
            captions.append((step.reached, step.title, step.text))
        elif before.reached is not None:
            unit = units.get(step.columns[0], "1")
            unit = "" if unit == "1" else f" {unit}"
            text = (
                f"In control this happens now, by {before.moved:.2g}{unit}; with {one.label} it is {step.moved:.2g}{unit} at most."
            )
            captions.append((before.reached, f"{before.title}: not here", text))
    captions.sort(key=lambda c: c[0])
    onset = next((b for b, *_ in captions), 1)
    first = (
        0,
        "At rest",
        "Before the stimulus. White means: as at rest. Press play." if captions else "Nothing is stimulated here.",
    )
    weight = f"weight_{synapse}" if synapse else "weight"
    if weight in one.low:
        end, last = written(one.edges[-1], "time"), float(one.high[weight][-1])
        verdict = (
            "The synapse is as strong as before: no memory is left." if abs(last - 1) < _LEFT
            else "The synapse is still stronger: this is the memory." if last > 1 else "The synapse is still weaker."
        )  # fmt: skip
        captions.append(
            (round(0.965 * len(one.edges)), f"After {end}", f"The weight is {last:.2f} times what it was before. {verdict}")
        )
    return {"steps": shown, "captions": [first, *((max(b, min(onset, 1)), h, t) for b, h, t in captions)]}


def _view(view: SignalMap, graph: nx.DiGraph) -> dict[str, Any]:
    return {
        "width": round(view.width), "height": round(view.height), "folded": view.folded,
        "frames": [asdict(f) for f in view.frames],
        "nodes": [
            {
                "id": n.id, "label": n.label, "does": n.does, "minor": n.minor, "place": n.place,
                "x": round(n.x, 1), "y": round(n.y, 1), "width": n.size[0], "height": n.size[1],
                "changed_by": sorted(p for p in {*graph.predecessors(n.id), *graph.successors(n.id)} if not _drives(graph, n.id, p)),
                "drives": sorted(p for p in graph.successors(n.id) if _drives(graph, n.id, p)),
            }
            for n in view.nodes.values()
        ],
        "links": [
            {"source": link.source, "target": link.target, "acts": link.acts, "processes": link.processes, "path": link.path}
            for link in view.links
        ],
    }  # fmt: skip


def _drives(graph: nx.DiGraph, molecule: str, process: str) -> bool:
    """Whether a molecule only sets a process's rate."""
    return graph.get_edge_data(molecule, process, {}).get("role") == "influences" and not graph.has_edge(process, molecule)


def _panels(network: ReactionNetwork, synapse: str) -> list[dict[str, Any]]:
    """The curves beside the map; where the words name none that the model has, its first readouts."""
    found = []
    for panel in words()["panel"]:
        curves = [c for c in (readout(network, name, synapse) for name in panel["curves"]) if c is not None]
        if curves:
            found.append({"title": panel["title"], "curves": curves, "baseline": panel.get("baseline")})
    if len(found) < 2:
        shown = {c for panel in found for c in panel["curves"]}
        rest = [n for n in network.readouts if n not in shown][: 4 - len(found)]
        found += [{"title": network.readouts[n]["meaning"], "curves": [n], "baseline": None} for n in rest]
    return found


def _stimulus_label(stimulus: Any) -> str:
    pulses, frequency = getattr(stimulus, "pulses", 1), getattr(stimulus, "frequency", None)
    bursts = getattr(stimulus, "bursts", None)
    kind = {"calcium": "calcium held", "uncaging": "calcium uncaged", "spikes": "spikes"}.get(stimulus.kind, "pulses")
    text = f"{pulses} {kind}" if kind == "pulses" or pulses > 1 else kind
    text += f" at {written(frequency, 'frequency')}" if frequency and pulses > 1 else ""
    return f"{bursts} bursts of {text}" if bursts else text


_DEFINITION = re.compile(r"^\s+(\w+)(?:\(\))?\s+(\S.*)$")
_RULE = re.compile(r"^\s+(\w+):\s+(\S.*)$")


def rule_facts(network: ReactionNetwork) -> dict[str, dict[str, Any]]:
    """For each rule: its line of BNGL, its note, the formulas of its rates, and the parameters in them."""
    defined: dict[str, str] = {}
    lines: dict[str, str] = {}
    for line in network.meta["bngl"].splitlines():
        if match := _RULE.match(line):
            lines[match[1]] = re.sub(r"\s+", " ", match[2])
        elif match := _DEFINITION.match(line):
            defined.setdefault(match[1], match[2].strip())
    provenance = network.meta["provenance"]
    facts = {}
    for rule in network.meta["rules"]:
        text = lines.get(rule, network.meta["rule_text"][rule])
        formulas: dict[str, str] = {}
        parameters: list[str] = []
        waiting = re.findall(r"\w+", text)
        while waiting:
            name = waiting.pop(0)
            if name in provenance:
                if name not in parameters:
                    parameters.append(name)
            elif name in defined and name not in formulas:
                formulas[name] = defined[name]
                waiting += re.findall(r"[A-Za-z_]\w*", defined[name])
        facts[rule] = {
            "bngl": text, "note": network.meta["rule_notes"].get(rule, ""),
            "formulas": formulas, "parameters": parameters,
        }  # fmt: skip
    return facts


def measured_points(network: ReactionNetwork, protocol: Protocol, films: Sequence[Film]) -> list[dict[str, Any]]:
    """What the literature measured of the same model, protocol and perturbations, as points on the curves."""
    from ltpath.experiment import experiment_names, load_experiment

    points = []
    for name in experiment_names():
        experiment = load_experiment(name)
        for label, condition in experiment.conditions.items():
            if condition["model"] != network.name or condition.get("protocol") != protocol.name or {"set", "scan"} & {*condition}:
                continue
            matching = [f.label for f in films if _same(condition.get("perturbations", []), f.protocol.perturbations)]
            for row in experiment.rows if matching else ():
                r = row.readout
                belongs = r.get("condition", next(iter(experiment.conditions))) == label
                if (
                    not belongs
                    or r.get("kind") != "value"
                    or row.rule != "within"
                    or parse(r["at"], "time", "at") > protocol.duration
                ):
                    continue
                scale = r.get("scale", 1.0)
                points.append(
                    {
                        "condition": matching[0], "quantity": r["variable"], "time": parse(r["at"], "time", "at"),
                        "value": row.measured / scale, "error": (row.error or 0.0) / scale,
                        "experiment": name, "source": experiment.source.short, "title": experiment.title,
                        "seen": experiment.seen, "use": row.use,
                    }
                )  # fmt: skip
    return points


def _same(listed: Iterable[Any], uses: Sequence[PerturbationUse]) -> bool:
    """Whether an experiment's perturbations are these, each for the whole run."""
    from ltpath.pathways.perturbations import PERTURBATIONS

    def plain(use: PerturbationUse) -> tuple[Any, ...]:
        dose = use.dose if use.dose is not None or use.name not in PERTURBATIONS else PERTURBATIONS[use.name].dose
        return use.name, dose, use.start, use.end

    made = []
    for one in listed:
        table = {"name": one} if isinstance(one, str) else {{"from": "start", "to": "end"}.get(k, k): v for k, v in one.items()}
        if "set" in table:
            return False
        made.append(plain(PerturbationUse(**table)))
    return sorted(made, key=str) == sorted((plain(u) for u in uses), key=str)


# -- the file ------------------------------------------------------------------------------


def assembled(data: Mapping[str, Any]) -> str:
    """The page's file: template, style, script and data in one."""
    template, style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js"))
    # "<" is written as an escape, so that no text in the data can end the script element.
    content = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    parts = {
        "TITLE": html.escape(f"{data['model']['name']}: {data['protocol']['title']}"),
        "CONNECT": "connect-src 'self'; " if "live" in data else "",
        "STYLE": style, "SCRIPT": script, "DATA": content,
    }  # fmt: skip
    return re.sub("|".join(f"@@{name}@@" for name in parts), lambda m: parts[m[0].strip("@")], template)
