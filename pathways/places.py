"""Where things happen: the volumes of one synapse, of a dendrite, of soma and nucleus, and of a test tube."""

from ltpath.pathways.citations import RODRIGUES_2023

from ltpath.network import Place
from ltpath.quantity import Unit, defined, estimate

_CLEFT = estimate(1.4e-3, Unit.FEMTOLITRE, "0.07 um2 of apposed membrane, 20 nm apart; 1 mM is 843 molecules")
_SPINE = estimate(
    0.1,
    Unit.FEMTOLITRE,
    "a large CA1 spine; median 0.05, mean 0.03-0.06 in reconstructions; 0.03 in Rodrigues 2023",
    RODRIGUES_2023,
)
_DENDRITE = estimate(5.0, Unit.FEMTOLITRE, "10 um of dendrite, 0.8 um thick; proteins made there reach its spines")


def cleft(synapse: str) -> Place:
    return Place("cleft", _CLEFT, synapse)


def spine(synapse: str) -> Place:
    return Place("spine", _SPINE, synapse)


_NUCLEUS = estimate(524.0, Unit.FEMTOLITRE, "a sphere of 10 um")

_SOMA = estimate(1243.0, Unit.FEMTOLITRE, "a sphere of 15 um without its nucleus")
_OUTSIDE = estimate(
    1.0, Unit.FEMTOLITRE, "extracellular space around the dendrite, a fifth of the tissue; only concentrations count"
)

DENDRITE = Place("dendrite", _DENDRITE)
SOMA = Place("soma", _SOMA)
OUTSIDE = Place("outside", _OUTSIDE)
NUCLEUS = Place("nucleus", _NUCLEUS, "nucleus")
TUBE = Place("tube", defined(10.0, Unit.FEMTOLITRE, "an arbitrary part of a test tube; concentrations decide"))
