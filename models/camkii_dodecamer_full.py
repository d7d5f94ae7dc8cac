"""Dodecamers of CaMKII in a spine with held calcium, with both lobes of calmodulin and GluN2B, run without a network."""

from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin
from ltpath.pathways.calmodulin_on_camkii import ORDYAN_LOBES
from ltpath.pathways.camkii_holoenzyme import SPINE, calmodulin_activates_camkii
from ltpath.pathways.glun2b import SPINE as GLUN2B
from ltpath.pathways.places import spine

from ltpath.catalogue import Entry
from ltpath.network import Network


def build(net: Network) -> None:
    A = spine("A")
    calcium_is_held(net, A)
    calcium_binds_calmodulin(net, A)
    calmodulin_activates_camkii(net, A, SPINE, subunits=6, stacked=True, lobes=ORDYAN_LOBES, glun2b=GLUN2B)


ENTRY = Entry(
    summary="Dodecamers of CaMKII with both lobes of calmodulin and GluN2B, in a spine with held calcium, network-free.",
    claims=(
        "calmodulin binds the kinase in each state of its two lobes, and every binding cycle closes",
        "open subunits bind GluN2B, which keeps them active and shields them from PP1 and from T305/306",
    ),
    limits=(
        "phosphorylation across the rings, S1303 of GluN2B and subunit exchange are left out; subunits of a holoenzyme bind "
        "GluN2B independently of each other; held calcium only",
        "k_T286 is the spine's, fitted with a model in which only calmodulin with four calcium binds",
    ),
    build=build,
    network_free=True,
)
