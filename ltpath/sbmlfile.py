"""A reaction network alone as SBML, for simulators that run it between two events."""

from __future__ import annotations

import libsbml
import numpy as np

from ltpath.expansion import ReactionNetwork
from ltpath.exporters.sbml import to_sbml


def sbml_text(network: ReactionNetwork, held: np.ndarray) -> str:
    """The SBML of a network without a protocol; `ltpath.exporters.identifiers` gives the ids.

    Whoever reads it sets the amounts, the parameters, and the constants that follow from
    parameters, which are plain values here and not formulas.

    Parameters
    ----------
    network : ReactionNetwork
    held : numpy.ndarray of bool
        Species that stay constant.
    """
    # The clock of a network whose rates read the time stays a species here, as it is for every engine.
    meta = {name: value for name, value in network.meta.items() if name != "clock"}
    document = libsbml.readSBMLFromString(to_sbml(ReactionNetwork(network.name, meta, network.arrays)))
    model = document.getModel()
    for i, fixed in enumerate(held.tolist()):
        model.getSpecies(i).setBoundaryCondition(fixed)
    model.getListOfInitialAssignments().clear()
    return libsbml.writeSBMLToString(document)
