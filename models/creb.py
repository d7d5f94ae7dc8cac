"""The nucleus alone: from spikes and neuromodulators to CREB, mRNA and plasticity-related protein."""

import pysb
from ltpath.pathways.membrane import synapses_depolarise_the_dendrite
from ltpath.pathways.neuromodulators import dopamine_and_noradrenaline_switch_pka, pka_enters_the_nucleus
from ltpath.pathways.nuclear_erk import erk_enters_the_nucleus, ras_switches_erk_of_the_soma
from ltpath.pathways.nuclear_signal import (
    calmodulin_activates_camkk_and_camkiv,
    kinases_phosphorylate_creb,
    spikes_bring_calcium_to_the_nucleus,
)
from ltpath.pathways.places import DENDRITE, NUCLEUS, SOMA
from ltpath.pathways.protein_synthesis import creb_transcribes_plasticity_genes, mrna_is_translated, pcreb_recruits_cbp

from ltpath.catalogue import Entry
from ltpath.network import Network, Place


def nucleus_answers(
    net: Network, pka: pysb.Expression, spines: list[Place], fuelled: pysb.Expression | None = None
) -> pysb.Expression:
    """Add the nucleus, and what it sends to the dendrite, to a network that has spikes and PKA (uM); as `mrna_is_translated` for the rest."""
    spikes_bring_calcium_to_the_nucleus(net, NUCLEUS)
    nuclear_pka = pka_enters_the_nucleus(net, NUCLEUS)
    camkiv = calmodulin_activates_camkk_and_camkiv(net, NUCLEUS)
    erk = ras_switches_erk_of_the_soma(net, SOMA, NUCLEUS, spines, pka)
    msk = erk_enters_the_nucleus(net, SOMA, NUCLEUS, pka)
    kinases_phosphorylate_creb(net, NUCLEUS, camkiv, msk, nuclear_pka)
    pcreb_recruits_cbp(net, NUCLEUS, camkiv, nuclear_pka)
    creb_transcribes_plasticity_genes(net, NUCLEUS, DENDRITE, msk)
    return mrna_is_translated(net, DENDRITE, erk, pka, fuelled)


def build(net: Network) -> None:
    synapses_depolarise_the_dendrite(net, DENDRITE, [])
    nucleus_answers(net, dopamine_and_noradrenaline_switch_pka(net, DENDRITE), [])


ENTRY = Entry(
    summary="The nucleus alone: calcium of spikes, CaMKIV, ERK and PKA, CREB and CBP, transcription and dendritic translation.",
    claims=(
        "long stimulation leaves more CREB phosphorylated, and for longer, than a short one: CaMKIV first, then MSK",
        "dopamine, noradrenaline and forskolin phosphorylate CREB by way of PKA",
        "without transcription or translation there is no plasticity-related protein",
    ),
    limits=(
        "calcium does not drive adenylyl cyclase; amplification from Ras to ERK is an estimate",
        "receptors do not desensitise, and no Gi",
        "calcium of the nucleus comes with spikes alone; its constants and those of the kinases are estimates",
        "one gene for all plasticity-related proteins",
    ),
    build=build,
)
