"""Receptor traffic of one spine, driven by held calcium."""

from ltpath.pathways.ampa_traffic import (
    camkii_tags_slots_and_brings_new_ones,
    kinases_phosphorylate_glua1,
    pp1_disperses_slots,
    receptors_cycle_through_synapse,
)
from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import calcium_binds_calmodulin, neurogranin_holds_calmodulin
from ltpath.pathways.camkii_holoenzyme import calmodulin_activates_camkii
from ltpath.pathways.exocytosis_signal import calcium_switches_ras_and_erk
from ltpath.pathways.phosphatases import calmodulin_activates_calcineurin, inhibitor_1_holds_pp1
from ltpath.pathways.places import spine

from ltpath.catalogue import Entry
from ltpath.network import Network


def build(net: Network) -> None:
    A = spine("A")
    calcium_is_held(net, A)
    calcium_binds_calmodulin(net, A)
    neurogranin_holds_calmodulin(net, A)
    calcineurin = calmodulin_activates_calcineurin(net, A)
    pp1 = inhibitor_1_holds_pp1(net, A, calcineurin)
    camkii = calmodulin_activates_camkii(net, A, freed=pp1)
    erk = calcium_switches_ras_and_erk(net, A)
    receptors_cycle_through_synapse(net, A, erk)
    camkii_tags_slots_and_brings_new_ones(net, A, camkii, erk, pp1)
    pp1_disperses_slots(net, A, pp1)
    kinases_phosphorylate_glua1(net, A, camkii, calcineurin, pp1)


ENTRY = Entry(
    summary="AMPA receptor traffic of one spine, with CaMKII, calcineurin and PP1, driven by held calcium.",
    claims=(
        "CaMKII moves receptors from the reserve pool into the synapse",
        "exocytosis block leaves only a decaying early phase",
        "calcium has two thresholds: long and low depresses, high potentiates within seconds",
    ),
    limits=("slots are counted, not placed", "rings of three subunits"),
    build=build,
)
