"""Hexamer rings of CaMKII in a spine, five states a subunit: 2,635 ring species, for uncaged calcium."""

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
    calmodulin_activates_camkii(net, A, SPINE, subunits=6, states=5)


ENTRY = Entry(
    summary="Hexamer rings of CaMKII in a spine, 2,635 ring species: and T305/306 keeps it off.",
    claims=("every arrangement of a ring of six is a species of its own", "calcium uncaged in the spine activates the rings"),
    limits=("no GluN2B, no subunit exchange", "no receptors and no traffic: the kinase alone", "a dodecamer is two such rings"),
    build=build,
)
