"""A tagged synapse captures plasticity-related protein, which makes slots that last.

Where CaMKII has tagged slots while ERK is active, the synapse keeps a tag for hours, which is local: spikes
and the depolarisation by other inputs do not set it. Protein from the dendrite turns free room of a tagged synapse into
clusters of persistent slots. Tag and protein have lives of their own, so that either may come first.
"""

from dataclasses import dataclass

from ltpath.pathways.ampa_traffic import SPINE_TRAFFIC, persistent_slots_hold_receptors
from ltpath.pathways.citations import FREY_1997, PSD95_2025, SMOLEN_2006
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
        20.0,
        Unit.PER_SECOND,
        "with all slots tagged by CaMKII and all ERK active; that it needs both follows Smolen 2006, whose tag is a product of "
        "sites of CaMKII, PKA and ERK; the cube of the tagged slots, which has no source, keeps it off where other inputs depolarise; "
        "chosen here so that a weak tetanus sets most of the tag",
        SMOLEN_2006,
    ),
    k_tag_off=estimate(1 / 7200, Unit.PER_SECOND, "2 h: the tag is gone within 3 h (Frey and Morris 1997, abstract)", FREY_1997),
    k_capture=estimate(
        6.6e-4,
        Unit.PER_MICROMOLAR_SECOND,
        "free room of a fully tagged synapse and protein; chosen here so that four tetani leave 1.5 to 2.1 times the weight at 8 h",
    ),
    k_persistent_loss=measured(
        1 / (14.2 * 86400), Unit.PER_SECOND, PSD95_2025, "PSD-95, mean lifetime 14.2 +- 0.7 d in vivo, legend of Fig 2"
    ),
    renewal=defined(0.0, Unit.NONE, "part of lost persistent slots that their cluster rebuilds at once; no source, so none"),
)


def tagged_synapse_captures_protein(net: Network, spine: Place, dendrite: Place, k: Kinetics = CAPTURE) -> None:
    """Add the synaptic tag, capture of protein from the dendrite, and persistent slots."""
    p, traffic = net.parameters("capture", k), net.parameters("ampa_traffic", SPINE_TRAFFIC)
    Tag, Slot = net.monomers(spine, TAG, SLOT)
    (Protein,) = net.monomers(dendrite, PLASTICITY_PROTEIN)
    suffix = spine.suffix
    tagged_slots, erk = net.model.observables[f"tagged_slots{suffix}"], net.model.expressions[f"erk_active{suffix}"]
    k_tag = net.expression(f"capture_k_tagging{suffix}", p.k_tag * erk * (tagged_slots / traffic.slots) ** 3, Unit.PER_SECOND)
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
