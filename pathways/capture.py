"""A tagged synapse captures plasticity-related protein, which makes slots that last.

Where CaMKII has tagged slots while ERK is active, the synapse keeps a tag for hours, which is local: spikes
and the depolarisation by other inputs hardly set it. Protein from the dendrite turns free room of a tagged synapse into
clusters of persistent slots, which rebuild most of what they lose. Tag and protein have lives of their own, so that either may come first.
"""

from dataclasses import dataclass

from ltpath.pathways.ampa_traffic import SPINE_TRAFFIC, persistent_slots_hold_receptors
from ltpath.pathways.citations import FREY_1997, PSD95_2025, SHOMAR_2017
from ltpath.pathways.fitted import fitted
from ltpath.pathways.molecules import PLASTICITY_PROTEIN, SLOT, TAG

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Unit, defined, estimate, measured


@dataclass(frozen=True, kw_only=True)
class Kinetics:
    """The tag, capture, and the life of what is captured."""

    tags: Quantity
    k_tag: Quantity
    k_tag_off: Quantity
    k_capture: Quantity
    k_persistent_loss: Quantity
    renewal: Quantity


CAPTURE = Kinetics(
    tags=defined(100.0, Unit.MOLECULES, "tokens of a synapse's tag; only the part that is set counts"),
    k_tag=estimate(
        2.25,
        Unit.PER_SECOND,
        "with all slots tagged and 1 uM of active ERK; a weak tetanus then sets two fifths of the tag. Chosen so that three tetani an hour "
        "after it leave 130 %, and tetani at all inputs with APV about 110 %; published data leave a factor of ten open",
    ),
    k_tag_off=estimate(1 / 7200, Unit.PER_SECOND, "2 h: the tag is gone within 3 h (Frey and Morris 1997, abstract)", FREY_1997),
    k_capture=fitted("late", "k_capture", Unit.PER_MICROMOLAR_SECOND),
    k_persistent_loss=measured(
        1 / (14.2 * 86400), Unit.PER_SECOND, PSD95_2025, "PSD-95, mean lifetime 14.2 +- 0.7 d in vivo, legend of Fig 2"
    ),
    renewal=estimate(
        0.95,
        Unit.NONE,
        "part of lost persistent slots that their cluster rebuilds at once, as a patch of scaffold takes up molecules beside those "
        "that it has (Shomar 2017, abstract); chosen here so that potentiation outlasts a month, as stable LTP in vivo does (Abraham 2002)",
        SHOMAR_2017,
    ),
)


def tagged_synapse_captures_protein(net: Network, spine: Place, dendrite: Place, k: Kinetics = CAPTURE) -> None:
    """Add the synaptic tag, capture of protein from the dendrite, and persistent slots."""
    p, traffic = net.parameters("capture", k), net.parameters("ampa_traffic", SPINE_TRAFFIC)
    Tag, Slot = net.monomers(spine, TAG, SLOT)
    (Protein,) = net.monomers(dendrite, PLASTICITY_PROTEIN)
    suffix = spine.suffix
    tagged_slots, erk = net.model.observables[f"tagged_slots{suffix}"], net.model.expressions[f"erk_active{suffix}"]
    # A product of CaMKII and ERK, after Smolen 2006, whose tag is one of sites of CaMKII, PKA and ERK.
    both = erk * tagged_slots / traffic.slots
    k_tag = net.expression(f"capture_k_tagging{suffix}", p.k_tag * both, Unit.PER_SECOND)
    net.rule("CaMKII_and_ERK_tag_synapse", spine, Tag(state="off") | Tag(state="on"), k_tag, p.k_tag_off)
    net.initial(spine, Tag(state="off"), p.tags)
    tag = net.observable(f"tag_count{suffix}", Tag(state="on"))
    share = net.readout(f"synaptic_tag{suffix}", tag / p.tags, Unit.NONE, "part of the synapse's tag that is set")
    k_capture = net.expression(
        f"capture_k_capture{suffix}", p.k_capture * share / net.per_micromolar(dendrite), Unit.PER_MOLECULE_SECOND
    )
    # Three, as a slot that CaMKII tagged holds 2.8 times what one of basal affinity does. The affinity must be that of
    # basal slots, because only then a change of the dendrite's supply multiplies old and new synapses by one factor.
    persistent = Slot(receptor=None, kind="persistent")
    net.rule(
        "tagged_synapse_captures_protein",
        spine,
        Slot(receptor=None, kind="latent") + Protein() >> persistent + persistent + persistent,
        k_capture,
    )
    k_loss = net.constant("capture_k_persistent_loss_for_good", p.k_persistent_loss * (1 - p.renewal), Unit.PER_SECOND)
    persistent_slots_hold_receptors(net, spine, k_loss)
