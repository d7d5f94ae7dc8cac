"""AMPA receptors move between reserve pool, spine surface and synaptic slots; CaMKII holds them there.

Receptors diffuse in from the dendrite, bind slots of the postsynaptic density, and are
recycled through the reserve pool. CaMKII tags a slot in two steps (TARPs have several
sites) and PP1 undoes the first, so that only strong activity leaves tags; tagged slots
hold receptors ten times longer; exocytosis at a tagged synapse fills latent places with
new slots, which decay within an hour: early LTP.
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.camkii_holoenzyme import Activity
from ltpath.pathways.citations import BECKER_2021, JEDRZEJEWSKA_2017, MAKI_2020, WOOLFREY_2018
from ltpath.pathways.fitted import fitted
from ltpath.pathways.molecules import AMPA_RECEPTOR, DENDRITIC_AMPA_RECEPTOR, PKA_ANCHOR, SLOT
from ltpath.pathways.phosphatases import rate_with_pka

from ltpath.network import Network, Place, Rate
from ltpath.quantity import Quantity, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Pools, slots and rates of movement."""

    slots: Quantity
    reserve: Quantity
    dendritic: Quantity
    k_in: Quantity
    k_out: Quantity
    k_slot_on: Quantity
    k_slot_off: Quantity
    hold: Quantity
    k_exocytosis: Quantity
    k_endocytosis: Quantity
    S845_preference: Quantity
    k_dendritic_loss: Quantity
    exocytosis: Quantity


@dataclass(frozen=True, kw_only=True)
class Potentiation:
    """What CaMKII and the exocytosis burst change."""

    k_tag: Quantity
    k_untag: Quantity
    burst: Quantity
    k_new_slot: Quantity
    k_slot_loss: Quantity
    latent_slots: Quantity


@dataclass(frozen=True, kw_only=True)
class Depression:
    """What free PP1 takes away."""

    k_dispersal: Quantity
    k_reassembly: Quantity


@dataclass(frozen=True, kw_only=True)
class Phosphorylation:
    """Kinases and phosphatases of GluA1, as second-order constants kcat/Km."""

    k_S831: Quantity
    k_S845: Quantity
    k_S831_pp1: Quantity
    k_S845_pp1: Quantity
    k_S845_calcineurin: Quantity
    k_S831_tonic: Quantity
    pp1: Quantity
    anchors: Quantity
    k_unanchoring: Quantity
    k_anchoring: Quantity
    S831_conductance: Quantity


_THREEFOLD = "times 3, so that 60 receptors are bound at rest (published: 20 of 70 slots)"

SPINE_TRAFFIC = Traffic(
    slots=published(210.0, Unit.MOLECULES, BECKER_2021, f"70 {_THREEFOLD}"),
    reserve=estimate(120.0, Unit.MOLECULES, "receptors in recycling endosomes at rest, twice the synaptic ones"),
    dendritic=defined(
        1000.0, Unit.MOLECULES, "tokens of the dendrite's pool of mobile receptors; many, so that their number is smooth"
    ),
    k_in=published(0.6, Unit.PER_SECOND, BECKER_2021, f"0.2 receptors a second from the dendrite {_THREEFOLD}"),
    k_out=published(0.02, Unit.PER_SECOND, BECKER_2021, "0.018 um2/s over 0.90 um2"),
    k_slot_on=published(
        0.00133, Unit.PER_MOLECULE_SECOND, BECKER_2021, "0.0040 per free receptor and slot, over 3 for the threefold counts"
    ),
    k_slot_off=published(0.1, Unit.PER_SECOND, BECKER_2021, "dwell time 10 s"),
    hold=estimate(10.0, Unit.NONE, "tagged and new slots release receptors this many times slower"),
    k_exocytosis=published(
        2.49e-4,
        Unit.PER_SECOND,
        BECKER_2021,
        "0.0018 events a second of 13 receptors, times 3, over the reserve pool; over 2.35 because 15 % are at pS845 and ten times faster",
    ),
    k_endocytosis=published(0.0023, Unit.PER_SECOND, BECKER_2021, "0.00206 um2/s over 0.90 um2"),
    S845_preference=estimate(
        10.0, Unit.NONE, "pS845 receptors are exocytosed faster; published ratio 160 (Maki-Marttunen 2020)", MAKI_2020
    ),
    k_dendritic_loss=fitted("synapse", "k_dendritic_loss", Unit.PER_SECOND),
    exocytosis=defined(1.0, Unit.NONE, "fraction of exocytosis left by a block; 1 without a drug"),
)

EARLY_POTENTIATION = Potentiation(
    k_tag=fitted("synapse", "k_tag", Unit.PER_MICROMOLAR_SECOND),
    k_untag=fitted("synapse", "k_untag", Unit.PER_SECOND),
    burst=fitted("synapse", "burst", Unit.NONE),
    k_new_slot=fitted("synapse", "k_new_slot", Unit.PER_SECOND),
    k_slot_loss=fitted("synapse", "k_slot_loss", Unit.PER_SECOND),
    latent_slots=estimate(
        210.0, Unit.MOLECULES, "room for as many slots again: potentiation saturates, and a density cannot grow without end"
    ),
)

DEPRESSION = Depression(
    k_dispersal=fitted("synapse", "k_dispersal", Unit.PER_MICROMOLAR_SECOND),
    k_reassembly=estimate(2e-5, Unit.PER_SECOND, "dispersed slots come back within half a day, as depression lasts for hours"),
)

GLUA1_PHOSPHORYLATION = Phosphorylation(
    k_S831=published(0.0056, Unit.PER_MICROMOLAR_SECOND, JEDRZEJEWSKA_2017, "CaMKII on S831, kcat 0.5 /s over Km 90 uM"),
    k_S845=published(0.80, Unit.PER_MICROMOLAR_SECOND, JEDRZEJEWSKA_2017, "PKA on S845, kcat 6 /s over Km 7.5 uM"),
    k_S831_pp1=published(0.175, Unit.PER_MICROMOLAR_SECOND, JEDRZEJEWSKA_2017, "PP1 on pS831, kcat 0.35 /s over Km 2.0 uM"),
    k_S845_pp1=published(0.17, Unit.PER_MICROMOLAR_SECOND, JEDRZEJEWSKA_2017, "PP1 on pS845, kcat 0.17 /s over Km 0.98 uM"),
    k_S845_calcineurin=published(
        0.40, Unit.PER_MICROMOLAR_SECOND, JEDRZEJEWSKA_2017, "active calcineurin on pS845, kcat 2 /s over Km 5.0 uM"
    ),
    k_S831_tonic=estimate(
        0.02,
        Unit.PER_SECOND,
        "tonic kinases such as PKC, so that a tenth of receptors carries S831 phosphate at rest; no source read",
    ),
    pp1=estimate(
        1.0, Unit.MICROMOLAR, "phosphatases at the receptors at rest, PP2A among them, as PP1; what calcineurin frees is added"
    ),
    anchors=defined(100.0, Unit.MOLECULES, "size of the normalised pool of anchoring proteins; only the anchored fraction is used"),
    k_unanchoring=fitted("synapse", "k_unanchoring", Unit.PER_MICROMOLAR_SECOND),
    k_anchoring=estimate(
        1e-4,
        Unit.PER_SECOND,
        "PKA is back at the synapse within hours, as S845 stays dephosphorylated for one at least; AKAP79/150 leaves spines in LTD (Woolfrey 2018, abstract, where CaMKII is needed for it; that calcineurin drives it here is an assumption)",
        WOOLFREY_2018,
    ),
    S831_conductance=estimate(
        1.25, Unit.NONE, "between 1.0 (GluA1/2 heteromers) and 1.52 (GluA1 homomers) of Maki-Marttunen 2020", MAKI_2020
    ),
)


def receptors_cycle_through_synapse(
    net: Network, spine: Place, erk: pysb.Expression, k: Traffic = SPINE_TRAFFIC, e: Potentiation = EARLY_POTENTIATION
) -> pysb.Expression:
    """Add pools, slots and movement; return the synapse's strength in unit receptors."""
    p, q = net.parameters("ampa_traffic", k), net.parameters("early_ltp", e)
    AMPAR, Dendritic, Slot = net.monomers(spine, AMPA_RECEPTOR, DENDRITIC_AMPA_RECEPTOR, SLOT)
    suffix = spine.suffix

    # Lateral diffusion from a dendritic pool that exocytosis elsewhere in the dendrite keeps up.
    supply = net.constant(
        "ampa_traffic_k_dendritic_supply", p.k_dendritic_loss * p.dendritic * p.exocytosis, Unit.MOLECULES_PER_SECOND
    )
    net.rule("dendrite_gains_receptors", spine, None >> Dendritic(), supply)
    net.rule("dendrite_loses_receptors", spine, Dendritic() >> None, p.k_dendritic_loss)
    surface = AMPAR(site="surface", slot=None, S831="u", S845="u")
    k_in = net.constant("ampa_traffic_k_in_per_token", p.k_in / p.dendritic, Unit.PER_SECOND)
    net.rule("receptor_diffuses_in", spine, Dendritic() >> Dendritic() + surface, k_in)
    net.rule("receptor_diffuses_out", spine, AMPAR(site="surface", slot=None) >> None, p.k_out)

    # Recycling: pS845 favours exocytosis; the burst of the Ras-ERK signal multiplies it.
    burst = 1 + q.burst * erk
    slow = net.expression(f"ampa_traffic_k_exocytosis_S845u{suffix}", p.exocytosis * p.k_exocytosis * burst, Unit.PER_SECOND)
    fast = net.expression(f"ampa_traffic_k_exocytosis_S845p{suffix}", slow * p.S845_preference, Unit.PER_SECOND)
    for state, rate in (("u", slow), ("p", fast)):
        net.rule(
            f"receptor_is_exocytosed_S845{state}",
            spine,
            AMPAR(site="reserve", slot=None, S845=state) >> AMPAR(site="surface", slot=None, S845=state),
            rate,
        )
    net.rule(
        "receptor_is_endocytosed",
        spine,
        AMPAR(site="surface", slot=None) >> AMPAR(site="reserve", slot=None),
        p.k_endocytosis,
    )

    # Slots of the postsynaptic density; tagged and new ones hold longer.
    k_held = net.constant("ampa_traffic_k_slot_off_held", p.k_slot_off / p.hold, Unit.PER_SECOND)
    for kind, k_off in (
        ("basal", p.k_slot_off),
        ("primed", p.k_slot_off),
        ("tagged", k_held),
        ("new", k_held),
    ):
        _receptor_binds_slot(net, spine, kind, p.k_slot_on, k_off)

    net.initial(spine, Slot(receptor=None, kind="basal"), p.slots)
    net.initial(spine, AMPAR(site="reserve", slot=None, S831="u", S845="u"), p.reserve)
    net.initial(spine, Dendritic(), p.dendritic)
    naive = net.observable(f"synaptic_AMPAR_S831u{suffix}", AMPAR(site="synapse", S831="u"))
    strong = net.observable(f"synaptic_AMPAR_S831p{suffix}", AMPAR(site="synapse", S831="p"))
    net.observable(f"synaptic_AMPAR{suffix}", AMPAR(site="synapse"), "AMPA receptors in slots")
    net.observable(f"surface_AMPAR{suffix}", AMPAR(site="surface"), "AMPA receptors on the spine outside the synapse")
    net.observable(f"reserve_AMPAR{suffix}", AMPAR(site="reserve"), "AMPA receptors in the reserve pool")
    net.observable(f"tagged_slots{suffix}", Slot(kind="tagged"), "slots tagged by CaMKII")
    net.observable(f"new_slots{suffix}", Slot(kind="new"), "slots that came with exocytosis")
    net.readout(
        f"exocytosis{suffix}", slow / p.k_exocytosis, Unit.NONE, "exocytosis of reserve receptors relative to its basal rate"
    )
    conductance = net.parameter("ampa_phosphorylation_S831_conductance", GLUA1_PHOSPHORYLATION.S831_conductance)
    return net.readout(
        f"strength{suffix}",
        naive + conductance * strong,
        Unit.MOLECULES,
        "synaptic receptors, weighted by their unit conductance",
    )


def camkii_tags_slots_and_brings_new_ones(
    net: Network,
    spine: Place,
    camkii: Activity,
    erk: pysb.Expression,
    pp1: pysb.Expression,
    k: Potentiation = EARLY_POTENTIATION,
) -> None:
    """Add tagging by CaMKII, which free PP1 opposes, and new slots where an exocytosis burst meets tagged slots."""
    q = net.parameters("early_ltp", k)
    traffic = net.parameters("ampa_traffic", SPINE_TRAFFIC)
    AMPAR, Slot = net.monomers(spine, AMPA_RECEPTOR, SLOT)
    suffix = spine.suffix
    tagging = net.expression(f"early_ltp_k_tagging{suffix}", q.k_tag * camkii.active, Unit.PER_SECOND)
    tagged = net.model.observables[f"tagged_slots{suffix}"]
    delivery = net.expression(
        f"early_ltp_k_delivery{suffix}", q.k_new_slot * traffic.exocytosis * erk * tagged / traffic.slots, Unit.PER_SECOND
    )

    # PP1 takes the first phosphate off as fast as it does on S831: only strong activity places the second before that.
    k_unprime = _pp1_on_S831(net, spine, pp1)
    glua1 = net.parameters("ampa_phosphorylation", GLUA1_PHOSPHORYLATION)
    k_untag = net.expression(f"early_ltp_k_untagging{suffix}", q.k_untag * (1 + pp1 / glua1.pp1), Unit.PER_SECOND)
    net.rule("CaMKII_primes_slot", spine, Slot(kind="basal") | Slot(kind="primed"), tagging, k_unprime)
    net.rule("CaMKII_tags_primed_slot", spine, Slot(kind="primed") | Slot(kind="tagged"), tagging, k_untag)
    net.rule("exocytosis_brings_slot", spine, Slot(kind="latent") >> Slot(kind="new"), delivery)
    net.rule("empty_new_slot_is_lost", spine, Slot(receptor=None, kind="new") >> Slot(receptor=None, kind="latent"), q.k_slot_loss)
    net.rule(
        "occupied_new_slot_is_lost",
        spine,
        AMPAR(site="synapse", slot=1) % Slot(receptor=1, kind="new")
        >> AMPAR(site="surface", slot=None) + Slot(receptor=None, kind="latent"),
        q.k_slot_loss,
    )
    net.initial(spine, Slot(receptor=None, kind="latent"), q.latent_slots)


def pp1_disperses_slots(net: Network, spine: Place, pp1: pysb.Expression, k: Depression = DEPRESSION) -> None:
    """Add the loss of slots to free PP1: depression of basal slots, depotentiation of new ones."""
    p = net.parameters("depression", k)
    AMPAR, Slot = net.monomers(spine, AMPA_RECEPTOR, SLOT)
    dispersal = net.expression(f"depression_k_slot_dispersal{spine.suffix}", p.k_dispersal * pp1, Unit.PER_SECOND)
    for kind in ("basal", "primed", "tagged", "new"):
        after = "latent" if kind == "new" else "dispersed"
        net.rule(
            f"PP1_disperses_empty_{kind}_slot", spine, Slot(receptor=None, kind=kind) >> Slot(receptor=None, kind=after), dispersal
        )
        net.rule(
            f"PP1_disperses_occupied_{kind}_slot",
            spine,
            AMPAR(site="synapse", slot=1) % Slot(receptor=1, kind=kind)
            >> AMPAR(site="surface", slot=None) + Slot(receptor=None, kind=after),
            dispersal,
        )
    net.rule("dispersed_slot_comes_back", spine, Slot(kind="dispersed") >> Slot(kind="basal"), p.k_reassembly)
    net.observable(f"dispersed_slots{spine.suffix}", Slot(kind="dispersed"), "slots that PP1 has dispersed")


def kinases_phosphorylate_glua1(
    net: Network,
    spine: Place,
    camkii: Activity,
    calcineurin: pysb.Expression,
    pp1: pysb.Expression,
    pka: pysb.Expression | None = None,
    k: Phosphorylation = GLUA1_PHOSPHORYLATION,
) -> None:
    """Add S831 (CaMKII, PP1) and S845 (anchored PKA, PP1, calcineurin), alike in every pool; calcineurin lets PKA leave."""
    p = net.parameters("ampa_phosphorylation", k)
    AMPAR, Anchor = net.monomers(spine, AMPA_RECEPTOR, PKA_ANCHOR)
    suffix = spine.suffix
    k_S831 = net.expression(f"ampa_phosphorylation_k_S831_on{suffix}", p.k_S831 * camkii.active + p.k_S831_tonic, Unit.PER_SECOND)
    k_unanchoring = net.expression(f"ampa_phosphorylation_k_PKA_leaves{suffix}", p.k_unanchoring * calcineurin, Unit.PER_SECOND)
    net.rule("calcineurin_lets_PKA_leave", spine, Anchor(place="synapse") | Anchor(place="away"), k_unanchoring, p.k_anchoring)
    net.initial(spine, Anchor(place="synapse"), p.anchors)
    anchored = net.observable(f"anchored_PKA{suffix}", Anchor(place="synapse"), "anchoring proteins that hold PKA at the synapse")
    with_pka = rate_with_pka(net, "ampa_phosphorylation_k_S845_by_PKA", p.k_S845, pka)
    k_S845 = net.expression(f"ampa_phosphorylation_k_S845_on{suffix}", with_pka * anchored / p.anchors, Unit.PER_SECOND)
    k_S845_off = net.expression(
        f"ampa_phosphorylation_k_S845_off{suffix}",
        p.k_S845_pp1 * (p.pp1 + pp1) + p.k_S845_calcineurin * calcineurin,
        Unit.PER_SECOND,
    )

    net.rule("CaMKII_phosphorylates_S831", spine, AMPAR(S831="u") | AMPAR(S831="p"), k_S831, _pp1_on_S831(net, spine, pp1))
    net.rule("PKA_phosphorylates_S845", spine, AMPAR(S845="u") | AMPAR(S845="p"), k_S845, k_S845_off)

    net.observable(f"pS831{suffix}", AMPAR(S831="p"), "AMPA receptors phosphorylated at S831")
    net.observable(f"pS845{suffix}", AMPAR(S845="p"), "AMPA receptors phosphorylated at S845")


def persistent_slots_hold_receptors(net: Network, spine: Place, k_loss: Rate, k: Traffic = SPINE_TRAFFIC) -> None:
    """Add slots that hold receptors as basal ones do, and that PP1 does not disperse; they are lost at `k_loss`."""
    p = net.parameters("ampa_traffic", k)
    AMPAR, Slot = net.monomers(spine, AMPA_RECEPTOR, SLOT)
    _receptor_binds_slot(net, spine, "persistent", p.k_slot_on, p.k_slot_off)
    net.rule("empty_persistent_slot_is_lost", spine, Slot(receptor=None, kind="persistent") >> None, k_loss)
    net.rule(
        "occupied_persistent_slot_is_lost",
        spine,
        AMPAR(site="synapse", slot=1) % Slot(receptor=1, kind="persistent") >> AMPAR(site="surface", slot=None),
        k_loss,
    )
    net.observable(f"persistent_slots{spine.suffix}", Slot(kind="persistent"), "slots that captured proteins have made last")


def _receptor_binds_slot(net: Network, spine: Place, kind: str, k_on: Rate, k_off: Rate) -> None:
    AMPAR, Slot = net.monomers(spine, AMPA_RECEPTOR, SLOT)
    net.rule(
        f"receptor_binds_{kind}_slot",
        spine,
        AMPAR(site="surface", slot=None) + Slot(receptor=None, kind=kind)
        | AMPAR(site="synapse", slot=1) % Slot(receptor=1, kind=kind),
        k_on,
        k_off,
    )


def _pp1_on_S831(net: Network, spine: Place, pp1: pysb.Expression) -> pysb.Expression:
    """Rate at which PP1, at rest and freed, takes a phosphate of CaMKII off."""
    name = f"ampa_phosphorylation_k_S831_off{spine.suffix}"
    if name in net.units:
        return net.model.expressions[name]
    p = net.parameters("ampa_phosphorylation", GLUA1_PHOSPHORYLATION)
    return net.expression(name, p.k_S831_pp1 * (p.pp1 + pp1), Unit.PER_SECOND)
