"""NFsim, by bngsim: single molecules from the rules alone, for rings whose network is too large to write down.

Held species do not exist as molecules here. A rule that meets one has the held amount in its rate
instead, which is the same law, allows amounts that are not whole and costs no events.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from math import factorial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ltpath.engine import library
from ltpath.errors import BadValue, SolverError
from ltpath.expansion import ReactionNetwork, bionetgen_output
from ltpath.netfile import block

if TYPE_CHECKING:
    from ltpath.kernels import Kernel

NAME = "nfsim"
SUMMARY = "bngsim's NFsim: single molecules from the rules, without their network (stochastic)"
STOCHASTIC = True
LIBRARY = ("bngsim", "'bngsim>=0.16,<0.17'")
NETWORK_FREE = True


class NFsim:
    """A session of NFsim, from one event to the next. Species are named by their index in the network.

    Parameters
    ----------
    kernel : Kernel
        Gives the parameters at each call of `solve`.
    seed : int, optional

    Attributes
    ----------
    events : int
        Reactions that have fired.
    """

    def __init__(self, kernel: Kernel, seed: int | None) -> None:
        self._bngsim = library(NAME)
        self.events = 0
        self._kernel, self._network = kernel, kernel.network
        # NFsim takes 31 bits.
        self._seed = int(np.random.default_rng(seed).integers(2**31))
        self._held = {int(i): f"held_{i}" for i in np.flatnonzero(self._network.arrays["held"])}
        self._values: dict[str, float] = {}

    def start(self, y: np.ndarray) -> None:
        """Begin with whole molecules `y`, shape (species,).

        Raises
        ------
        SolverError
            NFsim does not understand the rules.
        """
        bngl = network_free_bngl(self._network, y, self._held)
        xml = _xml(bngl, self._network.name)
        with tempfile.TemporaryDirectory(prefix="ltpath-") as folder:
            path = Path(folder) / "rules.xml"
            path.write_text(xml, encoding="utf-8")
            self._session = self._bngsim.NfsimSession(path)
            self._set()
            try:
                self._session.initialize(self._seed)
            except self._bngsim.BngsimError as error:
                reason = " ".join(str(error).split())
                raise SolverError(f"NFsim cannot run the rules of '{self._network.name}': {reason}") from None
        for species in self._held:
            self.hold(species, float(y[species]))

    def check_hold(self, species: int) -> None:
        """Raise an error if a species cannot be held.

        Raises
        ------
        BadValue
            The model lets the species vary.
        """
        if species not in self._held:
            raise BadValue(
                f"the engine nfsim can only hold what the model holds, and '{self._network.name}' lets "
                f"{self._network.species[species]} vary; take another engine"
            )

    def hold(self, species: int, amount: float) -> None:
        """Put a held species at an amount, in molecules."""
        self._change(self._held[species], amount)

    def add(self, species: int, molecules: float) -> None:
        """Add molecules of a species."""
        if molecules > 0:
            self._session.add_species(self._network.species[species], int(molecules))

    def solve(self, times: np.ndarray) -> np.ndarray:
        """Observables in molecules at `times` (increasing, the first is now), shape (time, observables).

        Raises
        ------
        SolverError
            NFsim gave up.
        """
        self._set()
        try:
            result = self._session.simulate(sample_times=times.tolist())
        except self._bngsim.BngsimError as error:
            raise SolverError(f"NFsim stopped between {times[0]:g} and {times[-1]:g} s: {error}") from None
        # NFsim counts from the start of the session.
        self.events = result.solver_stats["n_steps"]
        rows = np.empty((len(times), len(self._network.meta["observables"])))
        for i, name in enumerate(self._network.meta["observables"]):
            held = _held_observable(self._network, i, self._held)
            rows[:, i] = result.observables[name] if held is None else self._values[held]
        return rows

    def _set(self) -> None:
        for name, value in zip(self._network.meta["parameters"], self._kernel.p.tolist(), strict=False):
            self._change(name, value)

    def _change(self, name: str, value: float) -> None:
        if self._values.get(name) != value:
            self._session.set_param(name, value)
            self._values[name] = value


@lru_cache(maxsize=8)
def _xml(bngl: str, name: str) -> str:
    """The rules as NFsim reads them; kept, as runs that differ in their seed share them."""
    return bionetgen_output(bngl, name, "writeXML()", ".xml")


def engine(kernel: Kernel, rtol: float, atol: np.ndarray, seed: int | None = None) -> NFsim:
    """Tolerances have no meaning here.

    Raises
    ------
    MissingTool
        bngsim is not installed.
    """
    return NFsim(kernel, seed)


@dataclass(frozen=True)
class _Rates:
    """Rewrites rates in the one form that NFsim takes: functions of observables and parameters, never of functions.

    A rate that reads no observable, but at most a held amount, is a parameter: NFsim evaluates every function at every event.
    """

    functions: dict[str, str]
    held_observables: dict[str, str]
    observables: set[str]

    def formula(self, name: str) -> str:
        """The formula behind a rate, without names of other functions."""
        if name in self.held_observables:
            return self.held_observables[name]
        if name not in self.functions:
            return name
        return "(" + re.sub(r"[A-Za-z_]\w*", lambda word: self.formula(word.group()), self.functions[name]) + ")"

    def varies(self, formula: str) -> bool:
        """Whether a formula reads an observable."""
        return not self.observables.isdisjoint(re.findall(r"[A-Za-z_]\w*", formula))


def network_free_bngl(network: ReactionNetwork, y: np.ndarray, held: dict[int, str]) -> str:
    """The model's BNGL with whole molecules `y` to start from, and held species in the rates.

    Parameters
    ----------
    held : dict of int to str
        The parameter that stands for each held species.
    """
    bngl, observables = network.meta["bngl"], network.meta["observables"]
    held_observables = {n: h for i, n in enumerate(observables) if (h := _held_observable(network, i, held)) is not None}
    rates = _Rates(block(bngl, "functions"), held_observables, set(observables) - set(held_observables))
    names = {network.species[i]: name for i, name in held.items()}
    formulas: dict[str, str] = {}
    rules = [_rule(line, names, rates, formulas) for line in _lines(bngl, "reaction rules")]
    functions = {name.removesuffix("()"): formula for name, formula in formulas.items() if name.endswith("()")}
    seen = [line for line in _lines(bngl, "observables") if line.split()[1] not in held_observables]
    parameters = [f"{n} {formula}" for n, formula in block(bngl, "parameters").items()]
    parameters += [f"{name} {float(y[i])!r}" for i, name in held.items()]
    parameters += [f"{name} {formula}" for name, formula in formulas.items() if not name.endswith("()")]
    species = [f"{name} {int(y[i])}" for i, name in enumerate(network.species) if i not in held and y[i] > 0]
    parts = {
        "parameters": parameters,
        "molecule types": _lines(bngl, "molecule types"),
        "observables": seen,
        "functions": [f"{name}() {formula}" for name, formula in functions.items()],
        "species": species,
        "reaction rules": rules,
    }
    text = [f"begin {name}\n" + "\n".join(lines) + f"\nend {name}" for name, lines in parts.items()]
    return "\n".join(["begin model", *text, "end model"])


def _held_observable(network: ReactionNetwork, index: int, held: dict[int, str]) -> str | None:
    """The parameter that an observable equals, if it counts one held species."""
    rows = network.arrays["observables"]
    members = rows[rows[:, 0] == index, 1:]
    return held.get(int(members[0, 0])) if len(members) == 1 and members[0, 1] == 1.0 else None


def _lines(bngl: str, name: str) -> list[str]:
    text = bngl.partition(f"begin {name}\n")[2].partition(f"end {name}")[0]
    return [line.strip() for line in text.splitlines() if line.strip()]


def _rule(line: str, held: dict[str, str], rates: _Rates, formulas: dict[str, str]) -> str:
    """A rule without held species; what its rates need is added to `formulas`, functions with parentheses after their name."""
    label, _, text = line.partition(":")
    arrow = "<->" if "<->" in text else "->"
    left, right = (part.split() for part in text.split(arrow, 1))
    # After the last product, which no "+" follows, come the rates.
    last = next(i for i in range(0, len(right), 2) if i + 1 == len(right) or right[i + 1] != "+")
    sides = [left[::2], right[: last + 1 : 2]]
    laws = [rate.strip(",").removesuffix("()") for rate in right[last + 1 :]]
    for i, law in enumerate(laws[: 2 if arrow == "<->" else 1]):
        met = [held[pattern] for pattern in sides[i] if pattern in held]
        formula = rates.formula(law)
        for name in sorted(set(met)):
            # n like molecules meet in n! equal ways, which a rule counts once.
            formula += f"*{name}^{met.count(name)}/{factorial(met.count(name))}"
        if law in rates.functions:
            laws[i] = f"{label}_rate{i}{'()' if rates.varies(formula) else ''}"
            formulas[laws[i]] = formula
        else:
            laws[i] = formula
    shown = [" + ".join(p for p in side if p not in held) or "0" for side in sides]
    tail = ", ".join(laws[:2]) if arrow == "<->" else " ".join(laws)
    return f"{label}: {shown[0]} {arrow} {shown[1]} {tail}"
