"""One spine, its dendrite and the nucleus: early LTP and the late phase in one run."""

from ltpath.models.neuron import synapses_share_a_nucleus

from ltpath.catalogue import Entry
from ltpath.network import Network


def build(net: Network) -> None:
    synapses_share_a_nucleus(net, 1)


ENTRY = Entry(
    summary="One synapse with dendrite and nucleus: early LTP, tag, protein synthesis, capture, persistent slots, scaling.",
    claims=(
        "four tetani are remembered for hours by protein synthesis, one is not",
        "a weak tetanus with a beta or D1 agonist lasts",
        "surface of the spine goes with its volume to the power 2/3, receptors are held at constant density",
        "two days without spikes raise the weight, threefold firing lowers it",
        "little fuel switches AMPK on, which brakes translation and the late phase",
    ),
    limits=(
        "concentrations in the spine do not follow its volume",
        "one dendritic segment receives all mRNA",
        "persistent slots are lost with the lifetime of PSD-95 and nothing renews them",
    ),
    build=build,
)
