"""Dodecamers of CaMKII in a spine with held calcium: two rings of six, joined, run without a network."""

from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.camkii_holoenzyme import SPINE, calmodulin_activates_camkii
from ltpath.pathways.places import spine

from ltpath.catalogue import Entry
from ltpath.network import Network


def build(net: Network) -> None:
    A = spine("A")
    calcium_is_held(net, A)
    calcium_binds_calmodulin(net, A)
    calmodulin_activates_camkii(net, A, SPINE, subunits=6, stacked=True)


ENTRY = Entry(
    summary="Dodecamers of CaMKII in a spine with held calcium, five states a subunit, network-free.",
    claims=(
        "every subunit of the holoenzyme is written out, with its bonds within the ring and across",
        "a dodecamer acts as two hexamers: its mean is that of camkii_hexamer_k5",
    ),
    limits=("phosphorylation across the rings, GluN2B and subunit exchange are left out", "held calcium only"),
    build=build,
    network_free=True,
)
