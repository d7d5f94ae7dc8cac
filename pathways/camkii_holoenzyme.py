"""Calmodulin activates CaMKII; neighbours in the ring phosphorylate each other at T286.

A holoenzyme is a directed ring of subunits, each written out with its bonds. A subunit
with calmodulin, or autonomous through pT286, phosphorylates the neighbour on its right
if that one carries calmodulin. Only calmodulin with four calcium binds; it leaves either
whole, or, when the calcium of its N lobe has gone, as calmodulin with a calcium-loaded
C lobe. The second way is a rapid-equilibrium form of the partly loaded complexes: its
rate follows from their constants and closes the cycle calcium x calmodulin x kinase.

Those complexes can be written out instead (`calmodulin_on_camkii`), and subunits can bind
GluN2B (`glun2b`): too many states of a ring for anything but engines that need no network.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import product
from operator import add, mod
from types import SimpleNamespace

import pysb
from ltpath.pathways.calcium import calcium_is_visible
from ltpath.pathways.calmodulin import ORDYAN, calcium_on_rates
from ltpath.pathways.calmodulin_on_camkii import NAMES, calmodulin_binds_camkii_in_every_state, openings
from ltpath.pathways.calmodulin_on_camkii import Kinetics as LobeKinetics
from ltpath.pathways.citations import (
    BRADSHAW_2003,
    CHANG_2019,
    COULTRAP_2010,
    MICHALSKI_2012,
    ORDYAN_2020,
    RODRIGUES_2023,
)
from ltpath.pathways.fitted import fitted
from ltpath.pathways.glun2b import Kinetics as GluN2BKinetics
from ltpath.pathways.glun2b import camkii_binds_glun2b
from ltpath.pathways.molecules import CALCIUM, CALMODULIN, CAMKII, STACKED_CAMKII

from ltpath.errors import BadValue
from ltpath.network import Molecule, Network, Pattern, Place, Rate
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, published

_Subunit = Callable[..., Pattern]
"""Pattern of a subunit, given a number for the bond to its calmodulin and more of its sites."""


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Calmodulin binding and trapping, autophosphorylation, dephosphorylation."""

    total: Quantity
    k_on_CaM4: Quantity
    Kd_CaM4: Quantity
    k_on_CaM2C: Quantity
    Kd_N1_bound: Quantity
    Kd_N2_bound: Quantity
    trapping_full: Quantity
    trapping_poor: Quantity
    k_T286: Quantity
    k_T286_without_neighbour: Quantity
    autonomous_neighbour: Quantity
    autonomy: Quantity
    k_T306: Quantity
    k_T306_return: Quantity
    uninhibited: Quantity
    pp1: Quantity
    k_cat_pp1: Quantity
    Km_pp1: Quantity


PURIFIED = Kinetics(
    total=estimate(0.5, Unit.MICROMOLAR, "subunits in a test tube; experiments set their own"),
    k_on_CaM4=published(30.0, Unit.PER_MICROMOLAR_SECOND, ORDYAN_2020, "CaM4 and kinase, range 14-60"),
    Kd_CaM4=published(
        0.065, Unit.MICROMOLAR, ORDYAN_2020, "1.95/30; purified kinase 66.7 nM (second-hand) and 75 nM (Tzortzopoulos 2004)"
    ),
    k_on_CaM2C=published(0.92, Unit.PER_MICROMOLAR_SECOND, ORDYAN_2020, "calmodulin with a loaded C lobe only, and kinase"),
    Kd_N1_bound=published(4.02, Unit.MICROMOLAR, ORDYAN_2020, "first N site on kinase-bound calmodulin, 301.5/75"),
    Kd_N2_bound=published(0.43, Unit.MICROMOLAR, ORDYAN_2020, "second N site on kinase-bound calmodulin, 32.68/76"),
    trapping_full=estimate(
        1950.0,
        Unit.NONE,
        "CaM4 leaves pT286 subunits this many times slower (1e-3 /s): between Meyer 1992 (from memory) and Putkey 1996",
    ),
    trapping_poor=estimate(
        82.0,
        Unit.NONE,
        "calmodulin without N-lobe calcium leaves pT286 subunits this many times slower: 0.07 /s in EGTA (Meyer 1992, from memory)",
        seen=Seen.UNVERIFIED,
    ),
    k_T286=published(1.0, Unit.PER_SECOND, MICHALSKI_2012, "phosphorylation of a CaM4-loaded neighbour; 0.96 in Pepke 2010"),
    k_T286_without_neighbour=defined(
        0.0, Unit.PER_SECOND, "phosphorylation without an active neighbour; not 0 only in phosphomimetic mutants"
    ),
    autonomous_neighbour=published(
        0.8, Unit.NONE, MICHALSKI_2012, "a calmodulin-free pT286 neighbour, relative to a calmodulin-bound one"
    ),
    autonomy=estimate(0.2, Unit.NONE, "calcium-independent activity on regular substrates, 15-25 % (Coultrap 2010)", COULTRAP_2010),
    k_T306=published(
        1 / 60, Unit.PER_SECOND, CHANG_2019, "T305/306 of a calmodulin-free pT286 subunit: the P to P2 step of the published code"
    ),
    k_T306_return=published(0.042, Unit.PER_MICROMOLAR_SECOND, CHANG_2019, "P2 to P of the published code, at 1 uM phosphatase"),
    uninhibited=defined(1.0, Unit.NONE, "catalytic activity left by an inhibitor; 1 without a drug"),
    pp1=defined(0.0, Unit.MICROMOLAR, "no phosphatase in the tube unless an experiment adds it"),
    k_cat_pp1=published(1.72, Unit.PER_SECOND, BRADSHAW_2003, "PP1 on pT286; read in Michalski and Loew 2012", Seen.SECOND_HAND),
    Km_pp1=published(11.0, Unit.MICROMOLAR, BRADSHAW_2003, "PP1 on pT286; read in Michalski and Loew 2012", Seen.SECOND_HAND),
)

SPINE = replace(
    PURIFIED,
    total=published(70.0, Unit.MICROMOLAR, RODRIGUES_2023, "subunits of a spine; 103 uM measured by Otmakhov and Lisman 2012"),
    trapping_poor=estimate(20.0, Unit.NONE, "in spines trapped calmodulin leaves in 3 s (Chang 2019)", CHANG_2019),
    k_T286=fitted("synapse", "k_T286", Unit.PER_SECOND),
    k_T306_return=fitted("synapse", "k_T306_return", Unit.PER_MICROMOLAR_SECOND),
    pp1=fitted("synapse", "pp1", Unit.MICROMOLAR),
)


@dataclass(frozen=True)
class Activity:
    """What other pathways read of the kinase: active subunits in uM, on regular substrates."""

    active: pysb.Expression


def calmodulin_activates_camkii(
    net: Network,
    place: Place,
    k: Kinetics = SPINE,
    subunits: int = 3,
    states: int = 5,
    freed: pysb.Expression | None = None,
    stacked: bool = False,
    lobes: LobeKinetics | None = None,
    lobes_in_equilibrium: bool = False,
    glun2b: GluN2BKinetics | None = None,
) -> Activity:
    """Add calmodulin binding, trapping, T286 and T305/306 phosphorylation, and phosphatase.

    Parameters
    ----------
    freed : pysb.Expression, optional
        PP1, in uM, that comes and goes, beside the constant ``k.pp1``.
    subunits : int
        Ring size, 3 to 12; above 6 for engines that need no network (nfsim); or 1, a subunit that has no
        neighbour, which is all that T286A needs. In the spine preparation rings of
        three differ from those of five by at most 0.2 % of the activity after a tetanus, with a sixth of the
        species; `camkii` uses four.
    states : int
        States of a subunit. 3: free, calmodulin-bound, and bound with pT286, which holds calmodulin
        until a phosphatase comes. 4: trapped calmodulin also leaves, and the subunit is autonomous.
        5: such a subunit can be phosphorylated at T305/306 as well. A ring of six has 130, 700 or
        2,635 species.
    stacked : bool
        Two rings joined, each subunit bound to one of the other ring: with rings of six the dodecamer,
        for engines that need no network. No rule reads the bond between the rings, so each ring
        reacts as it does alone.
    lobes : LobeKinetics, optional
        Calmodulin binds with any calcium on its lobes, instead of as the rapid-equilibrium form above.
    lobes_in_equilibrium : bool
        As for `calmodulin_binds_camkii_in_every_state`.
    glun2b : GluN2BKinetics, optional
        Open subunits bind GluN2B as well. Needs `lobes`.

    Raises
    ------
    BadValue
        There is no such ring, or partly loaded calmodulin or GluN2B was asked for without what it needs.
    """
    if (subunits == 1 and stacked) or not (subunits in {1, *range(3, 13)} and 3 <= states <= 5):
        raise BadValue(f"a ring has 3 to 12 subunits of 3 to 5 states, or one that is alone, not {subunits} of {states}")
    if lobes is not None and states < 5:
        raise BadValue(f"partly loaded calmodulin needs subunits of 5 states, not {states}")
    if lobes is None and (glun2b is not None or lobes_in_equilibrium):
        raise BadValue("binding of GluN2B and lobes in equilibrium need the kinetics of partly loaded calmodulin (lobes)")
    p = net.parameters("camkii", k)
    molecule = STACKED_CAMKII if stacked else CAMKII
    if glun2b is not None:
        molecule = replace(molecule, sites=(*molecule.sites, "glun2b"))
    if lobes is None:
        CaM, CaMKII = _loaded_calmodulin_binds(net, place, p, molecule, states)
        roles = _roles_with_loaded_calmodulin(CaMKII)
    else:
        CaM, CaMKII = net.monomers(place, CALMODULIN, molecule)
        calmodulin_binds_camkii_in_every_state(net, place, p, lobes, CaMKII, lobes_in_equilibrium)
        roles = _roles_with_any_calmodulin(CaM, CaMKII, net.parameters("camkii_lobes", lobes))
    suffix = place.suffix

    # T286: the substrate carries calmodulin, its left neighbour is active.
    k_T286 = net.constant("camkii_k_T286_active", p.k_T286 * p.uninhibited, Unit.PER_SECOND)
    k_T286_autonomous = net.constant("camkii_k_T286_autonomous", k_T286 * p.autonomous_neighbour, Unit.PER_SECOND)
    for kinases, full_rate in ((roles.stimulated, k_T286), (roles.autonomous, k_T286_autonomous)):
        for (name, kinase), (label, (substrate, share)) in product(kinases.items(), roles.substrates.items()):
            rate = full_rate
            if share is not None:
                rate = net.constant(f"{full_rate.name}{label}", full_rate * share, Unit.PER_SECOND)
            before, after = ((kinase(2, right=1), substrate(3, left=1, T286=state)) for state in "up")
            if lobes is not None:
                # NFsim looks for a pattern from its first molecule on: calmodulin in one state is rarer than kinase.
                before, after = before[::-1], after[::-1]
            net.rule(f"{name}_phosphorylates_T286{label}", place, reduce(mod, before) >> reduce(mod, after), rate)
    alone = {"T286": "u"} if states > 3 else {"T286": "u", "cam": pysb.ANY}
    net.rule(
        "T286_is_phosphorylated_without_neighbour",
        place,
        CaMKII(**alone) >> CaMKII(**alone | {"T286": "p"}),
        p.k_T286_without_neighbour,
    )

    # T286 is dephosphorylated where neither calmodulin nor GluN2B covers it.
    uncovered = {"cam": None} if glun2b is None else {"cam": None, "glun2b": None}
    if states > 3:
        exposed = CaMKII(T286="p", T306="u", **uncovered)
        bare = exposed >> CaMKII(T286="u", T306="u", **uncovered)
    else:
        exposed = CaMKII(cam=1, T286="p", T306="u") % CaM(C="ca2", N="ca2", target=1)
        bare = exposed >> CaMKII(cam=None, T286="u", T306="u") + CaM(C="ca2", N="ca2", target=None)
    sites = net.observable(f"camkii_exposed_pT286{suffix}", exposed)
    per_uM = net.per_micromolar(place)
    phosphatase = p.pp1 + (0 if freed is None else freed)
    dephosphorylation = net.expression(
        f"camkii_k_dephosphorylation{suffix}", p.k_cat_pp1 * phosphatase / (p.Km_pp1 + sites / per_uM), Unit.PER_SECOND
    )
    net.rule("phosphatase_removes_pT286", place, bare, dephosphorylation)

    # T305/306 once calmodulin has left; it keeps calmodulin off and T286 covered until it is removed.
    if states > 4:
        net.rule("T306_is_phosphorylated", place, exposed >> CaMKII(T286="p", T306="p", **uncovered), p.k_T306)
        k_T306_return = net.expression(f"camkii_k_T306_dephosphorylation{suffix}", p.k_T306_return * phosphatase, Unit.PER_SECOND)
        net.rule("phosphatase_removes_pT306", place, CaMKII(T306="p") >> CaMKII(T306="u"), k_T306_return)

    if stacked:
        holoenzymes = net.constant("camkii_stacked_rings", p.total / (2 * subunits), Unit.MICROMOLAR)
    else:
        holoenzymes = net.constant("camkii_rings", p.total / subunits, Unit.MICROMOLAR)
    net.initial(place, _holoenzyme(CaMKII, subunits, stacked), holoenzymes)
    if glun2b is not None:
        camkii_binds_glun2b(net, place, p, glun2b, CaMKII)

    def counted(name: str, subunits: dict[str, _Subunit], meaning: str) -> pysb.Observable:
        return net.observable(f"camkii_{name}{suffix}", reduce(add, [subunit(1) for subunit in subunits.values()]), meaning)

    bound = counted("bound", roles.stimulated, "CaMKII subunits with calmodulin")
    without = "pT286 subunits without calmodulin" if glun2b is None else "pT286 or GluN2B-bound subunits without calmodulin"
    open_alone = counted("autonomous", roles.autonomous, without)
    phosphorylated = net.observable(f"pT286{suffix}", CaMKII(T286="p"), "CaMKII subunits phosphorylated at T286")
    total = p.total * per_uM
    net.readout(f"pT286_fraction{suffix}", phosphorylated / total, Unit.NONE, "fraction of subunits phosphorylated at T286")
    active = net.expression(f"camkii_active{suffix}", p.uninhibited * (bound + p.autonomy * open_alone) / per_uM, Unit.MICROMOLAR)
    net.readout(
        f"camkii_activity{suffix}",
        active / p.total,
        Unit.NONE,
        "kinase activity on regular substrates, 1 = every subunit with calmodulin",
    )
    net.readout(
        f"camkii_open_fraction{suffix}",
        (bound + open_alone) / total,
        Unit.NONE,
        "fraction of subunits in the open conformation, what a FRET sensor of the kinase reports",
    )
    return Activity(active)


def _loaded_calmodulin_binds(
    net: Network, place: Place, p: SimpleNamespace, molecule: Molecule, states: int
) -> tuple[pysb.Monomer, pysb.Monomer]:
    """Add binding of calmodulin with four calcium, and return calmodulin and the kinase. It leaves in two ways, see above."""
    lobes, on = net.parameters("calmodulin", ORDYAN), calcium_on_rates(net)
    Ca, CaM, CaMKII = net.monomers(place, CALCIUM, CALMODULIN, molecule)
    calcium = calcium_is_visible(net, place)
    suffix = place.suffix
    CaM4, CaM2C = CaM(C="ca2", N="ca2", target=None), CaM(C="ca2", N="ca0", target=None)

    # Calmodulin binds where T305/306 is free; pT286 traps it.
    k_off = net.constant("camkii_k_off_CaM4", p.k_on_CaM4 * p.Kd_CaM4, Unit.PER_SECOND)
    k_off_trapped = net.constant("camkii_k_off_CaM4_trapped", k_off / p.trapping_full, Unit.PER_SECOND)
    holding = (("u", k_off), ("p", k_off_trapped))[: 2 if states > 3 else 1]
    for state, k_whole in holding:
        name = "calmodulin_binds_kinase" if state == "u" else "calmodulin_binds_pT286_kinase"
        net.rule(
            name,
            place,
            CaMKII(cam=None, T286=state, T306="u") + CaM4 | CaMKII(cam=1, T286=state, T306="u") % CaM(C="ca2", N="ca2", target=1),
            p.k_on_CaM4,
            k_whole,
        )

    # Kd of calmodulin with a loaded C lobe follows from the cycle; so does the way back.
    N_free = lobes.k_off_N1 / on.N1 * lobes.k_off_N2 / on.N2
    Kd_CaM2C = p.Kd_CaM4 * N_free / (p.Kd_N1_bound * p.Kd_N2_bound)
    k_off_CaM2C = net.constant("camkii_k_off_CaM2C", p.k_on_CaM2C * Kd_CaM2C, Unit.PER_SECOND)
    for state, poor, full in (("u", 1, 1), ("p", p.trapping_poor, p.trapping_full))[: len(holding)]:
        label = "" if state == "u" else "_pT286"
        Kd_N2 = p.Kd_N2_bound * poor / full
        emptied = 1 / (1 + calcium / p.Kd_N1_bound + calcium**2 / (p.Kd_N1_bound * Kd_N2))
        release = net.expression(
            f"camkii_release_without_N_lobe_calcium{label}{suffix}", (k_off_CaM2C / poor - k_off / full) * emptied, Unit.PER_SECOND
        )
        # The rule takes two identical calcium ions, which halves mass action; hence the factor 2.
        back = net.expression(
            f"camkii_rebinding_without_N_lobe_calcium{label}{suffix}",
            2 * release / (N_free * p.Kd_CaM4 / full),
            Unit.PER_MICROMOLAR3_SECOND,
        )
        net.rule(
            f"calmodulin_leaves{label}_kinase_without_N_lobe_calcium",
            place,
            CaMKII(cam=1, T286=state, T306="u") % CaM(C="ca2", N="ca2", target=1)
            | CaMKII(cam=None, T286=state, T306="u") + CaM2C + Ca() + Ca(),
            release,
            back,
        )
    return CaM, CaMKII


@dataclass(frozen=True)
class _Roles:
    """Subunits that phosphorylate their neighbour, by names of rules, and those that are phosphorylated, with their relative rate.

    Patterns of kinases exclude each other, so that together they count the open subunits.
    """

    stimulated: dict[str, _Subunit]
    autonomous: dict[str, _Subunit]
    substrates: dict[str, tuple[_Subunit, Rate | None]]


def _roles_with_loaded_calmodulin(CaMKII: pysb.Monomer) -> _Roles:
    def bound(bond: int, **sites: object) -> Pattern:
        return CaMKII(cam=pysb.ANY, **sites)

    def autonomous(bond: int, **sites: object) -> Pattern:
        return CaMKII(cam=None, T286="p", **sites)

    return _Roles({"calmodulin_bound_neighbour": bound}, {"autonomous_neighbour": autonomous}, {"": (bound, None)})


def _roles_with_any_calmodulin(CaM: pysb.Monomer, CaMKII: pysb.Monomer, q: SimpleNamespace) -> _Roles:
    """Calmodulin without calcium opens no kinase and makes no substrate."""

    def carrying(**state: str) -> _Subunit:
        return lambda bond, **sites: CaM(target=bond, **state) % CaMKII(cam=bond, **sites)

    def alone(**held: object) -> _Subunit:
        return lambda bond, **sites: CaMKII(cam=None, **held, **sites)

    def with_empty(**held: object) -> _Subunit:
        return lambda bond, **sites: carrying(C="ca0", N="ca0")(bond, **held, **sites)

    stimulated = {
        "neighbour_with_one_C_ion": carrying(C="ca1"),
        "neighbour_with_full_C_lobe": carrying(C="ca2"),
        "neighbour_with_one_N_ion": carrying(C="ca0", N="ca1"),
        "neighbour_with_full_N_lobe": carrying(C="ca0", N="ca2"),
    }
    autonomous = {}
    for label, held in openings(CaMKII).items():
        if label:
            autonomous |= {f"neighbour{label}": alone(**held), f"neighbour{label}_with_CaM0": with_empty(**held)}
    substrates = {
        f"_with_{name}": (carrying(C=f"ca{C}", N=f"ca{N}"), None if name == "CaM4" else getattr(q, f"T286_{name}"))
        for (C, N), name in NAMES.items()
        if name != "CaM0"
    }
    return _Roles(stimulated, autonomous, substrates)


def _holoenzyme(CaMKII: pysb.Monomer, subunits: int, stacked: bool) -> Pattern:
    """A resting subunit, a ring of them, or two rings that face each other and so run in opposite directions."""
    bare = {"cam": None, "T286": "u", "T306": "u"} | ({"glun2b": None} if "glun2b" in CaMKII.sites else {})
    if subunits == 1:
        return CaMKII(left=None, right=None, **bare)
    if not stacked:
        return reduce(mod, [CaMKII(left=i + 1, right=(i + 1) % subunits + 1, **bare) for i in range(subunits)])
    members = []
    for first, direction in ((1, 1), (subunits + 1, -1)):
        for i in range(subunits):
            across = 2 * subunits + 1 + direction * i % subunits
            members.append(CaMKII(left=first + i, right=first + (i + 1) % subunits, across=across, **bare))
    return reduce(mod, members)
