"""BNGL: the rules themselves, each number with its unit and source, and the protocol as actions of BioNetGen."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
from ltpath.exporters.timetable import Step, timetable

import ltpath
from ltpath.cache import write_atomically
from ltpath.errors import ExportError
from ltpath.expansion import ReactionNetwork
from ltpath.protocol import Protocol

NAME = "bngl"
SUFFIX = ".bngl"
SUMMARY = "rules for BioNetGen, with the protocol as actions"

_REST, _MIXED = 3e6, 60.0
"""As in our own run: how long a synapse comes to rest, and a mixture in a tube stands, before the recorded run, s."""
_SOLVER = 'method=>"ode",atol=>1e-10,rtol=>1e-10,print_functions=>1'
_FIRST = 1e-3
"""First sample after something was done, s; the following ones are ever further apart."""
_PER_DECADE = 20


def losses(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    """What BNGL cannot say: nothing where the rules can be expanded; units, sources and identities are comments."""
    if protocol is None or not network.network_free:
        return []
    return [f"the protocol '{protocol.title}': the network is too large for BioNetGen's ODE solver, so the file has rules alone"]


def export(network: ReactionNetwork, protocol: Protocol | None, path: Path) -> None:
    """Write rules and actions; without a protocol the one action is to expand the rules."""
    write_atomically(Path(path), to_bngl(network, protocol).encode())


def to_bngl(network: ReactionNetwork, protocol: Protocol | None = None) -> str:
    """The BNGL text of a model, with actions that run a protocol.

    Raises
    ------
    ExportError
        The protocol holds a species for a time that is dynamic otherwise, or the model has no rules.
    """
    if not network.meta["bngl"]:
        raise ExportError(f"'{network.name}' came as a reaction network, and BNGL is made of rules; use the format net")
    lines, block = [*_heading(network, protocol), ""], ""
    for line in network.meta["bngl"].splitlines():
        word, _, rest = line.strip().partition(" ")
        if word in ("begin", "end"):
            block = rest if word == "begin" else ""
        remark = _remark(network, block, word)
        lines.append(f"{line.rstrip()}  # {remark}" if remark else line.rstrip())
    # Limits of another source, without which its network may have no end.
    options = network.meta["source"]["options"] if network.foreign else ""
    actions = [] if network.network_free else [f"generate_network({{overwrite=>1{options}}})"]
    if protocol and actions:
        actions += _actions(network, protocol)
    return "\n".join([*lines, *actions, ""])


def _heading(network: ReactionNetwork, protocol: Protocol | None) -> list[str]:
    if network.foreign:
        about = [network.meta["source"]["notes"]]
        about += [f"{predicate}: {thing}" for predicate, thing in network.meta["annotations"].get("", ())]
        about += [f"protocol: {protocol.title}"] if protocol else []
        return [f"# {text}" for text in map(_one_line, about) if text]
    title = f", protocol: {protocol.title}" if protocol else ""
    return [
        f"# {network.name} of ltpath {ltpath.__version__}, licence MIT{title}",
        "# Amounts are molecules, time is in seconds.",
    ]


def _one_line(text: str) -> str:
    # A backslash at the end of a line would join the next one to the comment.
    return re.sub(r"[\s\\]+", " ", text)


def _remark(network: ReactionNetwork, block: str, word: str) -> str:
    """What is known of a parameter, a molecule or a rule and has no place in BNGL but a comment."""
    meta = network.meta
    if block == "parameters":
        facts = meta["provenance"].get(word, {})
        parts = (
            f"[{meta['units'][word]}]" if meta["units"].get(word) else "",
            *(facts.get(k) for k in ("basis", "source", "note")),
        )
    elif block == "molecule types":
        parts = (meta["identity"].get(word.split("(", maxsplit=1)[0]),)
    else:
        parts = (meta["rule_notes"].get(word.rstrip(":")),) if block == "reaction rules" else ()
    return _one_line("; ".join(p for p in parts if p))


def _actions(network: ReactionNetwork, protocol: Protocol) -> list[str]:
    table = timetable(network, protocol, "BNGL")
    actions = [f'setParameter("{n}",{v!r})' for n, v in table.values.items() if v != network.parameters[n]]
    # A model of another source starts from its own amounts.
    if "source" not in network.meta:
        settling = _REST if network.synapses else _MIXED
        actions += ["# To rest" if network.synapses else f"# The mixture stands for {_MIXED:g} s"]
        actions += [f'simulate({{{_SOLVER},suffix=>"rest",t_end=>{settling!r},n_steps=>1}})']
    steps = {step.moment: step for step in table.steps}
    begins = sorted({table.start, *steps})
    # BioNetGen takes no time below 0.
    actions.append(f"# The run; its time is {-table.start:g} s ahead of the protocol's")
    for begin, end in zip(begins, [*begins[1:], table.end], strict=True):
        if begin in steps:
            actions += _what_is_done(network, steps[begin])
        samples = [round(t - table.start, 9) for t in _samples(begin, end)]
        actions.append(
            f'simulate({{{_SOLVER},suffix=>"run",{"continue=>1," if begin > table.start else ""}'
            f"t_start=>{samples[0]!r},t_end=>{samples[-1]!r},sample_times=>[{','.join(repr(t) for t in samples)}]}})"
        )
    return actions


def _what_is_done(network: ReactionNetwork, step: Step) -> list[str]:
    actions = [f"# At {step.moment:g} s of the protocol"]
    actions += [f'setParameter("{name}",{value!r})' for name, value in step.parameters.items()]
    actions += [f'setConcentration("{network.species[i]}",{amount!r})' for i, amount in step.held.items()]
    return actions + [f'addConcentration("{network.species[i]}",{amount!r})' for i, amount in step.added.items()]


def _samples(begin: float, end: float) -> list[float]:
    length = end - begin
    first = min(_FIRST, length / 4)
    count = max(3, round(_PER_DECADE * math.log10(length / first)))
    return [begin, *(begin + np.geomspace(first, length, count)[:-1]).tolist(), end]
