"""A reaction network as the text of a BioNetGen ``.net`` file, which bngsim and other simulators read."""

from __future__ import annotations

import re

import numpy as np

from ltpath.expansion import ReactionNetwork


def net_text(
    network: ReactionNetwork,
    *,
    held: np.ndarray | None = None,
    grain: float = 1.0,
    all_observables: bool = True,
    rules: bool = False,
) -> str:
    """The ``.net`` file of a network, species and parameters in the network's own order.

    Parameters have their default values and initial amounts are 0: whoever reads the file sets
    both. Constants that follow from parameters are written as formulas, so that a reader that
    changes a parameter changes them too.

    Parameters
    ----------
    network : ReactionNetwork
    held : numpy.ndarray of bool, optional
        Species that stay constant, written with ``$``; by default those that the model holds.
        Reactions that change no other species are left out.
    grain : float
        Molecules in one unit of a held species. A simulator that counts whole units can hold a
        species at a fraction of a molecule if the grain is small.
    all_observables : bool
        False leaves out the observables that no rate reads, and the formulas of readouts with them.
    rules : bool
        True names the rule of each reaction, and what each parameter is, in a comment.
    """
    arrays, meta = network.arrays, network.meta
    held = arrays["held"] if held is None else held
    n_constant = len(meta["parameters"]) + len(meta["constants"])
    rates = meta["parameters"] + meta["constants"] + meta["expressions"]
    reactions = _reactions(network, held, grain, rules)

    groups: dict[str, list[str]] = {name: [] for name in meta["observables"]}
    for observable, species, weight in arrays["observables"].tolist():
        weight *= grain if held[int(species)] else 1.0
        # BioNetGen reads whole numbers alone, and only simulators are given others.
        times = "" if weight == 1.0 else f"{int(weight)}*" if weight == int(weight) else f"{weight!r}*"
        term = f"{times}{int(species) + 1}"
        groups[meta["observables"][int(observable)]].append(term)
    parameters, functions = block(meta["bngl"], "parameters"), block(meta["bngl"], "functions")
    if network.foreign:
        parameters = {n: f"{v!r}" for n, v in network.parameters.items()} | meta["net"]["constants"]
        functions = meta["net"]["functions"]
    if not all_observables:
        functions = _read_by(functions, {rates[int(k)] for k in arrays["rate"] if k >= n_constant})
        words = set(re.findall(r"\w+", " ".join(functions.values())))
        groups = {name: terms for name, terms in groups.items() if name in words}

    lines = ["begin parameters"]
    # PySB reads no file without these words.
    kinds = {n: f"  # Constant{'' if n in network.parameters else 'Expression'}" if rules else "" for n in parameters}
    lines += [f"{i} {name} {formula}{kinds[name]}" for i, (name, formula) in enumerate(parameters.items(), 1)]
    lines += ["end parameters", "begin functions"]
    lines += [f"{i} {name}() {formula}" for i, (name, formula) in enumerate(functions.items(), 1)]
    lines += ["end functions", "begin species"]
    lines += [f"{i} {'$' if fixed else ''}{name} 0" for i, (name, fixed) in enumerate(zip(network.species, held, strict=True), 1)]
    lines += ["end species", "begin reactions"]
    lines += [f"{i} {line}" for i, line in enumerate(reactions, 1)]
    lines += ["end reactions", "begin groups"]
    lines += [f"{i} {name} {','.join(terms)}" for i, (name, terms) in enumerate(groups.items(), 1)]
    lines += ["end groups", ""]
    return "\n".join(lines)


def _reactions(network: ReactionNetwork, held: np.ndarray, grain: float, named: bool) -> list[str]:
    arrays, meta = network.arrays, network.meta
    rates = meta["parameters"] + meta["constants"] + meta["expressions"]
    lines = []
    columns = (arrays[n].tolist() for n in ("reactants", "products", "factor", "rate", "rule"))
    for ins, outs, factor, rate, rule in zip(*columns, strict=True):
        ins, outs = [i for i in ins if i >= 0], [i for i in outs if i >= 0]
        if all(held[i] or ins.count(i) == outs.count(i) for i in {*ins, *outs}):
            continue
        factor *= grain ** sum(1 for i in ins if held[i])
        sides = [",".join(str(i + 1) for i in side) or "0" for side in (ins, outs)]
        origin = f" #{'' if rule > 0 else '_reverse_'}{meta['rules'][abs(rule) - 1]}" if named else ""
        lines.append(f"{' '.join(sides)} {f'{factor!r}*' if factor != 1.0 else ''}{rates[rate]}{origin}")
    return lines


def block(bngl: str, name: str) -> dict[str, str]:
    """Names and formulas of a block, in the order of the BNGL text; without blanks, because run_network ends a formula at one."""
    text = bngl.partition(f"begin {name}\n")[2].partition(f"end {name}")[0]
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {name.removesuffix("()"): formula.replace(" ", "") for name, formula in pairs}


def _read_by(functions: dict[str, str], wanted: set[str]) -> dict[str, str]:
    """The functions that are wanted, and those that their formulas read."""
    found: set[str] = set()
    while wanted:
        found |= wanted
        words = set(re.findall(r"\w+", " ".join(functions[name] for name in wanted)))
        wanted = (words & functions.keys()) - found
    return {name: formula for name, formula in functions.items() if name in found}
