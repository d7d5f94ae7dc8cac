"""ERK tells the nucleus of spikes and of spines: Ras, MEK and ERK of the soma, import, MSK.

A spine's own ERK would be diluted ten thousandfold on its way. So the Ras that calcium loads in a
spine spreads and loads Ras of dendrite and soma, where each step is a kinase that acts many times;
how many is not measured, and the constants of amplification are estimates. Spikes load the same
Ras through calmodulin. Two phosphates on ERK make the answer steeper than the stimulus: a few
spines together do what one cannot. PKA lets active ERK into the nucleus, where MSK keeps what it
was for tens of minutes.
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.citations import IMPEY_1998, MININGOU_2021, MURAKOSHI_2011
from ltpath.pathways.molecules import MEK, MSK, NUCLEAR_ERK, RAS, SOMATIC_ERK

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Cascade:
    """Ras, MEK and ERK of dendrite and soma."""

    ras: Quantity
    k_ras_spikes: Quantity
    k_ras_spines: Quantity
    k_ras_off: Quantity
    mek: Quantity
    k_mek: Quantity
    k_rap: Quantity
    k_mek_off: Quantity
    erk: Quantity
    k_erk: Quantity
    k_erk_off: Quantity
    mek_uninhibited: Quantity


@dataclass(frozen=True, kw_only=True)
class Shuttling:
    """ERK in the nucleus, and the kinase that it switches."""

    k_import: Quantity
    pka_half: Quantity
    k_export: Quantity
    msk: Quantity
    k_msk: Quantity
    k_msk_off: Quantity


SOMATIC_CASCADE = Cascade(
    ras=published(0.6, Unit.MICROMOLAR, MININGOU_2021, "Ras of the published initial conditions"),
    k_ras_spikes=estimate(
        15.0,
        Unit.PER_MICROMOLAR_SECOND,
        "calmodulin of the nucleus stands for that of the soma; first order, as two steps that follow make the answer steep; "
        "chosen here so that 18 s of spikes at 5 Hz load little of Ras and 180 s a quarter",
    ),
    k_ras_spines=estimate(
        2e-5,
        Unit.PER_SECOND,
        "Ras of the soma loaded by one Ras-GTP of a spine; no source; chosen here so that three stimulated spines are heard and one hardly",
    ),
    k_ras_off=estimate(
        1 / 600, Unit.PER_SECOND, "Ras stays active for tens of minutes after a spine's stimulus (abstract)", MURAKOSHI_2011
    ),
    mek=published(0.68, Unit.MICROMOLAR, MININGOU_2021, "MEK of the published initial conditions"),
    k_mek=estimate(0.05, Unit.PER_MICROMOLAR_SECOND, "Raf follows Ras and is not a step of its own"),
    k_rap=estimate(
        0.02,
        Unit.PER_MICROMOLAR2_SECOND,
        "cAMP reaches MEK by Rap1 and B-Raf, and calcium and cAMP act together (abstract); the square of PKA stands for that way, so "
        "that PKA at rest does nothing",
        MININGOU_2021,
    ),
    k_mek_off=estimate(1 / 60, Unit.PER_SECOND, "phosphatases within a minute"),
    erk=published(0.36, Unit.MICROMOLAR, MININGOU_2021, "ERK of the published initial conditions"),
    k_erk=estimate(0.04, Unit.PER_MICROMOLAR_SECOND, "one phosphate at a time; lumped"),
    k_erk_off=estimate(1 / 120, Unit.PER_SECOND, "phosphatases within minutes"),
    mek_uninhibited=defined(1.0, Unit.NONE, "activity of MEK left by a drug; 1 without one"),
)

NUCLEAR_SHUTTLING = Shuttling(
    k_import=estimate(1 / 30, Unit.PER_SECOND, "a few minutes, with PKA at rest an eighth of it; active ERK alone"),
    pka_half=estimate(
        0.1,
        Unit.MICROMOLAR,
        "entry of ERK needs PKA (abstract); half of it at three times the resting activity, with the square, is a choice",
        IMPEY_1998,
    ),
    k_export=estimate(1 / 300, Unit.PER_SECOND, "phosphatases of the nucleus and export; transit of ERK is complete within 20 min"),
    msk=estimate(0.1, Unit.MICROMOLAR, "only the order of magnitude is known"),
    k_msk=estimate(
        0.01, Unit.PER_MICROMOLAR_SECOND, "chosen here so that nuclear ERK of 0.1 uM switches half of MSK within minutes"
    ),
    k_msk_off=estimate(1 / 1200, Unit.PER_SECOND, "10-20 min for MSK and RSK, from memory", seen=Seen.UNVERIFIED),
)


def ras_switches_erk_of_the_soma(
    net: Network, soma: Place, nucleus: Place, spines: list[Place], pka: pysb.Expression, k: Cascade = SOMATIC_CASCADE
) -> pysb.Expression:
    """Add Ras, loaded by spikes and by each spine's Ras, MEK, which PKA drives too, and ERK with two phosphates; return the active fraction of ERK."""
    p = net.parameters("nuclear_erk", k)
    Ras, Mek, Erk = net.monomers(soma, RAS, MEK, SOMATIC_ERK)
    calmodulin = net.model.observables[f"CaM4_free{nucleus.suffix}"] / net.per_micromolar(nucleus)
    k_spikes = net.expression("nuclear_erk_k_ras_on", p.k_ras_spikes * calmodulin, Unit.PER_SECOND)
    net.rule("calmodulin_loads_Ras_of_soma", soma, Ras(nucleotide="GDP") | Ras(nucleotide="GTP"), k_spikes, p.k_ras_off)
    for spine in spines:
        gtp = net.model.observables[f"ras_gtp{spine.suffix}"]
        k_spine = net.expression(f"nuclear_erk_k_ras_on{spine.suffix}", p.k_ras_spines * gtp, Unit.PER_SECOND)
        net.rule(f"Ras_of_spine_spreads{spine.suffix}", soma, Ras(nucleotide="GDP") >> Ras(nucleotide="GTP"), k_spine)
    loaded = net.observable("ras_gtp_soma_count", Ras(nucleotide="GTP"))
    ras = net.readout("ras_gtp_soma", loaded / net.per_micromolar(soma), Unit.MICROMOLAR, "Ras with GTP in the soma")
    k_mek = net.expression("nuclear_erk_k_mek_on", p.k_mek * ras, Unit.PER_SECOND)
    k_rap = net.expression("nuclear_erk_k_mek_by_PKA", p.k_rap * pka**2, Unit.PER_SECOND)
    net.rule("Ras_activates_MEK", soma, Mek(state="inactive") | Mek(state="active"), k_mek, p.k_mek_off)
    net.rule("cAMP_activates_MEK", soma, Mek(state="inactive") >> Mek(state="active"), k_rap)
    active = net.observable("mek_active_count", Mek(state="active")) / net.per_micromolar(soma)
    k_erk = net.expression("nuclear_erk_k_erk_on", p.k_erk * p.mek_uninhibited * active, Unit.PER_SECOND)
    for before, after in (("u", "p"), ("p", "pp")):
        net.rule(f"MEK_phosphorylates_ERK_{after}", soma, Erk(sites=before) | Erk(sites=after), k_erk, p.k_erk_off)
    net.initial(soma, Ras(nucleotide="GDP"), p.ras)
    net.initial(soma, Mek(state="inactive"), p.mek)
    net.initial(soma, Erk(sites="u"), p.erk)
    both = net.observable("erk_active_soma_count", Erk(sites="pp"))
    return net.readout(
        "erk_active_soma", both / net.per_micromolar(soma) / p.erk, Unit.NONE, "fraction of ERK active in dendrite and soma"
    )


def erk_enters_the_nucleus(
    net: Network, soma: Place, nucleus: Place, pka: pysb.Expression, k: Shuttling = NUCLEAR_SHUTTLING
) -> pysb.Expression:
    """Add active ERK of the nucleus, which PKA lets in, and MSK; return active MSK in uM."""
    p = net.parameters("nuclear_erk", k)
    (Erk,) = net.monomers(soma, SOMATIC_ERK)
    ErkN, Msk = net.monomers(nucleus, NUCLEAR_ERK, MSK)
    k_import = net.expression("nuclear_erk_k_import_with_PKA", p.k_import * pka**2 / (pka**2 + p.pka_half**2), Unit.PER_SECOND)
    net.rule("ERK_enters", nucleus, Erk(sites="pp") >> ErkN(), k_import)
    net.rule("ERK_ends_and_leaves", nucleus, ErkN() >> Erk(sites="u"), p.k_export)
    count = net.observable("erk_nucleus_count", ErkN())
    erk = net.readout("erk_active_nucleus", count / net.per_micromolar(nucleus), Unit.MICROMOLAR, "active ERK in the nucleus")
    k_msk = net.expression("nuclear_erk_k_msk_on", p.k_msk * erk, Unit.PER_SECOND)
    net.rule("ERK_activates_MSK", nucleus, Msk(state="inactive") | Msk(state="active"), k_msk, p.k_msk_off)
    net.initial(nucleus, Msk(state="inactive"), p.msk)
    active = net.observable("msk_active_count", Msk(state="active"))
    return net.readout("MSK_active", active / net.per_micromolar(nucleus), Unit.MICROMOLAR, "active MSK")
