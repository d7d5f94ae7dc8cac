"""Drugs and mutants by name. Each is an overlay of parameters; strengths say how they are known."""

from ltpath.pathways.citations import CHANG_2017, JAHR_1990, PENN_2017

from ltpath.perturbation import Effect, Perturbation

_ALL = (
    Perturbation(
        "apv",
        "D-APV, competitive NMDA receptor antagonist",
        (Effect("nmda_gating_apv", is_dose=True),),
        "occupancy dose/(dose + Ki); 50 uM leaves under 3 % of the conductance",
        dose=50.0,
    ),
    Perturbation(
        "zero_magnesium",
        "no Mg2+ outside: NMDA receptors without block",
        (Effect("nmda_gating_magnesium", value=0.0),),
        "Mg2+-free solution",
        source=JAHR_1990,
    ),
    Perturbation(
        "ampar_block",
        "CNQX, AMPA receptor antagonist",
        (Effect("ampa_gating_unblocked", half_dose=0.3),),
        "IC50 about 0.3 uM, from memory, not yet read",
        dose=10.0,
    ),
    Perturbation(
        "camkii_inhibitor",
        "inhibitor of CaMKII's catalytic site (AIP-like)",
        (Effect("camkii_uninhibited", half_dose=0.05),),
        "IC50 about 50 nM, from memory, not yet read; calmodulin still binds",
        dose=5.0,
    ),
    Perturbation(
        "t286a",
        "CaMKII T286A: activates but cannot phosphorylate T286",
        (Effect("camkii_k_T286", value=0.0),),
        "T286 rate 0; the mutant's 6-fold lower turnover (Tzortzopoulos 2004) is not included",
        genotype=True,
        source=CHANG_2017,
    ),
    Perturbation(
        "t286d",
        "CaMKII T286D: phosphomimetic, autonomous",
        (
            Effect("camkii_k_T286_without_neighbour", value=10.0),
            Effect("camkii_pp1", value=0.0),
            Effect("camkii_k_T306", value=0.0),
        ),
        "every subunit counts as pT286 from the start and no phosphatase acts on it; T305/306 left free",
        genotype=True,
    ),
    Perturbation(
        "t305_306a",
        "CaMKII T305/306A: no inhibitory autophosphorylation",
        (Effect("camkii_k_T306", value=0.0),),
        "T305/306 rate 0",
        genotype=True,
    ),
    Perturbation(
        "pp1_inhibitor",
        "inhibitor of PP1 alone (inhibitor-2-like)",
        (Effect("pp1_uninhibited", half_dose=0.002),),
        "IC50 about 2 nM, from memory, not yet read; the phosphatases at rest, mostly PP2A, are spared",
        dose=0.1,
    ),
    Perturbation(
        "calcineurin_inhibitor",
        "FK506, inhibitor of calcineurin",
        (Effect("calcineurin_k_on", half_dose=0.01),),
        "modelled as loss of activation; IC50 about 10 nM, from memory, not yet read",
        dose=1.0,
    ),
    Perturbation(
        "exocytosis_block",
        "tetanus toxin: no vesicle fusion in the postsynaptic cell",
        (Effect("ampa_traffic_exocytosis", value=0.0),),
        "complete block of receptor exocytosis in spine and dendrite",
        source=PENN_2017,
    ),
    Perturbation(
        "calcium_chelator",
        "BAPTA from the patch pipette",
        (Effect("chelator_pipette", is_dose=True),),
        "dialyses within minutes; dose is the pipette's concentration",
        dose=10000.0,
    ),
)

PERTURBATIONS = {p.name: p for p in _ALL}
