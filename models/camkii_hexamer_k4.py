"""Hexamer rings of CaMKII in a spine, four states a subunit: 700 ring species, for uncaged calcium."""

from ltpath.pathways.calcium import calcium_is_buffered_and_extruded
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.camkii_holoenzyme import SPINE, calmodulin_activates_camkii
from ltpath.pathways.places import spine

from ltpath.catalogue import Entry
from ltpath.network import Network


def build(net: Network) -> None:
    A = spine("A")
    calcium_is_buffered_and_extruded(net, A)
    calcium_binds_calmodulin(net, A)
    calmodulin_activates_camkii(net, A, SPINE, subunits=6, states=4)


ENTRY = Entry(
    summary="Hexamer rings of CaMKII in a spine, 700 ring species: trapped calmodulin leaves, the subunit stays active.",
    claims=("every arrangement of a ring of six is a species of its own", "calcium uncaged in the spine activates the rings"),
    limits=("no phosphorylation at T305/306", "no receptors and no traffic: the kinase alone", "a dodecamer is two such rings"),
    build=build,
)
