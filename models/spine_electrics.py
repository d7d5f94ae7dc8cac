"""The electrical and calcium front end of one synapse, with a fixed number of receptors."""

from ltpath.pathways.ampa_gating import ampa_receptors_open_on_glutamate
from ltpath.pathways.calcium import calcium_enters_through_channels, calcium_is_buffered_and_extruded, chelator_is_dialysed
from ltpath.pathways.calmodulin import calcium_binds_calmodulin, neurogranin_holds_calmodulin
from ltpath.pathways.glutamate import glutamate_is_released_and_cleared
from ltpath.pathways.membrane import synapses_depolarise_the_dendrite
from ltpath.pathways.nmda_gating import nmda_receptors_open_on_glutamate
from ltpath.pathways.places import DENDRITE, cleft, spine

from ltpath.catalogue import Entry
from ltpath.network import Network
from ltpath.quantity import Unit, defined

RECEPTORS = defined(60.0, Unit.MOLECULES, "synaptic AMPA receptors, fixed here at the resting number of early_ltp")


def build(net: Network) -> None:
    A, gap = spine("A"), cleft("A")
    glutamate_is_released_and_cleared(net, gap)
    ampa = ampa_receptors_open_on_glutamate(net, gap, net.parameter("synaptic_receptors", RECEPTORS))
    nmda = nmda_receptors_open_on_glutamate(net, gap)
    (membrane,) = synapses_depolarise_the_dendrite(net, DENDRITE, [(A, ampa, nmda)])
    calcium_is_buffered_and_extruded(net, A)
    calcium_enters_through_channels(net, A, membrane)
    chelator_is_dialysed(net, A)
    calcium_binds_calmodulin(net, A)
    neurogranin_holds_calmodulin(net, A)


ENTRY = Entry(
    summary="Glutamate, AMPA and NMDA receptors, membrane potential and calcium of one spine; receptor numbers fixed.",
    claims=(
        "NMDA receptors need glutamate and depolarisation together",
        "APV removes the synaptic calcium transient and leaves the AMPA depolarisation",
    ),
    limits=(
        "one lumped dendrite without active currents",
        "one class of calcium channels, instantaneous",
        "no GABA, no release failure",
    ),
    build=build,
)
