"""The nucleus alone: from spikes to CREB, mRNA and plasticity-related protein."""

import pysb
from ltpath.pathways.membrane import synapses_depolarise_the_dendrite
from ltpath.pathways.nuclear_signal import (
    calmodulin_activates_camkk_and_camkiv,
    camkiv_phosphorylates_creb,
    spikes_bring_calcium_to_the_nucleus,
)
from ltpath.pathways.places import DENDRITE, NUCLEUS
from ltpath.pathways.protein_synthesis import creb_transcribes_plasticity_genes, mrna_is_translated

from ltpath.catalogue import Entry
from ltpath.network import Network


def nucleus_answers_spikes(net: Network, fuelled: pysb.Expression | None = None) -> pysb.Expression:
    """Add the nucleus, and what it sends to the dendrite, to a network that has spikes; as `mrna_is_translated` for the rest."""
    spikes_bring_calcium_to_the_nucleus(net, NUCLEUS)
    camkiv = calmodulin_activates_camkk_and_camkiv(net, NUCLEUS)
    camkiv_phosphorylates_creb(net, NUCLEUS, camkiv)
    creb_transcribes_plasticity_genes(net, NUCLEUS, DENDRITE)
    return mrna_is_translated(net, DENDRITE, fuelled)


def build(net: Network) -> None:
    synapses_depolarise_the_dendrite(net, DENDRITE, [])
    nucleus_answers_spikes(net)


ENTRY = Entry(
    summary="The nucleus alone: calcium of spikes, CaMKK, CaMKIV, CREB, transcription and dendritic translation.",
    claims=(
        "long stimulation leaves more CREB phosphorylated, and for longer, than a short one",
        "without transcription or translation there is no plasticity-related protein",
    ),
    limits=(
        "no cAMP, PKA, ERK or CBP yet: CaMKIV alone phosphorylates CREB",
        "calcium of the nucleus comes with spikes alone; its constants and those of the kinases are estimates",
        "one gene for all plasticity-related proteins",
    ),
    build=build,
)
