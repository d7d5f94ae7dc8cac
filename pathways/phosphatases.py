"""Calcineurin is switched on by calcium/calmodulin, and frees PP1 from inhibitor-1.

At rest PKA, a constant where no model of it is given, keeps inhibitor-1 phosphorylated, and
there is more of it than of PP1, so that PP1 is held. Calcineurin takes the phosphate off. PP1 is free only when less inhibitor is
left than PP1: a threshold by titration, reached slowly, so that long weak calcium frees
PP1 and a short strong burst has done its work before. What free PP1 does is declared
where its substrates are (`camkii_holoenzyme`, `ampa_traffic`).
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.citations import HAYER_2005, JEDRZEJEWSKA_2017, MAKI_2020, RODRIGUES_2023, SINGH_2018
from ltpath.pathways.fitted import fitted
from ltpath.pathways.molecules import CALCINEURIN, CALMODULIN, INHIBITOR_1, PP1

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Calmodulin binding of calcineurin."""

    total: Quantity
    k_on: Quantity
    k_off: Quantity


@dataclass(frozen=True, kw_only=True)
class Inhibition:
    """Inhibitor-1 and the phosphatase that it holds."""

    pp1: Quantity
    inhibitor_1: Quantity
    k_pka: Quantity
    k_calcineurin: Quantity
    pp2a: Quantity
    k_pp2a: Quantity
    k_on: Quantity
    k_off: Quantity
    uninhibited: Quantity


BASAL_PKA = estimate(
    0.0375, Unit.MICROMOLAR, "tonic PKA that keeps 15 % of surface receptors at pS845 (Oh 2006) against phosphatases at rest"
)

SPINE = Kinetics(
    total=published(2.3, Unit.MICROMOLAR, MAKI_2020, "spine-like compartment; published models use 1.5-20 uM"),
    k_on=estimate(
        10.75,
        Unit.PER_MICROMOLAR_SECOND,
        "CaM4 and calcineurin; the published code evaluates to 17.5 at 35 C and 15.5 at 22 C, where 46 was measured (Quintana 2005)",
        RODRIGUES_2023,
    ),
    k_off=published(0.02, Unit.PER_SECOND, RODRIGUES_2023, "at 35 C; activity in spines decays in 50-95 s"),
)


def calmodulin_activates_calcineurin(net: Network, spine: Place, k: Kinetics = SPINE) -> pysb.Expression:
    """Add calcineurin; return its active form in uM."""
    p = net.parameters("calcineurin", k)
    CaM, CaN = net.monomers(spine, CALMODULIN, CALCINEURIN)
    net.rule(
        "calmodulin_binds_calcineurin",
        spine,
        CaM(C="ca2", N="ca2", target=None) + CaN(cam=None) | CaM(C="ca2", N="ca2", target=1) % CaN(cam=1),
        p.k_on,
        p.k_off,
    )
    net.initial(spine, CaN(cam=None), p.total)
    active = net.observable(f"calcineurin_bound{spine.suffix}", CaN(cam=pysb.ANY))
    return net.readout(
        f"calcineurin_active{spine.suffix}", active / net.per_micromolar(spine), Unit.MICROMOLAR, "active calcineurin"
    )


SPINE_INHIBITION = Inhibition(
    pp1=published(1.6, Unit.MICROMOLAR, JEDRZEJEWSKA_2017, "PP1 of the model's spine"),
    inhibitor_1=published(2.2, Unit.MICROMOLAR, MAKI_2020, "inhibitor-1; 1.2 uM in Jedrzejewska-Szmek 2017"),
    k_pka=published(0.28, Unit.PER_MICROMOLAR_SECOND, JEDRZEJEWSKA_2017, "PKA on T35, kcat 1.4 /s over Km 5.0 uM"),
    k_calcineurin=fitted("synapse", "k_calcineurin", Unit.PER_MICROMOLAR_SECOND),
    pp2a=published(0.5, Unit.MICROMOLAR, MAKI_2020, "PP2A of the model's spine; 6 uM in Hayer and Bhalla 2005 (second-hand)"),
    k_pp2a=published(
        0.0015,
        Unit.PER_MICROMOLAR_SECOND,
        HAYER_2005,
        "PP2A on T35, kcat 0.22 /s over Km 144 uM; its unit is ambiguous, 16 uM read otherwise",
        Seen.SECOND_HAND,
    ),
    k_on=published(100.0, Unit.PER_MICROMOLAR_SECOND, SINGH_2018, "phosphorylated inhibitor-1 and PP1"),
    k_off=published(0.1, Unit.PER_SECOND, SINGH_2018, "phosphorylated inhibitor-1 and PP1, Kd 1 nM"),
    uninhibited=defined(1.0, Unit.NONE, "activity of PP1 left by a drug; 1 without one"),
)


def inhibitor_1_holds_pp1(
    net: Network,
    spine: Place,
    calcineurin: pysb.Expression,
    pka: pysb.Expression | None = None,
    k: Inhibition = SPINE_INHIBITION,
) -> pysb.Expression:
    """Add inhibitor-1 and PP1, with PKA in uM; return what PP1 is free and active, in uM."""
    p = net.parameters("pp1", k)
    I1, Phosphatase = net.monomers(spine, INHIBITOR_1, PP1)
    phosphorylation = rate_with_pka(net, "pp1_k_inhibitor_1_on", p.k_pka, pka)
    by_calcineurin = net.expression(f"pp1_k_release{spine.suffix}", p.k_calcineurin * calcineurin, Unit.PER_SECOND)
    dephosphorylation = net.expression(f"pp1_k_inhibitor_1_off{spine.suffix}", by_calcineurin + p.pp2a * p.k_pp2a, Unit.PER_SECOND)
    held = I1(T35="p", pp1=1) % Phosphatase(inhibitor=1)
    net.rule(
        "PKA_phosphorylates_inhibitor_1",
        spine,
        I1(T35="u", pp1=None) | I1(T35="p", pp1=None),
        phosphorylation,
        dephosphorylation,
    )
    net.rule("inhibitor_1_holds_PP1", spine, I1(T35="p", pp1=None) + Phosphatase(inhibitor=None) | held, p.k_on, p.k_off)
    net.rule("calcineurin_frees_PP1", spine, held >> I1(T35="u", pp1=None) + Phosphatase(inhibitor=None), by_calcineurin)
    net.initial(spine, I1(T35="p", pp1=None), p.inhibitor_1)
    net.initial(spine, Phosphatase(inhibitor=None), p.pp1)
    free = net.observable(f"pp1_free_count{spine.suffix}", Phosphatase(inhibitor=None))
    return net.readout(
        f"pp1_free{spine.suffix}", p.uninhibited * free / net.per_micromolar(spine), Unit.MICROMOLAR, "free and active PP1"
    )


def rate_with_pka(net: Network, name: str, k: pysb.Parameter, pka: pysb.Expression | None) -> pysb.Expression:
    """The rate of PKA on a substrate, from its constant: with a model of PKA, or with the tonic level."""
    if pka is None:
        return net.constant(name, k * net.parameter("pka_basal", BASAL_PKA), Unit.PER_SECOND)
    return net.constant(f"{name}_by_{pka.name}", k * pka, Unit.PER_SECOND)
