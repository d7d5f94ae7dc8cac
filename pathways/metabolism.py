"""Events cost ATP; where it runs low, AMPK brakes mTOR, and with it translation.

Adenine nucleotides of the dendrite are counted in tokens. Mitochondria turn ADP to ATP, housekeeping turns it back.
A pulse of glutamate, a spike and a protein each leave work to do, ions to be pumped back first of all, that ATP pays
for within a minute. AMPK follows AMP, which goes with the square of ADP by adenylate kinase.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pysb
from ltpath.pathways.citations import ATTWELL_2001, HOWARTH_2012
from ltpath.pathways.glutamate import CLEFT
from ltpath.pathways.membrane import DENDRITE
from ltpath.pathways.molecules import ADENINE_NUCLEOTIDE, AMPK, WORK

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """Nucleotides, what events cost, and AMPK."""

    tokens: Quantity
    nucleotides: Quantity
    k_use: Quantity
    k_make: Quantity
    supply: Quantity
    k_work: Quantity
    pulse_cost: Quantity
    spike_cost: Quantity
    protein_cost: Quantity
    ampk: Quantity
    ampk_at_rest: Quantity
    ampk_drive: Quantity
    k_ampk_off: Quantity
    half_brake: Quantity


DENDRITIC_ENERGY = Kinetics(
    tokens=defined(1000.0, Unit.MOLECULES, "tokens of ATP and ADP together, each for the same number of molecules"),
    nucleotides=estimate(2200.0, Unit.MICROMOLAR, "ATP and ADP; 2 mM of ATP as in published models of spines"),
    k_use=published(
        0.25,
        Unit.PER_SECOND,
        ATTWELL_2001,
        "30 umol of ATP per g and min in neocortex are 0.5 mM/s, a quarter of 2 mM",
        seen=Seen.SECOND_HAND,
    ),
    k_make=estimate(2.5, Unit.PER_SECOND, "keeps ten times as much ATP as ADP"),
    supply=defined(1.0, Unit.NONE, "fuel for mitochondria; 1 is normal"),
    k_work=estimate(1 / 30, Unit.PER_SECOND, "ions that a train brings in are pumped out within a minute"),
    pulse_cost=published(
        1.4e5, Unit.MOLECULES, ATTWELL_2001, "ATP for the ions that a vesicle lets into a spine", seen=Seen.UNVERIFIED
    ),
    spike_cost=estimate(
        1e5,
        Unit.MOLECULES,
        "some 1e8 ATP for a spike of the whole neuron, from memory, of which this dendrite pays a thousandth; spikes cost less than was thought at first (abstract)",
        HOWARTH_2012,
    ),
    protein_cost=estimate(2000.0, Unit.MOLECULES, "four ATP for each of some 500 amino acids, from memory", seen=Seen.UNVERIFIED),
    ampk=defined(100.0, Unit.MOLECULES, "tokens of AMPK; only the active part counts"),
    ampk_at_rest=estimate(
        0.02, Unit.NONE, "active part with normal fuel: little, so that mTOR without AMPK is not much above normal; no source"
    ),
    ampk_drive=defined(1.0, Unit.NONE, "activation of AMPK by drugs, times this; 1 without one"),
    k_ampk_off=estimate(1 / 600, Unit.PER_SECOND, "AMPK follows the nucleotides within ten minutes; no source"),
    half_brake=estimate(
        0.05, Unit.NONE, "active part of AMPK that halves mTOR, chosen so that a fuel of a third leaves some third of it"
    ),
)


def ampk_brakes_mtor(net: Network, dendrite: Place, k: Kinetics = DENDRITIC_ENERGY) -> pysb.Expression:
    """Add ATP, its making and housekeeping use, and AMPK; return the activity of mTOR that it leaves, 1 with normal fuel."""
    p = net.parameters("metabolism", k)
    Nucleotide, Ampk = net.monomers(dendrite, ADENINE_NUCLEOTIDE, AMPK)
    atp, adp = Nucleotide(phosphates="three"), Nucleotide(phosphates="two")
    k_make = net.expression("metabolism_k_make_fuelled", p.k_make * p.supply, Unit.PER_SECOND)
    net.rule("mitochondria_make_ATP", dendrite, adp | atp, k_make, p.k_use)
    net.initial(dendrite, atp, p.tokens)
    net.readout("ATP_share", net.observable("ATP_tokens", atp) / p.tokens, Unit.NONE, "ATP over ATP and ADP in the dendrite")

    usual = p.k_use / (p.k_use + p.k_make)
    amp = (net.observable("ADP_tokens", adp) / p.tokens / usual) ** 2
    k_on = net.expression(
        "metabolism_k_ampk_on", p.k_ampk_off * p.ampk_drive * p.ampk_at_rest / (1 - p.ampk_at_rest) * amp, Unit.PER_SECOND
    )
    net.rule("AMP_activates_AMPK", dendrite, Ampk(state="inactive") | Ampk(state="active"), k_on, p.k_ampk_off)
    net.initial(dendrite, Ampk(state="inactive"), p.ampk)
    active = net.observable("ampk_active_tokens", Ampk(state="active"))
    share = net.readout("AMPK_active", active / p.ampk, Unit.NONE, "active part of AMPK")
    return net.readout(
        "mTOR_fuelled",
        (1 + p.ampk_at_rest / p.half_brake) / (1 + share / p.half_brake),
        Unit.NONE,
        "mTOR that AMPK leaves active, over that with normal fuel",
    )


def events_cost_atp(net: Network, dendrite: Place, spines: Sequence[Place], k: Kinetics = DENDRITIC_ENERGY) -> None:
    """Add the work that pulses of glutamate, spikes and new proteins leave, and ATP that pays for it."""
    p = net.parameters("metabolism", k)
    membrane, release = net.parameters("membrane", DENDRITE), net.parameters("glutamate", CLEFT)
    Nucleotide, Work = net.monomers(dendrite, ADENINE_NUCLEOTIDE, WORK)
    # Glutamate and spike tokens decay: what decays a second, over what one event adds, is the rate of events.
    pulses = sum(net.model.expressions[f"glutamate{spine.suffix}"] for spine in spines) * release.k_clearance / release.release
    spikes = net.model.observables["spike_slow_tokens"] * membrane.k_spike_slow / membrane.spike_tokens
    proteins = net.model.observables["mRNA_in_dendrite"] * net.model.expressions["translation_k_protein_left"]
    cost = net.readout(
        "ATP_cost_of_events",
        p.pulse_cost * pulses + p.spike_cost * spikes + p.protein_cost * proteins,
        Unit.MOLECULES_PER_SECOND,
        "ATP that pulses, spikes and new proteins will have cost",
    )
    token = p.nucleotides * net.per_micromolar(dendrite) / p.tokens
    due = net.expression("metabolism_work_due", cost / token, Unit.MOLECULES_PER_SECOND)
    k_work = net.expression("metabolism_k_work_per_token", p.k_work / p.tokens, Unit.PER_MOLECULE_SECOND)
    net.rule("events_leave_work", dendrite, None >> Work(), due)
    net.rule("ATP_pays_for_work", dendrite, Work() + Nucleotide(phosphates="three") >> Nucleotide(phosphates="two"), k_work)
    net.observable("work_tokens", Work(), "work that events have left to do, in tokens of ATP")
