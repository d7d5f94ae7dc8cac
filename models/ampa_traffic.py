"""Receptor traffic of one spine, driven by held calcium."""

import pysb
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
from ltpath.network import Network, Place


def calcium_moves_receptors(net: Network, spine: Place, pka: pysb.Expression | None = None) -> pysb.Expression:
    """Add what calcium of a spine does there, from calmodulin to AMPA receptors; return the synapse's strength.

    Without a model of PKA, `pka` in uM, it is at its tonic level.
    """
    calcium_binds_calmodulin(net, spine)
    neurogranin_holds_calmodulin(net, spine)
    calcineurin = calmodulin_activates_calcineurin(net, spine)
    pp1 = inhibitor_1_holds_pp1(net, spine, calcineurin, pka)
    camkii = calmodulin_activates_camkii(net, spine, freed=pp1)
    erk = calcium_switches_ras_and_erk(net, spine)
    strength = receptors_cycle_through_synapse(net, spine, erk)
    camkii_tags_slots_and_brings_new_ones(net, spine, camkii, erk, pp1)
    pp1_disperses_slots(net, spine, pp1)
    kinases_phosphorylate_glua1(net, spine, camkii, calcineurin, pp1, pka)
    return strength


def build(net: Network) -> None:
    A = spine("A")
    calcium_is_held(net, A)
    calcium_moves_receptors(net, A)


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
