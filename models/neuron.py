"""Spines that share a dendrite and a nucleus; three of them in the catalogue's model: A, B and C."""

from ltpath.models.creb import nucleus_answers
from ltpath.models.early_ltp import synapses_potentiate_early
from ltpath.pathways.capture import tagged_synapse_captures_protein
from ltpath.pathways.metabolism import ampk_brakes_mtor, events_cost_atp
from ltpath.pathways.neuromodulators import (
    acetylcholine_boosts_nmda_receptors,
    dopamine_and_noradrenaline_switch_pka,
    stimulated_fibres_release_dopamine,
)
from ltpath.pathways.places import DENDRITE, NUCLEUS, cleft
from ltpath.pathways.scaling import firing_scales_receptor_supply
from ltpath.pathways.spine_volume import volume_follows_receptors

from ltpath.catalogue import Entry
from ltpath.errors import BadValue
from ltpath.network import Network


def synapses_share_a_nucleus(net: Network, number: int) -> None:
    """Add synapses A, B, C and so on (after Z: AA), with one dendrite and one nucleus.

    Raises
    ------
    BadValue
        The number is not a whole number from 1 to 702.
    """
    if not isinstance(number, int) or not 1 <= number <= 26 * 27:
        raise BadValue(f"a neuron has 1 to {26 * 27} synapses, not {number!r}")
    names = [_letters(i) for i in range(number)]
    pka = dopamine_and_noradrenaline_switch_pka(net, DENDRITE)
    spines = synapses_potentiate_early(net, names, pka, acetylcholine_boosts_nmda_receptors(net))
    for name in names:
        stimulated_fibres_release_dopamine(net, cleft(name))
    fuelled = ampk_brakes_mtor(net, DENDRITE)
    translation = nucleus_answers(net, pka, spines, fuelled)
    events_cost_atp(net, DENDRITE, spines)
    for spine in spines:
        tagged_synapse_captures_protein(net, spine, DENDRITE)
        volume_follows_receptors(net, spine)
    firing_scales_receptor_supply(net, NUCLEUS, DENDRITE, spines, translation)


def _letters(i: int) -> str:
    return chr(ord("A") + i) if i < 26 else chr(ord("A") + i // 26 - 1) + chr(ord("A") + i % 26)


def build(net: Network, number: int = 3) -> None:
    synapses_share_a_nucleus(net, number)


ENTRY = Entry(
    summary="Three synapses that share a dendrite and a nucleus: input-specific late LTP, tagging and capture, homeostatic scaling.",
    claims=(
        "early and late LTP stay at the synapse that was stimulated",
        "a weakly stimulated synapse captures proteins that another one's tetani had made, within hours",
        "two days without spikes raise all weights by one factor, potentiated or not, and leave their ratios",
        "any number of synapses with the same rules: the network grows by the same number of species for each",
    ),
    limits=(
        "spikes reach every spine and the nucleus alike; every synapse has a branch of its own, each as far from the others",
        "one dendritic segment receives all mRNA; scaling senses spikes alone, and supplies receptors alone",
        "persistent slots are lost with the lifetime of PSD-95 and nothing renews them",
    ),
    build=build,
)
