"""Calmodulin binds CaMKII in every state of its two lobes, and calcium binds its lobes on the kinase too.

Nine states of calmodulin, each with its own published on-rate. Affinities follow from one of
them, that of calmodulin with four calcium, and from how much tighter calcium is held on the
kinase: so every cycle calcium x calmodulin x kinase closes. What holds the kinase open (pT286,
or GluN2B) traps calmodulin, most of all with a full N lobe, because that lobe then holds its
second ion better.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import add
from types import SimpleNamespace

import pysb
from ltpath.pathways.calcium import calcium_is_visible
from ltpath.pathways.calmodulin import ORDYAN, calcium_binds_lobes, calcium_on_rates
from ltpath.pathways.citations import ORDYAN_2020
from ltpath.pathways.molecules import CALMODULIN

from ltpath.network import Network, Pattern, Place
from ltpath.quantity import Quantity, Unit, published

NAMES = {
    (C, N): f"CaM{C}C{N}N" if C and N else f"CaM{C}C" if C else f"CaM{N}N" if N else "CaM0" for C, N in product(range(3), repeat=2)
} | {(2, 2): "CaM4"}
"""Of calmodulin's states, by the calcium ions on the C and the N lobe."""


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Partly loaded calmodulin on the kinase; CaM4 and CaM2C are in the kinase's own set.

    `T286_...` is how fast a subunit with that calmodulin is phosphorylated at T286, relative to one with CaM4.
    """

    k_on_CaM0: Quantity
    k_on_CaM1C: Quantity
    k_on_CaM1N: Quantity
    k_on_CaM2N: Quantity
    k_on_CaM1C1N: Quantity
    k_on_CaM2C1N: Quantity
    k_on_CaM1C2N: Quantity
    k_calcium_C1: Quantity
    k_calcium_C2: Quantity
    k_calcium_N1: Quantity
    k_calcium_N2: Quantity
    Kd_C1_bound: Quantity
    Kd_C2_bound: Quantity
    T286_CaM1C: Quantity
    T286_CaM2C: Quantity
    T286_CaM1N: Quantity
    T286_CaM2N: Quantity
    T286_CaM1C1N: Quantity
    T286_CaM2C1N: Quantity
    T286_CaM1C2N: Quantity


def _binds(value: float, which: str) -> Quantity:
    return published(value, Unit.PER_MICROMOLAR_SECOND, ORDYAN_2020, f"{which}, and kinase; published BioNetGen file")


def _ion(value: float, which: str) -> Quantity:
    return published(value, Unit.PER_MICROMOLAR_SECOND, ORDYAN_2020, f"{which} ion on kinase-bound calmodulin")


def _phosphorylated(rate: float, which: str) -> Quantity:
    return published(rate / 0.96, Unit.NONE, ORDYAN_2020, f"substrate with {which}: {rate:g} /s, against 0.96 with CaM4")


ORDYAN_LOBES = Kinetics(
    k_on_CaM0=_binds(0.0038, "calmodulin without calcium"),
    k_on_CaM1C=_binds(0.059, "one calcium on the C lobe"),
    k_on_CaM1N=_binds(0.022, "one calcium on the N lobe"),
    k_on_CaM2N=_binds(0.10, "a full N lobe"),
    k_on_CaM1C1N=_binds(0.33, "one calcium on each lobe"),
    k_on_CaM2C1N=_binds(5.2, "a full C lobe and one calcium on the N lobe"),
    k_on_CaM1C2N=_binds(1.9, "a full N lobe and one calcium on the C lobe"),
    k_calcium_C1=_ion(44.0, "first C"),
    k_calcium_C2=_ion(44.0, "second C"),
    k_calcium_N1=_ion(75.0, "first N"),
    k_calcium_N2=_ion(76.0, "second N"),
    Kd_C1_bound=published(0.66, Unit.MICROMOLAR, ORDYAN_2020, "first C site on kinase-bound calmodulin, 29.04/44"),
    Kd_C2_bound=published(0.0573, Unit.MICROMOLAR, ORDYAN_2020, "second C site on kinase-bound calmodulin, 2.52/44"),
    T286_CaM1C=_phosphorylated(0.032, "one calcium on the C lobe"),
    T286_CaM2C=_phosphorylated(0.064, "a full C lobe"),
    T286_CaM1N=_phosphorylated(0.06, "one calcium on the N lobe"),
    T286_CaM2N=_phosphorylated(0.12, "a full N lobe"),
    T286_CaM1C1N=_phosphorylated(0.094, "one calcium on each lobe"),
    T286_CaM2C1N=_phosphorylated(0.124, "a full C lobe and one calcium on the N lobe"),
    T286_CaM1C2N=_phosphorylated(0.154, "a full N lobe and one calcium on the C lobe"),
)


def openings(CaMKII: pysb.Monomer) -> dict[str, dict[str, object]]:
    """Sites of a subunit that nothing holds open (label ""), and of those that T286 or GluN2B does: they trap calmodulin."""
    if "glun2b" not in CaMKII.sites:
        return {"": {"T286": "u"}, "_pT286": {"T286": "p"}}
    return {"": {"T286": "u", "glun2b": None}, "_pT286": {"T286": "p"}, "_on_GluN2B": {"T286": "u", "glun2b": pysb.ANY}}


def calmodulin_binds_camkii_in_every_state(
    net: Network,
    place: Place,
    p: SimpleNamespace,
    k: Kinetics,
    CaMKII: pysb.Monomer,
    lobes_in_equilibrium: bool = False,
) -> None:
    """Add binding of nine states of calmodulin, and of calcium to calmodulin on the kinase.

    Parameters
    ----------
    p : SimpleNamespace
        The kinase's parameters.
    CaMKII : pysb.Monomer
        With a site `glun2b` or without.
    lobes_in_equilibrium : bool
        Calcium at free calmodulin is not followed: all of it counts as calcium-free and binds with
        the rate that its states in equilibrium have. Exact where calcium is held for longer than the
        tenth of a second that the C lobe takes, and cheap where calmodulin is in excess. Goes without
        `calcium_binds_calmodulin`.
    """
    q, free, on = net.parameters("camkii_lobes", k), net.parameters("calmodulin", ORDYAN), calcium_on_rates(net)
    (CaM,) = net.monomers(place, CALMODULIN)
    free_Kd = {site: getattr(free, f"k_off_{site}") / getattr(on, site) for site in ("C1", "C2", "N1", "N2")}
    bound_Kd = {"C1": q.Kd_C1_bound, "C2": q.Kd_C2_bound, "N1": p.Kd_N1_bound, "N2": p.Kd_N2_bound}

    def missing(ions: int, lobe: str) -> list[str]:
        return [f"{lobe}{ion}" for ion in (1, 2) if ion > ions]

    calcium, populated, all_states = calcium_is_visible(net, place), {}, 1
    if lobes_in_equilibrium:
        # Weight of each state relative to calmodulin without calcium.
        for C, N in NAMES:
            taken = [f"C{i + 1}" for i in range(C)] + [f"N{i + 1}" for i in range(N)]
            populated[C, N] = reduce(lambda weight, site: weight * calcium / free_Kd[site], taken, 1)
        all_states = net.expression(f"calmodulin_states{place.suffix}", reduce(add, populated.values()), Unit.NONE)

    for (C, N), name in NAMES.items():
        k_on = getattr(p if name in ("CaM4", "CaM2C") else q, f"k_on_{name}")
        # Without its ions calmodulin is held as much less as the kinase had tightened their binding.
        Kd = reduce(lambda K, site: K * free_Kd[site] / bound_Kd[site], [*missing(C, "C"), *missing(N, "N")], p.Kd_CaM4)
        trapping = p.trapping_full if N == 2 else p.trapping_poor
        k_off = net.constant(f"camkii_lobes_k_off_{name}", k_on * Kd, Unit.PER_SECOND)
        k_off_trapped = net.constant(f"camkii_lobes_k_off_{name}_trapped", k_off / trapping, Unit.PER_SECOND)
        state = {"C": f"ca{C}", "N": f"ca{N}"}
        arriving, k_arriving = CaM(**state, target=None), k_on
        if lobes_in_equilibrium:
            arriving = CaM(C="ca0", N="ca0", target=None)
            k_arriving = net.expression(
                f"camkii_lobes_k_on_{name}{place.suffix}", k_on * populated[C, N] / all_states, Unit.PER_MICROMOLAR_SECOND
            )
        for label, subunit in openings(CaMKII).items():
            net.rule(
                f"{name}_binds{label}_kinase",
                place,
                arriving + CaMKII(cam=None, T306="u", **subunit) | CaM(**state, target=1) % CaMKII(cam=1, T306="u", **subunit),
                k_arriving,
                k_off_trapped if label else k_off,
            )

    def on_kinase(**subunit: object) -> Callable[..., Pattern]:
        return lambda **lobe: CaM(target=1, **lobe) % CaMKII(cam=1, **subunit)

    leaves = {
        site: net.constant(f"camkii_lobes_k_off_calcium_{site}", getattr(q, f"k_calcium_{site}") * bound_Kd[site], Unit.PER_SECOND)
        for site in bound_Kd
    }
    leaves_trapped = net.constant(
        "camkii_lobes_k_off_calcium_N2_trapped", leaves["N2"] * p.trapping_poor / p.trapping_full, Unit.PER_SECOND
    )
    anywhere = {site: (getattr(q, f"k_calcium_{site}"), leaves[site]) for site in ("C1", "C2", "N1")}
    calcium_binds_lobes(net, place, on_kinase(), "_on_kinase", anywhere)
    for label, subunit in openings(CaMKII).items():
        rates = {"N2": (q.k_calcium_N2, leaves_trapped if label else leaves["N2"])}
        calcium_binds_lobes(net, place, on_kinase(**subunit), f"_on{label}_kinase", rates)
