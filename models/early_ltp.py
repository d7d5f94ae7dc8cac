"""One synapse, end to end: from glutamate to early LTP and to depression."""

from collections.abc import Sequence
from dataclasses import replace

import pysb
from ltpath.models.ampa_traffic import calcium_moves_receptors
from ltpath.pathways.ampa_gating import ampa_receptors_open_on_glutamate
from ltpath.pathways.calcium import calcium_enters_through_channels, calcium_is_buffered_and_extruded, chelator_is_dialysed
from ltpath.pathways.glutamate import glutamate_is_released_and_cleared
from ltpath.pathways.membrane import synapses_depolarise_the_dendrite
from ltpath.pathways.nmda_gating import nmda_receptors_open_on_glutamate
from ltpath.pathways.places import DENDRITE, cleft, spine

from ltpath.catalogue import Entry
from ltpath.network import Network, Place


def synapses_potentiate_early(
    net: Network, names: Sequence[str], pka: pysb.Expression | None = None, nmda_gain: pysb.Expression | None = None
) -> list[Place]:
    """Add synapses on one dendrite, each from glutamate to early LTP and depression; return their spines.

    Neuromodulators act through PKA (uM) and a factor on the conductance of NMDA receptors; without them both are at rest.
    """
    inputs = []
    for name in names:
        head, gap = spine(name), cleft(name)
        calcium_is_buffered_and_extruded(net, head)
        chelator_is_dialysed(net, head)
        strength = calcium_moves_receptors(net, head, pka)

        glutamate_is_released_and_cleared(net, gap)
        ampa = ampa_receptors_open_on_glutamate(net, gap, strength)
        nmda = nmda_receptors_open_on_glutamate(net, gap)
        if nmda_gain is not None:
            nmda = replace(nmda, unblocked=nmda.unblocked * nmda_gain)
        inputs.append((head, ampa, nmda))
    for (head, _, _), membrane in zip(inputs, synapses_depolarise_the_dendrite(net, DENDRITE, inputs), strict=True):
        calcium_enters_through_channels(net, head, membrane)
    return [head for head, _, _ in inputs]


def build(net: Network) -> None:
    synapses_potentiate_early(net, "A")


ENTRY = Entry(
    summary="One synapse from glutamate to AMPA receptor traffic: early LTP and LTD.",
    claims=(
        "a tetanus potentiates within minutes and the potentiation fades within hours",
        "NMDA receptor block, CaMKII block and T286A prevent it; AMPA depolarisation stays",
        "without exocytosis only a short early phase is left",
        "900 pulses depress at 1 to 3 Hz, leave the weight at 10 Hz and potentiate at 50 Hz",
        "block of calcineurin or PP1 prevents depression and not potentiation, block of CaMKII the reverse",
    ),
    limits=(
        "during a train at 3 Hz the weight rises before it falls; measured depression sets in at once",
        "spikes are declared by the protocol; no order of single spikes and inputs potentiates, measured ones do",
        "no protein synthesis, so nothing outlasts a few hours",
        "rings of three subunits instead of twelve; one spine",
    ),
    build=build,
)
