"""Purified CaMKII, calmodulin and PP1 in a test tube with held calcium."""

from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.camkii_holoenzyme import PURIFIED, calmodulin_activates_camkii
from ltpath.pathways.places import TUBE

from ltpath.catalogue import Entry
from ltpath.network import Network


def build(net: Network) -> None:
    calcium_is_held(net, TUBE)
    calcium_binds_calmodulin(net, TUBE)
    calmodulin_activates_camkii(net, TUBE, PURIFIED, subunits=4)


ENTRY = Entry(
    summary="Purified CaMKII rings, calmodulin and PP1 in a test tube (preparation: purified protein).",
    claims=(
        "autophosphorylation is steep in calcium and steeper with phosphatase",
        "T286A binds calmodulin but does not hold it or stay active",
    ),
    limits=("rings of four subunits, within 0.03 of the hexamer", "no GluN2B, no subunit exchange", "22-30 C, no temperature"),
    build=build,
)
