"""What each rule of a network tests and changes, read from its BNGL text, so that no expansion is needed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import CodeType

import numpy as np
from ltpath.exporters.identifiers import name_ids

from ltpath.expansion import ReactionNetwork
from ltpath.quantity import Unit
from ltpath.sources import labelled

FREE, BOUND, ANY = "", "+", "?"
POTENTIAL = "membrane potential"
_CLOSE = 1e-9
# A pattern of BNGL, and what may follow the rates of a rule.
_PATTERN = r"(?:[^\s()+]|\([^()]*\))+"
_KEYWORDS = re.compile(r"\b(?:DeleteMolecules|MoveConnected|TotalRate)\b|\b(?:in|ex)clude_\w+\([^()]*\)|\bpriority\s*=\s*\S+")
# Signs of a rate's slopes are taken at rest with this many molecules more of everything:
# small numbers, because tokens of voltage and spikes stand for fractions of a millivolt.
_EXTRA = (1.0, 10.0, 50.0)


@dataclass(frozen=True)
class Part:
    """One molecule of a pattern: for each site that the pattern names, its state and its bond.

    The state is empty where the pattern leaves it open. The bond is `FREE`, `BOUND`, `ANY`,
    or ``(molecule, site)`` at its other end.
    """

    name: str
    sites: dict[str, tuple[str, str | tuple[str, str]]]

    def fits(self, test: Part) -> bool:
        """Whether a molecule like this can match the test: nothing that both specify differs."""
        return self.name == test.name and all(
            site not in self.sites or _agree(self.sites[site], wanted) for site, wanted in test.sites.items()
        )


@dataclass(frozen=True, eq=False)
class Step:
    """One direction of a rule.

    Attributes
    ----------
    pairs : tuple
        Each molecule before and after; None before it is made or after it is lost.
    rate : str
        Name of the parameter, constant or expression that is its rate constant.
    complexes : tuple of frozenset of int
        Which pairs are one complex before the step.
    """

    rule: str
    direction: str
    pairs: tuple[tuple[Part | None, Part | None], ...]
    rate: str
    complexes: tuple[frozenset[int], ...]

    @property
    def id(self) -> str:
        return f"{self.rule}__{self.direction}"

    @cached_property
    def before(self) -> list[Part]:
        return [part for part, _ in self.pairs if part is not None]

    @cached_property
    def changed(self) -> dict[str, list[tuple[Part | None, Part | None]]]:
        """By molecule: the pairs that the step makes, loses, or alters."""
        found: dict[str, list[tuple[Part | None, Part | None]]] = {}
        for one, other in self.pairs:
            if one is None or other is None or one != other:
                found.setdefault((one or other).name, []).append((one, other))  # type: ignore[union-attr]
        return found

    @cached_property
    def altered(self) -> list[int]:
        """Which pairs it makes, loses, or alters."""
        return [i for i, (one, other) in enumerate(self.pairs) if one is None or one != other]

    def name(self, i: int) -> str:
        """The molecule of a pair."""
        one, other = self.pairs[i]
        return (one or other).name  # type: ignore[union-attr]

    def together(self, i: int, j: int) -> bool:
        """Whether two pairs are one complex before the step."""
        return any(i in members and j in members for members in self.complexes)

    def what(self, i: int) -> tuple[object, ...]:
        """What it does to a pair, without the context."""
        one, other = self.pairs[i]
        if one is None or other is None:
            return (self.name(i), one is None)
        sites = sorted(s for s in {*one.sites, *other.sites} if one.sites.get(s) != other.sites.get(s))
        return (one.name, *((s, one.sites.get(s), other.sites.get(s)) for s in sites))

    def effect(self, test: Part) -> int:
        """How many molecules that can match a test it makes, less those that it takes away."""
        total = 0
        for one, other in self.changed.get(test.name, ()):
            if (
                one is not None
                and other is not None
                and not any(
                    site in test.sites and one.sites.get(site) != other.sites.get(site) for site in {*one.sites, *other.sites}
                )
            ):
                continue
            total += (other is not None and other.fits(test)) - (one is not None and one.fits(test))
        return total


class Rules:
    """The rules of a network, and what their rates and the readouts depend on.

    Attributes
    ----------
    steps : list of Step
        Every rule, forward and reverse, in the order of the network.
    ids : dict of str to str
        Ids of parameters, observables and expressions, as in the SBML.
    """

    def __init__(self, network: ReactionNetwork) -> None:
        self.network = network
        self._known: dict[str, dict[str, int]] = {}
        self.ids, self.places, _ = name_ids(network)
        blocks = _block(network.meta["bngl"], "reaction rules"), _block(network.meta["bngl"], "observables")
        self.steps = [self._rated(step) for name, rule in labelled(blocks[0]).items() for step in _steps(name, rule)]
        self.observables = {name: parts(pattern) for _, name, pattern in (line.split(maxsplit=2) for line in blocks[1])}
        self.types = {part.name: part for line in _block(network.meta["bngl"], "molecule types") for part in _molecule_types(line)}

    def _rated(self, step: Step) -> Step:
        """A step whose rate is a formula with the name that the network has for it, if the step has made a reaction."""
        if step.rate.isidentifier() or step.rule not in self.network.meta["rules"]:
            return step
        arrays, meta = self.network.arrays, self.network.meta
        code = (meta["rules"].index(step.rule) + 1) * (1 if step.direction == "forward" else -1)
        rates = [*meta["parameters"], *meta["constants"], *meta["expressions"]]
        made = np.flatnonzero(arrays["rule"] == code)
        return replace(step, rate=rates[int(arrays["rate"][made[0]])]) if len(made) else step

    @cached_property
    def initial(self) -> dict[str, list[Part]]:
        """Each molecule in the species that the model starts from."""
        found: dict[str, list[Part]] = {}
        for index, _ in self.network.meta["initial"]:
            for part in parts(self.network.species[index]):
                if part not in found.setdefault(part.name, []):
                    found[part.name].append(part)
        return found

    @cached_property
    def refers(self) -> dict[str, list[str]]:
        """For each constant and expression, in the order of evaluation: the names in its formula."""
        meta = self.network.meta
        names = {("p", i): n for i, n in enumerate([*meta["parameters"], *meta["constants"]])}
        names |= {("o", i): n for i, n in enumerate(meta["observables"])}
        names |= {("e", i): n for i, n in enumerate(meta["expressions"])}
        found = {}
        for line in [*meta["formulas"]["constants"], *self._lines]:
            target, *read = [names[kind, int(i)] for kind, i in re.findall(r"\b([poe])\[(\d+)\]", line)]
            found[target] = read
        return found

    @cached_property
    def within(self) -> dict[str, set[str]]:
        """For each constant and expression: every name that its formula depends on, directly or through others."""
        found: dict[str, set[str]] = {}
        for target, read in self.refers.items():
            found[target] = set(read).union(*(found.get(name, set()) for name in read))
        return found

    @cached_property
    def reads(self) -> dict[str, set[str]]:
        """For each constant and expression: the parameters and observables that its formula depends on."""
        return {target: {n for n in names if n not in self.refers} for target, names in self.within.items()}

    @cached_property
    def potentials(self) -> list[str]:
        """Membrane potentials that rates depend on: readouts in mV."""
        used = set().union(*(self.within.get(step.rate, set()) for step in self.steps))
        named = self.network.meta["readouts"]
        return [n for n in self.refers if n in named and n in used and named[n]["unit"] == Unit.MILLIVOLT.value]

    @cached_property
    def slopes(self) -> dict[str, dict[str, list[float]]]:
        """Slope of each expression by each observable that it reads, at several points near rest."""
        return self._slopes([])

    @cached_property
    def direct_slopes(self) -> dict[str, dict[str, list[float]]]:
        """The same, but by observables with the potentials held, and under `POTENTIAL` by all potentials together."""
        return self._slopes(self.potentials)

    def _slopes(self, potentials: Sequence[str]) -> dict[str, dict[str, list[float]]]:
        meta = self.network.meta
        observables, expressions = meta["observables"], meta["expressions"]
        found: dict[str, dict[str, list[float]]] = {n: {} for n in expressions}
        for extra in _EXTRA:
            here = dict(zip(observables, self._rest + extra, strict=True))
            at_rest = dict(zip(expressions, self._expressions(here, {}), strict=True))
            held = {name: at_rest[name] for name in potentials}
            for name in [*observables, *([POTENTIAL] if held else [])]:
                step = 1e-5 * here.get(name, 1.0)
                up, down = (
                    self._expressions(here, {n: v + d for n, v in held.items()})
                    if name == POTENTIAL
                    else self._expressions(here | {name: here[name] + d}, held)
                    for d in (step, -step)
                )
                for target, slope in zip(expressions, (up - down) / (2 * step), strict=True):
                    if not self.within[target].isdisjoint(self.potentials if name == POTENTIAL else [name]):
                        found[target].setdefault(name, []).append(float(slope))
        return found

    def needs(self, rate: str, observable: str) -> bool:
        """Whether a rate is nothing without an observable, the potentials held."""
        here = dict(zip(self.network.meta["observables"], self._rest + _EXTRA[0], strict=True))
        position = self.network.meta["expressions"].index(rate)
        held = dict(zip(self.network.meta["expressions"], self._expressions(here, {}), strict=True))
        held = {name: held[name] for name in self.potentials}
        return abs(self._expressions(here | {observable: 0.0}, held)[position]) < 1e-9 * abs(
            self._expressions(here, held)[position]
        )

    @cached_property
    def _rest(self) -> np.ndarray:
        """Observables in the species that the model starts from."""
        amounts = np.zeros(len(self.network.species))
        for index, amount in self.network.meta["initial"]:
            amounts[index] += self.constants[amount]
        rest = np.zeros(len(self.network.meta["observables"]))
        for observable, species, weight in self.network.arrays["observables"]:
            rest[int(observable)] += weight * amounts[int(species)]
        return rest

    @cached_property
    def constants(self) -> dict[str, float]:
        """Default value of each parameter, and of each constant that follows from them."""
        return self._constants({})

    def _constants(self, changed: Mapping[str, float]) -> dict[str, float]:
        meta = self.network.meta
        p = [*(changed.get(n, v) for n, v in self.network.parameters.items()), *([0.0] * len(meta["constants"]))]
        exec("\n".join(meta["formulas"]["constants"]), {"math": math, "p": p})
        return dict(zip([*meta["parameters"], *meta["constants"]], p, strict=True))

    @cached_property
    def _lines(self) -> list[str]:
        return [line for kind in ("expressions", "readouts") for line in self.network.meta["formulas"][kind]]

    @cached_property
    def _code(self) -> list[tuple[int, CodeType]]:
        return [
            (int(line[2 : line.index("]")]), compile(line, f"<formulas of {self.network.name}>", "exec")) for line in self._lines
        ]

    def _expressions(
        self, observed: Mapping[str, float], held: Mapping[str, float], constants: Mapping[str, float] | None = None
    ) -> np.ndarray:
        """Values of all expressions, where those that read others may find them held."""
        meta = self.network.meta
        values, found = np.zeros(len(meta["expressions"])), np.zeros(len(meta["expressions"]))
        space = {
            "math": math,
            "p": [*(constants or self.constants).values()],
            "o": [observed[n] for n in meta["observables"]],
            "e": values,
        }
        for i, code in self._code:
            exec(code, space)
            found[i] = values[i]
            values[i] = held.get(meta["expressions"][i], values[i])
        return found

    def of_step(self, step: Step, target: Step) -> int | None:
        """Sign of what one firing of a step does to the speed of another; None where it does both."""
        by_reactants = sign([step.effect(test) for test in target.before])
        by_rate = sign(self.of_rate(step, target.rate))
        return None if by_reactants is None or by_rate is None else sign([by_reactants, by_rate])

    def of_rate(self, step: Step, name: str) -> list[float]:
        """How one firing changes a rate or readout that has a formula, at each point near rest; empty if it does not."""
        changes = self._changes(step)
        if name in self.observables:
            return [float(changes.get(name, 0))]
        slopes = self.slopes.get(name, {})
        read = [o for o in changes if o in slopes]
        return [sum(changes[o] * slopes[o][k] for o in read) for k in range(len(_EXTRA))] if read else []

    def _changes(self, step: Step) -> dict[str, int]:
        """Observables that a step changes."""
        if step.id not in self._known:
            found = {o: sum(step.effect(test) for test in tests) for o, tests in self.observables.items()}
            self._known[step.id] = {o: change for o, change in found.items() if change}
        return self._known[step.id]

    def by_parameter(self) -> dict[str, dict[str, int | None]]:
        """For each parameter: the rates and readouts that depend on it, and the sign of their slope near rest (0 where it is flat there)."""
        meta = self.network.meta
        here = dict(zip(meta["observables"], self._rest + _EXTRA[1], strict=True))
        wanted = {step.rate for step in self.steps} | set(self.network.readouts)
        found: dict[str, dict[str, int | None]] = {}
        for parameter, value in self.network.parameters.items():
            reading = {name for name in wanted if name == parameter or parameter in self.reads.get(name, ())}
            if not reading:
                continue
            step = 1e-4 * (abs(value) or 1.0)
            values = []
            for moved in (value + step, value - step):
                constants = self._constants({parameter: moved})
                values.append(constants | dict(zip(meta["expressions"], self._expressions(here, {}, constants), strict=True)))
            found[parameter] = {n: sign([values[0].get(n, 0.0) - values[1].get(n, 0.0)]) for n in meta["readouts"] if n in reading}
            found[parameter] |= {n: sign([values[0][n] - values[1][n]]) for n in values[0] if n in reading}
        return found

    def by_initial_amount(self) -> dict[str, list[tuple[Part, int | None]]]:
        """For each parameter: the molecules of which it sets how many there are at first, and the sign of the slope."""
        found: dict[str, list[tuple[Part, int | None]]] = {}
        for parameter, value in self.network.parameters.items():
            step = 1e-4 * (abs(value) or 1.0)
            up, down = (self._constants({parameter: moved}) for moved in (value + step, value - step))
            for index, amount in self.network.meta["initial"]:
                if up[amount] != down[amount]:
                    slope = sign([up[amount] - down[amount]])
                    found.setdefault(parameter, []).extend((part, slope) for part in parts(self.network.species[index]))
        return found

    def readers(self, name: str) -> set[str]:
        """Molecules whose observables a rate or readout reads: those that every match of the pattern holds."""
        return {part.name for o in self.reads.get(name, {name}) if o in self.observables for part in self.observables[o]}


def sign(values: Sequence[float]) -> int | None:
    """+1, -1, 0 where nothing changes, None where both signs occur."""
    largest = max(map(abs, values), default=0.0)
    up, down = (any(s * v > _CLOSE * largest for v in values) for s in (1, -1))
    return None if up and down else int(up) - int(down)


def _agree(one: tuple[str, str | tuple[str, str]], other: tuple[str, str | tuple[str, str]]) -> bool:
    if one[0] and other[0] and one[0] != other[0]:
        return False
    bonds = (one[1], other[1])
    if ANY in bonds or bonds[0] == bonds[1]:
        return True
    return FREE not in bonds and BOUND in bonds


def parts(pattern: str) -> list[Part]:
    """The molecules of a BNGL pattern, with the other end of each bond."""
    raw = [(name, _sites(inside)) for name, inside in re.findall(r"(\w+)\(([^)]*)\)", pattern)]
    ends: dict[str, list[tuple[int, str]]] = {}
    for i, (_, sites) in enumerate(raw):
        for site, (_, bond) in sites.items():
            if bond.isdigit():
                ends.setdefault(bond, []).append((i, site))

    def resolved(i: int, site: str, bond: str) -> str | tuple[str, str]:
        if not bond.isdigit():
            return bond
        other = next((end for end in ends[bond] if end != (i, site)), None)
        return BOUND if other is None else (raw[other[0]][0], other[1])

    return [
        Part(name, {site: (state, resolved(i, site, bond)) for site, (state, bond) in sites.items()})
        for i, (name, sites) in enumerate(raw)
    ]


def _sites(inside: str) -> dict[str, tuple[str, str]]:
    found = {}
    for text in filter(None, inside.split(",")):
        head, _, bond = text.partition("!")
        site, _, state = head.partition("~")
        found[site.strip()] = (state, bond)
    return found


def _molecule_types(line: str) -> Iterator[Part]:
    for name, inside in re.findall(r"(\w+)\(([^)]*)\)", line):
        sites = {}
        for text in filter(None, inside.split(",")):
            site, *states = text.split("~")
            sites[site] = (",".join(states), ANY)
        yield Part(name, sites)


def _block(bngl: str, name: str) -> list[str]:
    inside = bngl.partition(f"begin {name}\n")[2].partition(f"end {name}")[0]
    # Lines may have numbers.
    return [re.sub(r"^\d+\s+(?=[A-Za-z])", "", line.strip()) for line in inside.splitlines() if line.strip()]


def _steps(name: str, rule: str) -> Iterator[Step]:
    left, arrow, rest = re.split(r"(<->|->)", rule, maxsplit=1)
    # Patterns come first, then rates, then keywords.
    right = re.match(rf"\s*{_PATTERN}(?:\s*\+\s*{_PATTERN})*", rest)
    rates = _KEYWORDS.sub("", rest[right.end() :] if right else rest)
    # Commas inside brackets belong to one rate.
    names = [rate.strip().removesuffix("()") for rate in re.split(r",(?![^()]*\))", rates)]
    sides = _species(left), _species(right[0] if right else "")
    yield _step(name, "forward", *sides, names[0])
    if arrow == "<->":
        yield _step(name, "reverse", *sides[::-1], names[-1])


def _species(text: str) -> list[list[Part]]:
    # Bonds are numbered within each species, so that species are read apart.
    return [parts(species) for species in re.findall(_PATTERN, text)]


def _step(name: str, direction: str, before: list[list[Part]], after: list[list[Part]], rate: str) -> Step:
    """Pair molecules of both sides, the k-th of a name with the k-th, as BioNetGen does."""
    left = [part for species in after for part in species]
    pairs: list[tuple[Part | None, Part | None]] = []
    complexes = []
    for species in before:
        complexes.append(frozenset(range(len(pairs), len(pairs) + len(species))))
        for part in species:
            other = next((a for a in left if a.name == part.name), None)
            if other is not None:
                left = [a for a in left if a is not other]
            pairs.append((part, other))
    return Step(name, direction, (*pairs, *((None, part) for part in left)), rate, tuple(complexes))
