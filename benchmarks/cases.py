"""What is solved: a network, a state to start from, pulses, output times, and the solution to a tolerance of 1e-12."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import libsbml
import numpy as np
from ltpath.exporters.sbml import to_sbml

from ltpath.catalogue import load
from ltpath.engine import load_engine
from ltpath.expansion import ReactionNetwork
from ltpath.kernels import Kernel
from ltpath.netfile import net_text
from ltpath.protocol import load_protocol
from ltpath.sbmlfile import sbml_text
from ltpath.simulation import Integrator, resolve

# In the order of size, because a peer that cannot do one is not tried on a larger one.
CASES = {
    "early_ltp": "tetanus",
    "camkii_hexamer_k3": "uncaging_train",
    "camkii_hexamer_k4": "uncaging_train",
    "camkii_hexamer_k5": "uncaging_train",
}
"""Model to protocol."""
FIRST_OUTPUT, EVERY = 1.0, 60.0
"""Output times, s: the end of the train, then every minute."""
REFERENCE = 1e-12
Solve = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Times and a state to the states at the times, as `ltpath.engine.Engine.solve`."""


@dataclass(frozen=True)
class Case:
    """One network under one protocol.

    Attributes
    ----------
    start : numpy.ndarray
        The resting state, molecules.
    pulses : dict
        Time to a list of (species, molecules).
    times : numpy.ndarray
        Output times, s.
    scale : numpy.ndarray
        Absolute tolerance of each species for a relative tolerance of 1, as ltpath chooses it.
    reference : numpy.ndarray
        States at the output times, to a tolerance of 1e-12.
    folder : Path
        Holds the network as ``network.net``, ``network.xml`` and ``rules.net``, and with its protocol ``protocol.xml``.
    """

    name: str
    network: ReactionNetwork
    start: np.ndarray
    pulses: dict[float, list[tuple[int, float]]]
    times: np.ndarray
    scale: np.ndarray
    reference: np.ndarray
    folder: Path

    def run(self, solve: Solve) -> np.ndarray:
        """States at the output times, restarting at each pulse."""
        y, states = self.start, []
        breaks = sorted({0.0, float(self.times[-1]), *self.pulses})
        for begin, end in zip(breaks[:-1], breaks[1:], strict=True):
            y = y.copy()
            for species, amount in self.pulses.get(begin, ()):
                y[species] += amount
            inside = self.times[(self.times > begin) & (self.times < end)]
            ys = solve(np.concatenate([[begin], inside, [end]]), y)
            y = ys[-1]
            states.append(ys[1:] if end in self.times else ys[1:-1])
        return np.concatenate(states)

    def error(self, states: np.ndarray) -> float:
        """The largest error of any species at any output, over the species' peak or a molecule."""
        peak = np.maximum(self.reference.max(axis=0), 1.0)
        error = np.abs(states - self.reference) / peak
        return float(error.max()) if np.isfinite(error).all() else float("inf")


def prepare(name: str, work: Path, duration: str | None = None) -> Case:
    """Settle, solve to the reference tolerance, and write the files that peers read; kept for the next call."""
    folder = work / name
    kept = folder / "case.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    network = load(name).network
    protocol = load_protocol(CASES[name])
    protocol = protocol.lasting(duration) if duration else protocol
    integrator = Integrator(network)
    start = np.maximum(integrator.settle(integrator.kernel.initial()), 0.0)
    line = resolve(protocol, network)
    assert not line.holds
    assert not line.windows
    times = np.unique([FIRST_OUTPUT, *np.arange(EVERY, line.end, EVERY), line.end])
    scale = integrator.atol / integrator.rtol
    bare = Case(name, network, start, line.pulses(), times, scale, np.empty(0), folder)
    reference = bare.run(load_engine("cvode").engine(Kernel(network), REFERENCE, REFERENCE * scale, None).solve)
    # A copy: compiled code that the network has met in this process means nothing in another.
    case = replace(bare, network=replace(network), reference=reference)
    (folder / "network.net").write_text(net_text(network, all_observables=False), encoding="utf-8")
    (folder / "network.xml").write_text(sbml_text(network, network.arrays["held"]), encoding="utf-8")
    (folder / "rules.net").write_text(_net_with_rules(network), encoding="utf-8")
    document = libsbml.readSBMLFromString(to_sbml(network, protocol))
    for i, amount in enumerate(start.tolist()):
        document.getModel().getSpecies(i).setInitialAmount(amount)
    libsbml.writeSBMLToFile(document, str(folder / "protocol.xml"))
    kept.write_bytes(pickle.dumps(case))
    return case


def _net_with_rules(network: ReactionNetwork) -> str:
    """The network as PySB reads it: each reaction with the rule that it comes from; parameters are the model's own."""
    arrays, meta = network.arrays, network.meta
    rates = meta["parameters"] + meta["constants"] + meta["expressions"]
    lines = ["begin parameters", "end parameters", "begin species"]
    lines += [f"{i} {'$' if held else ''}{s} 0" for i, (s, held) in enumerate(zip(network.species, arrays["held"], strict=True), 1)]
    lines += ["end species", "begin reactions"]
    for i, (ins, outs, factor, rate, rule) in enumerate(
        zip(*(arrays[n].tolist() for n in ("reactants", "products", "factor", "rate", "rule")), strict=True), 1
    ):
        sides = [",".join(str(s + 1) for s in side if s >= 0) or "0" for side in (ins, outs)]
        label = f"_reverse_{meta['rules'][-rule - 1]}" if rule < 0 else meta["rules"][rule - 1]
        lines.append(f"{i} {sides[0]} {sides[1]} {f'{factor!r}*' if factor != 1.0 else ''}{rates[rate]} #{label}")
    lines += ["end reactions", "begin groups"]
    rows = arrays["observables"].tolist()
    for i, name in enumerate(meta["observables"]):
        terms = ",".join(f"{int(weight)}*{int(s) + 1}" for o, s, weight in rows if int(o) == i)
        lines.append(f"{i + 1} {name} {terms}".rstrip())
    return "\n".join([*lines, "end groups", ""])
