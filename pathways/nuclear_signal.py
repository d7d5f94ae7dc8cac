"""Spikes bring calcium to the nucleus, where CaMKIV, MSK and PKA phosphorylate CREB and PP1 ends it.

Calcium/calmodulin switches CaMKK on, CaMKK phosphorylates CaMKIV, CaMKIV stays active for
minutes and phosphorylates CREB at S133 for tens of minutes. Each step keeps what the one
before it did for longer, so that trains minutes apart add up and a single one does not reach far.
Calcineurin, inhibitor-1 and PP1 of the nucleus are those of a spine: the same rules and amounts.
No measured mass-action constants of this chain are known to us: most are estimates.
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.calcium import Removal, calcium_is_buffered_and_extruded
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.citations import BARTOL_2015, BITO_1996, SMOLEN_2006, WU_2001
from ltpath.pathways.molecules import CALCIUM, CALMODULIN, CAMKIV, CAMKK, CREB
from ltpath.pathways.phosphatases import calmodulin_activates_calcineurin, inhibitor_1_holds_pp1

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Unit, estimate, published


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Calcium of the nucleus that one spike brings."""

    per_spike: Quantity


@dataclass(frozen=True, kw_only=True)
class Kinases:
    """CaMKK and CaMKIV."""

    camkk: Quantity
    k_on: Quantity
    k_off: Quantity
    camkiv: Quantity
    k_T196: Quantity
    k_T196_off: Quantity


@dataclass(frozen=True, kw_only=True)
class Phosphorylation:
    """CREB S133 and what acts on it."""

    total: Quantity
    k_camkiv: Quantity
    k_msk: Quantity
    k_pka: Quantity
    k_S133_off: Quantity
    k_pp1: Quantity


NUCLEAR_REMOVAL = Removal(
    rest=estimate(0.06, Unit.MICROMOLAR, "as in the spine"),
    k_extrusion=estimate(10.0, Unit.PER_SECOND, "with the buffers, calcium of the nucleus falls within 2 s"),
    buffer=estimate(40.0, Unit.MICROMOLAR, "as in the spine"),
    k_buffer_on=published(247.0, Unit.PER_MICROMOLAR_SECOND, BARTOL_2015, "immobile buffer of the spine, 2.47e8 /M/s"),
    k_buffer_off=published(524.0, Unit.PER_SECOND, BARTOL_2015, "immobile buffer of the spine, Kd 2.1 uM"),
)

SPIKE_ENTRY = Entry(
    per_spike=estimate(
        0.9,
        Unit.MICROMOLAR,
        "of it about a twentieth stays free; chosen here so that a second of spikes at 33 Hz takes free calcium to 1 uM",
    ),
)

NUCLEAR_KINASES = Kinases(
    camkk=estimate(0.2, Unit.MICROMOLAR, "only the order of magnitude is known"),
    k_on=estimate(
        100.0,
        Unit.PER_MICROMOLAR_SECOND,
        "near the limit of diffusion, because only calmodulin with four calcium binds here; "
        "chosen here so that a tetanus of 1 s switches a part of CaMKK on",
    ),
    k_off=published(1 / 12, Unit.PER_SECOND, SMOLEN_2006, "CaMKK, time constant 0.2 min"),
    camkiv=estimate(0.5, Unit.MICROMOLAR, "only the order of magnitude is known"),
    k_T196=estimate(
        1.0, Unit.PER_MICROMOLAR_SECOND, "CaMKK on CaMKIV; chosen here so that a tetanus of 1 s activates a part of CaMKIV"
    ),
    k_T196_off=estimate(
        1 / 300, Unit.PER_SECOND, "5 min; 20 min in Smolen 2006, too long for the brief pCREB after 18 s of 5 Hz", SMOLEN_2006
    ),
)

CREB_S133 = Phosphorylation(
    total=estimate(0.3, Unit.MICROMOLAR, "only the order of magnitude is known"),
    k_camkiv=estimate(
        0.004,
        Unit.PER_MICROMOLAR_SECOND,
        "CaMKIV; 0.12 /min/uM in Smolen 2006, half of it; chosen here with `k_S133_off` so that 18 s of spikes at 5 Hz "
        "phosphorylate a tenth of CREB, and not for long",
        SMOLEN_2006,
    ),
    k_msk=estimate(
        0.01,
        Unit.PER_MICROMOLAR_SECOND,
        "MSK and RSK; chosen here so that they hold pCREB up an hour after strong stimulation, as the slow pathway of Wu 2001 does",
        WU_2001,
    ),
    k_pka=estimate(
        1e-4,
        Unit.PER_MICROMOLAR_SECOND,
        "PKA; far below what a test tube gives (0.5 /uM/s from memory), because PKA at rest must leave CREB alone",
    ),
    k_S133_off=estimate(1e-3, Unit.PER_SECOND, "phosphatases at rest lumped; 0.03 /min in Smolen 2006, half of it", SMOLEN_2006),
    k_pp1=estimate(
        0.003,
        Unit.PER_MICROMOLAR_SECOND,
        "PP1 that calcineurin frees ends pCREB (Bito 1996, summary); all of it triples the rate at rest, a choice",
        BITO_1996,
    ),
)


def spikes_bring_calcium_to_the_nucleus(net: Network, nucleus: Place, k: Entry = SPIKE_ENTRY) -> None:
    """Add calcium of the nucleus: entry with each back-propagating spike, buffer, extrusion, calmodulin."""
    calcium_is_buffered_and_extruded(net, nucleus, NUCLEAR_REMOVAL, "nuclear_calcium")
    calcium_binds_calmodulin(net, nucleus)
    p = net.parameters("nuclear_calcium", k)
    (Ca,) = net.monomers(nucleus, CALCIUM)
    parameters, tokens = net.model.parameters, net.model.observables["spike_slow_tokens"]
    # Tokens of a spike are gone at a constant rate, so that what they bring adds up to `per_spike`.
    entry = net.expression(
        "nuclear_calcium_entry",
        p.per_spike * parameters["membrane_k_spike_slow"] * tokens / parameters["membrane_spike_tokens"],
        Unit.MICROMOLAR_PER_SECOND,
    )
    net.rule("spike_brings_calcium", nucleus, None >> Ca(), entry)


def calmodulin_activates_camkk_and_camkiv(net: Network, nucleus: Place, k: Kinases = NUCLEAR_KINASES) -> pysb.Expression:
    """Add both kinases; return active CaMKIV in uM."""
    p = net.parameters("camkiv", k)
    CaM, CaMKK, CaMKIV = net.monomers(nucleus, CALMODULIN, CAMKK, CAMKIV)
    suffix, per_uM = nucleus.suffix, net.per_micromolar(nucleus)
    net.rule(
        "calmodulin_binds_CaMKK",
        nucleus,
        CaM(C="ca2", N="ca2", target=None) + CaMKK(cam=None) | CaM(C="ca2", N="ca2", target=1) % CaMKK(cam=1),
        p.k_on,
        p.k_off,
    )
    net.rule(
        "CaMKK_phosphorylates_CaMKIV",
        nucleus,
        CaMKK(cam=pysb.ANY) + CaMKIV(T196="u") >> CaMKK(cam=pysb.ANY) + CaMKIV(T196="p"),
        p.k_T196,
    )
    net.rule("phosphatase_ends_CaMKIV", nucleus, CaMKIV(T196="p") >> CaMKIV(T196="u"), p.k_T196_off)
    net.initial(nucleus, CaMKK(cam=None), p.camkk)
    net.initial(nucleus, CaMKIV(T196="u"), p.camkiv)
    net.observable(f"CaMKK_bound{suffix}", CaMKK(cam=pysb.ANY), "CaMKK with calmodulin")
    active = net.observable(f"CaMKIV_active_count{suffix}", CaMKIV(T196="p"))
    return net.readout(f"CaMKIV_active{suffix}", active / per_uM, Unit.MICROMOLAR, "active CaMKIV")


def kinases_phosphorylate_creb(
    net: Network,
    nucleus: Place,
    camkiv: pysb.Expression,
    msk: pysb.Expression,
    pka: pysb.Expression,
    k: Phosphorylation = CREB_S133,
) -> None:
    """Add CREB S133, on DNA and off it alike: three kinases, and PP1 that calcineurin frees; CBP shields the phosphate."""
    p = net.parameters("creb", k)
    (Creb,) = net.monomers(nucleus, CREB)
    pp1 = inhibitor_1_holds_pp1(net, nucleus, calmodulin_activates_calcineurin(net, nucleus), pka)
    for name, k_on, kinase in (("CaMKIV", p.k_camkiv, camkiv), ("MSK", p.k_msk, msk), ("PKA", p.k_pka, pka)):
        rate = net.expression(f"creb_k_S133_by_{name}", k_on * kinase, Unit.PER_SECOND)
        net.rule(f"{name}_phosphorylates_CREB", nucleus, Creb(S133="u") >> Creb(S133="p"), rate)
    k_off = net.expression("creb_k_S133_off_with_PP1", p.k_S133_off + p.k_pp1 * pp1, Unit.PER_SECOND)
    net.rule("PP1_ends_pCREB", nucleus, Creb(S133="p", cbp=None) >> Creb(S133="u", cbp=None), k_off)
    net.initial(nucleus, Creb(S133="u", dna=None, cbp=None), p.total)
    phosphorylated = net.observable(f"pCREB_count{nucleus.suffix}", Creb(S133="p"))
    net.readout(
        "pCREB", phosphorylated / (p.total * net.per_micromolar(nucleus)), Unit.NONE, "fraction of CREB phosphorylated at S133"
    )
