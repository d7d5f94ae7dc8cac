"""Readable, stable ids for everything in a reaction network; shared by all formats.

An id follows from the thing itself, never from its position: adding a rule leaves the
ids of all other species and reactions as they are.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ltpath.expansion import ReactionNetwork

# Words that SBML, Antimony, COPASI, AMICI (C++), BioNetGen or Kappa read as something else than a name, in lower case.
_RESERVED_WORDS = """
    _e _pi abs acos acosh acot acoth acsc acsch algebraicrule ampere and arccos arccosh arccot arccoth arccsc arccsch arcsec
    arcsech arcsin arcsinh arctan arctanh area arrhenius as asec asech asin asinh assert assignmentrule at atan atanh auto
    avg avogadro becquerel bernoulli binomial bool boundary bq break candela case catch cauchy cdf ceil ceiling celsius char
    chisquare class compartment const constant constantr continue cos cosh cot coth coulomb csc csch def default
    default_compartment del delay delete delta dimensionless div do double dx e elif else end enum event except exp
    exponential exponentiale extent extern factorial false farad finally float floor flux for formula friend from function
    gamma global goto gram gray h has henry herc hertz hill ident if implies import in inf infinity init inline int intdiv
    is is_event item j joule k katal kelvin kilogram lambda laplace length liter litre ln log log10 lognormal long lumen lux
    max mean meter metre min mm mod model module mole mratio namespace nan neq new newton nil none nonlocal normal not
    notanumber null obs ode ohm operator or p pascal pass pdf pi piecewise plot plus poisson pow power priority private
    protected public quotient radian raise rate rateof rayleigh reaction register rem return rint root rule sat sec sech
    second self sgn short siemens sievert sigmay sigmaz sign signature signed sin sinh sizeof species sqr sqrt ssa static
    stau steradian strongs struct substance sum switch system t tan tanh template tesla tfun then this throw time times
    token totalrate true truncatednormal try typename uniform union unit unsigned using var virtual void volatile volt
    volume w watt weak weber weight_ while with x xor y yield
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())


@dataclass(frozen=True)
class Molecule:
    """One molecule of a species: ``sites`` is a list of (site, state, bond), state and bond may be empty; ``place`` too."""

    name: str
    sites: tuple[tuple[str, str, str], ...]
    place: str = ""

    @property
    def called(self) -> str:
        """Its name, with its place where the model has several."""
        return f"{self.name}_{self.place}" if self.place else self.name

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(site, state) for site, state, _ in self.sites if state]

    @property
    def stateless(self) -> list[tuple[str, str]]:
        return [(site, bond) for site, state, bond in self.sites if not state]

    @property
    def bonds(self) -> list[str]:
        return [bond for _, _, bond in self.sites if bond]

    @property
    def plain(self) -> bool:
        """Whether the bonds need no site names: they are on its only site without states."""
        return len(self.stateless) <= 1 and all(not bond or not state for _, state, bond in self.sites)


@dataclass(frozen=True)
class Identifiers:
    """Ids, all from one namespace, in the order of the network's arrays.

    Attributes
    ----------
    names, places : dict of str to str
        Own name to id: of parameters, constants, observables and expressions, and of places.
    species : list of str
    reactions : list of str
    taken : set of str
        Everything above.
    """

    names: dict[str, str]
    places: dict[str, str]
    species: list[str]
    reactions: list[str]
    taken: set[str]

    def new(self, wanted: str) -> str:
        """A further id as near to `wanted` as possible."""
        return _claim(_safe(wanted), self.taken, "x")


def molecules_of(pattern: str) -> list[Molecule]:
    """The molecules of a fully specified BNGL species, with the bonds between them and the compartments they are in."""
    found = []
    everywhere = re.match(r"@(\w+)::?", pattern)
    for name, inside, place in re.findall(r"(\w+)\(([^)]*)\)(?:@(\w+))?", pattern):
        sites = []
        for text in filter(None, inside.split(",")):
            site, _, bond = text.partition("!")
            site, _, state = site.partition("~")
            sites.append((site, state, bond))
        found.append(Molecule(name, tuple(sorted(sites)), place or (everywhere[1] if everywhere else "")))
    return found


@lru_cache(maxsize=50_000)
def canonical(pattern: str) -> tuple[str, tuple[Molecule, ...]]:
    """A species' text that does not depend on how it was written, and its molecules in that order.

    From each molecule in turn the complex is walked depth-first along its named sites;
    the smallest of the texts is the canonical one. In a ring the walk goes round.
    """
    members = molecules_of(pattern)
    all_bonds = [molecule.bonds for molecule in members]
    ends: dict[str, list[int]] = {}
    for i, mine in enumerate(all_bonds):
        for bond in mine:
            ends.setdefault(bond, []).append(i)

    def walk(first: int) -> tuple[str, list[int]]:
        order: list[int] = []
        bonds: dict[str, int] = {}
        stack = [first]
        while stack:
            i = stack.pop()
            if i in order:
                continue
            order.append(i)
            for bond in all_bonds[i]:
                bonds.setdefault(bond, len(bonds))
            stack += [j for bond in reversed(all_bonds[i]) for j in ends[bond] if j not in order]
        order += [i for i in range(len(members)) if i not in order]
        text = ".".join(
            f"{members[i].called}({','.join([f'{s}~{v}!{bonds.get(b, str()) if b else str()}' for s, v, b in members[i].sites])})"
            for i in order
        )
        return text, order

    text, order = min(walk(i) for i in range(len(members)))
    return text, tuple(members[i] for i in order)


def species_id(pattern: str) -> str:
    """The id that a species wants: its molecules with the states of their sites.

    ``CaM_A__C_ca2__N_ca0`` is one molecule, ``CaM_A__C_ca0__N_ca0___Ng_A`` a complex of two,
    ``L_EC__r___R_PM__l`` one that is bound by the sites r and l of molecules in two compartments.
    Copies of one molecule are listed compactly, in the order of the ring:
    ``CaMKII_A_x3_T286_T306__pu_CaM_A_ca2_ca2__uu__uu`` has three subunits, the states of
    T286 and T306 of each, and calmodulin on the first. Where that would not tell two
    species apart (several binding sites a molecule), a hash of the pattern is added.
    """
    text, members = canonical(pattern)
    copies = {name: n for name, n in Counter(m.name for m in members).items() if n > 1}
    core = next((m.name for m in members if m.name in copies and _joined(members, m.name)), None)
    if core is not None:
        written, clear = _ring_id(members, core)
    else:
        # Two different molecules with one bond are told by the sites that it joins.
        pair = not copies and len(members) == 2 and all(len(m.bonds) == 1 and m.bonds[0].isdigit() for m in members)
        plain = not copies and len(members) <= 2 and all(m.plain for m in members)
        named = pair and not plain
        written = "___".join("__".join([m.called, *_site_words(m, named)]) for m in members)
        clear = plain or pair or (len(members) == 1 and not members[0].bonds and _unlike(members[0]))
    return written if clear else f"{written}__{_hash(text)}"


def _site_words(molecule: Molecule, bonds: bool) -> list[str]:
    """States of the sites; with `bonds` also the bound site."""
    words = []
    for site, state, bond in molecule.sites:
        if state:
            words.append(f"{site}_{state}_bound" if bonds and bond else f"{site}_{state}")
        elif bonds and bond:
            words.append(site)
    return words


def _unlike(molecule: Molecule) -> bool:
    """Whether no two sites of a molecule have the same name."""
    return len({site for site, _, _ in molecule.sites}) == len(molecule.sites)


def _joined(members: Sequence[Molecule], name: str) -> bool:
    """Whether copies of a molecule are bound to each other."""
    seen: Counter[str] = Counter(bond for m in members if m.name == name for bond in m.bonds)
    return any(n == 2 for n in seen.values())


def _ring_id(members: Sequence[Molecule], core: str) -> tuple[str, bool]:
    subunits = [m for m in members if m.name == core]
    others = [m for m in members if m.name != core]
    shared = {bond for bond, n in Counter(b for m in subunits for b in m.bonds).items() if n == 2}
    tokens, clear = [], True
    for subunit in subunits:
        states = [state for _, state in subunit.states]
        token = ("" if all(len(s) == 1 for s in states) else "_").join(states)
        free = [(site, bond) for site, bond in subunit.stateless if bond not in shared]
        clear &= len(free) <= 1 and len(set(subunit.bonds) & shared) == 2
        for partner in [m for m in others if set(m.bonds) & set(subunit.bonds)]:
            token += "_" + "_".join([partner.called, *(state for _, state in partner.states)])
            clear &= partner.plain and len(partner.bonds) == 1
        tokens.append(token)
    header = "_".join([f"{subunits[0].called}_x{len(subunits)}", *(site for site, _ in subunits[0].states)])
    return "__".join([header, *tokens]), clear


def name_ids(network: ReactionNetwork) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Ids of what has a name of its own: parameters, constants, observables and expressions; places; and all that are taken."""
    meta = network.meta
    taken: set[str] = set()
    own = [*meta["parameters"], *meta["constants"], *meta["observables"], *meta["expressions"]]
    names = {name: _claim(_safe(name), taken, "value") for name in own}
    return names, {name: _claim(_safe(name), taken, "place") for name in meta["places"]}, taken


def identifiers(network: ReactionNetwork) -> Identifiers:
    """Ids for a whole network."""
    meta = network.meta
    names, places, taken = name_ids(network)
    species = [_claim(_safe(species_id(p)), taken, "species") for p in meta["species"]]
    texts = [canonical(p)[0] for p in meta["species"]]
    arrays = network.arrays
    reactions = []
    for ins, outs, rule in zip(arrays["reactants"].tolist(), arrays["products"].tolist(), arrays["rule"].tolist(), strict=True):
        name, direction = rule_of(network, rule)
        sides = ["+".join(sorted(texts[i] for i in side if i >= 0)) for side in (ins, outs)]
        reactions.append(_claim(_safe(f"{name}__{direction}_{_hash('>'.join(sides))}"), taken, "again"))
    return Identifiers(names, places, species, reactions, taken)


def rule_of(network: ReactionNetwork, code: int) -> tuple[str, str]:
    """Rule name and direction (``forward`` or ``reverse``) of an entry of ``arrays["rule"]``."""
    return network.meta["rules"][abs(code) - 1], "forward" if code > 0 else "reverse"


def place_of(network: ReactionNetwork, pattern: str) -> str:
    """The place of a species: that of its first molecule, or of a complex that spans several, the membrane."""
    places, members = network.meta["places"], canonical(pattern)[1]
    within = dict.fromkeys(m.place for m in members if m.place)
    if within:
        return min(within, key=lambda place: places[place]["dimension"])
    return network.meta["place_of"][members[0].name]


def _safe(name: str) -> str:
    text = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not text or text[0].isdigit():
        text = f"n{text}"
    return f"{text}_" if text.lower() in _RESERVED else text


def _claim(wanted: str, taken: set[str], kind: str) -> str:
    tries = itertools.chain((wanted, f"{wanted}_{kind}"), (f"{wanted}_{kind}{i}" for i in itertools.count(2)))
    chosen = next(t for t in tries if t not in taken)
    taken.add(chosen)
    return chosen


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
