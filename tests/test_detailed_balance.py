"""Binding makes no free energy: around every closed cycle of reversible binding the constants multiply to 1."""

from __future__ import annotations

import numpy as np
import pytest
from ltpath.pathways.calcium import calcium_is_held
from ltpath.pathways.calmodulin import ORDYAN, calcium_binds_calmodulin
from ltpath.pathways.calmodulin_on_camkii import ORDYAN_LOBES
from ltpath.pathways.camkii_holoenzyme import PURIFIED, calmodulin_activates_camkii
from ltpath.pathways.camkii_holoenzyme import SPINE as CAMKII_SPINE
from ltpath.pathways.glun2b import SPINE as GLUN2B_SPINE
from ltpath.pathways.molecules import CALMODULIN
from ltpath.pathways.places import spine

from ltpath.catalogue import load
from ltpath.expansion import ReactionNetwork, expand
from ltpath.kernels import Kernel
from ltpath.network import Network

# Reversible rules that cost energy: receptors are moved by machines, phosphates and GTP are placed by enzymes.
DRIVEN = ("phosphorylates", "phosphorylated", "primes", "tags", "exocytosed", "endocytosed", "loads_Ras", "activates_ERK")


def binding_cycles(network: ReactionNetwork) -> tuple[int, float]:
    """Number of independent cycles of binding reactions, and the largest misfit of ln K to energies of species."""
    kernel = Kernel(network)
    kernel.set_parameters(network.parameters)
    # Any state will do: rates that read the state must close their cycles in all.
    amounts = np.random.default_rng(1).uniform(1.0, 50.0, len(network.species))
    constants = kernel.constants | {n: v[0] for n, v in kernel.read(amounts[None, :]).items()}
    names = [*network.meta["parameters"], *network.meta["constants"], *network.meta["expressions"]]
    rules = network.meta["rules"]
    rates: dict[tuple, dict[bool, float]] = {}
    arrays = network.arrays
    for r, (ins, outs) in enumerate(zip(arrays["reactants"], arrays["products"], strict=True)):
        code = int(arrays["rule"][r])
        if any(word in rules[abs(code) - 1] for word in DRIVEN):
            continue
        left, right = (tuple(sorted(int(i) for i in side if i >= 0)) for side in (ins, outs))
        if not left or not right:
            continue
        forward = code > 0
        rate = arrays["factor"][r] * constants[names[arrays["rate"][r]]]
        both = rates.setdefault((abs(code), *((left, right) if forward else (right, left))), {True: 0.0, False: 0.0})
        both[forward] += rate
    pairs = {key: both for key, both in rates.items() if min(both.values()) > 0}
    change = np.zeros((len(pairs), len(network.species)))
    for row, (_, left, right) in enumerate(pairs):
        np.add.at(change[row], list(left), -1.0)
        np.add.at(change[row], list(right), 1.0)
    ln_K = np.array([np.log(both[True] / both[False]) for both in pairs.values()])
    energies = np.linalg.lstsq(change, ln_K, rcond=1e-12)[0]
    return len(pairs) - int(np.linalg.matrix_rank(change)), float(np.abs(change @ energies - ln_K).max())


@pytest.mark.parametrize(
    ("model", "fewest_cycles"),
    [("calmodulin", 4), ("camkii", 100), ("camkii_hexamer_k3", 100), ("ampa_traffic", 40), ("early_ltp", 40)],
)
def test_every_cycle_of_binding_closes(model, fewest_cycles):
    cycles, misfit = binding_cycles(load(model).network)
    assert cycles >= fewest_cycles
    assert misfit < 1e-9


def single_subunit(kinetics, lobes_in_equilibrium: bool = False) -> ReactionNetwork:
    """What binds to a subunit of the full dodecamer, without the ring, which no rule of binding reads."""
    net, A = Network("camkii_subunit"), spine("A")
    calcium_is_held(net, A)
    if lobes_in_equilibrium:
        (CaM,) = net.monomers(A, CALMODULIN)
        net.initial(A, CaM(C="ca0", N="ca0", target=None), net.parameter("calmodulin_total", ORDYAN.total))
    else:
        calcium_binds_calmodulin(net, A)
    calmodulin_activates_camkii(
        net, A, kinetics, subunits=1, lobes=ORDYAN_LOBES, lobes_in_equilibrium=lobes_in_equilibrium, glun2b=GLUN2B_SPINE
    )
    return expand(net)


@pytest.mark.parametrize("kinetics", [PURIFIED, CAMKII_SPINE], ids=["purified", "spine"])
@pytest.mark.parametrize("lobes_in_equilibrium", [False, True], ids=["lobes", "lobes in equilibrium"])
def test_every_cycle_of_calcium_calmodulin_kinase_and_glun2b_closes(kinetics, lobes_in_equilibrium):
    cycles, misfit = binding_cycles(single_subunit(kinetics, lobes_in_equilibrium))
    # 40 states of the subunit that bind, joined by calcium, calmodulin and GluN2B.
    assert cycles >= 60
    assert misfit < 1e-9
