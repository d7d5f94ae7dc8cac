"""Calmodulin in a test tube with held calcium."""

from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin, neurogranin_holds_calmodulin
from ltpath.pathways.places import TUBE

from ltpath.catalogue import Entry
from ltpath.network import Network


def build(net: Network) -> None:
    calcium_is_held(net, TUBE)
    calcium_binds_calmodulin(net, TUBE)
    neurogranin_holds_calmodulin(net, TUBE)


ENTRY = Entry(
    summary="Calcium binding to the two lobes of calmodulin, with neurogranin, in a test tube.",
    claims=("calcium titration of calmodulin", "neurogranin lowers calmodulin's calcium affinity on the C lobe"),
    limits=("20-25 C", "no magnesium competition"),
    build=build,
)
