"""Drugs, mutants and conditions by name. Each is an overlay of parameters; strengths say how they are known."""

from ltpath.pathways.citations import (
    ABEL_1997,
    ALARCON_2004,
    ATROPINE_1995,
    BALSCHUN_2003,
    CAIS_2008,
    CHANG_2017,
    DEISSEROTH_1996,
    DUFFY_2003,
    FREY_1988,
    GELINAS_2005,
    GOVINDARAJAN_2011,
    JAHR_1990,
    KANG_2001,
    MARKRAM_1990,
    PENN_2017,
    SEIDENBECHER_1997,
    SWANSON_1999,
)

from ltpath.perturbation import Effect, Perturbation

_COOLING = 12.0
"""Degrees between the spine that the parameters stand for, 34 C, and a recording at 22 C."""


def _cooled(Q10: float, pathway: str, *rates: str) -> tuple[Effect, ...]:
    return tuple(Effect(f"{pathway}_{rate}", factor=Q10 ** (-_COOLING / 10)) for rate in rates)


_ROOM_TEMPERATURE = (
    Effect("nmda_gating_warming", value=1.0),
    *_cooled(2.0, "ampa_gating", "k_open", "k_close"),
    *_cooled(1.3, "glutamate", "k_clearance"),
    *_cooled(2.0, "calcium", "k_extrusion"),
    *_cooled(2.0, "camkii", "k_T286", "k_T306", "k_T306_return", "k_cat_pp1"),
    *_cooled(2.0, "pp1", "k_pka", "k_calcineurin"),
    *_cooled(2.0, "ampa_phosphorylation", "k_S831", "k_S845", "k_S831_pp1", "k_S845_pp1", "k_S845_calcineurin"),
    *_cooled(2.0, "exocytosis_signal", "k_ras_on", "k_ras_off", "k_erk_on", "k_erk_off"),
    *_cooled(2.0, "early_ltp", "k_tag", "k_untag", "k_new_slot", "k_slot_loss"),
    *_cooled(2.0, "depression", "k_dispersal", "k_reassembly"),
    *_cooled(2.0, "ampa_traffic", "k_exocytosis", "k_endocytosis", "k_dendritic_loss"),
    *_cooled(1.3, "ampa_traffic", "k_in", "k_out"),
)

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
        "room_temperature",
        "22 C instead of 34 C, in a spine",
        _ROOM_TEMPERATURE,
        "NMDA gating at the published rates of 22-25 C, half as fast: measured Q10 of its steps 2.7 to 10 (Cais 2008); enzymes, "
        "pumps, membrane traffic and AMPA gating with a Q10 of 2, diffusion 1.3, both estimates; binding of calcium and calmodulin "
        "as it is, because its constants are of 20-25 C; a test tube is at room temperature already",
        genotype=True,
        source=CAIS_2008,
    ),
    Perturbation(
        "calcium_chelator",
        "BAPTA from the patch pipette",
        (Effect("chelator_pipette", is_dose=True),),
        "dialyses within minutes; dose is the pipette's concentration",
        dose=10000.0,
    ),
    Perturbation(
        "anisomycin",
        "anisomycin, inhibitor of translation",
        (Effect("translation_elongation", half_dose=3.5),),
        "20 uM leave 15 % of translation, as 85 % or more of leucine incorporation was blocked (abstract); of it only "
        "plasticity-related protein is modelled",
        dose=20.0,
        source=FREY_1988,
    ),
    Perturbation(
        "cycloheximide",
        "cycloheximide, inhibitor of translation",
        (Effect("translation_elongation", half_dose=1.0),),
        "IC50 about 1 uM, from memory, not yet read",
        dose=60.0,
    ),
    Perturbation(
        "actinomycin_d",
        "actinomycin D, inhibitor of transcription",
        (Effect("transcription_polymerase", half_dose=2.0),),
        "40 uM, the dose in slices, taken to leave 5 % of transcription; no source for the IC50",
        dose=40.0,
    ),
    Perturbation(
        "rapamycin",
        "rapamycin, inhibitor of mTOR complex 1",
        (Effect("translation_mtor", half_dose=0.005),),
        "IC50 of nanomolars, from memory, not yet read; the part of translation that needs mTOR is an estimate",
        dose=0.2,
    ),
    Perturbation(
        "mek_inhibitor",
        "U0126, inhibitor of MEK",
        (Effect("exocytosis_signal_k_erk_on", half_dose=0.07), Effect("nuclear_erk_mek_uninhibited", half_dose=0.07)),
        "IC50 about 0.07 uM, from memory, not yet read; acts on ERK in spines and on its way to the nucleus; expected: late LTP down",
        dose=20.0,
    ),
    Perturbation(
        "camkiv_dominant_negative",
        "dominant negative CaMKIV",
        (Effect("camkiv_k_T196", factor=0.1),),
        "a tenth of CaMKIV's activation left, an estimate; measured: less pCREB and late LTP, early LTP normal",
        genotype=True,
        source=KANG_2001,
    ),
    Perturbation(
        "creb_loss",
        "loss of CREB",
        (Effect("creb_total", factor=0.01),),
        "a hundredth of CREB left, an estimate, which sits on a third of the CREs; no other factor (CREM) takes its place, as in "
        "creb_loss_with_crem; expected: late LTP down",
        genotype=True,
    ),
    Perturbation(
        "creb_loss_with_crem",
        "loss of CREB that CREM makes up for",
        (Effect("creb_total", factor=0.8),),
        "four fifths of what binds CRE left, an estimate; expected: late LTP normal, as measured in a knockout with more CREM (abstract)",
        genotype=True,
        source=BALSCHUN_2003,
    ),
    Perturbation(
        "cbp_half",
        "one copy of CBP",
        (Effect("cbp_total", factor=0.5),),
        "half of CBP; expected: late LTP down, early LTP normal (abstract)",
        genotype=True,
        source=ALARCON_2004,
    ),
    Perturbation(
        "spikes_silent_to_nucleus",
        "spikes bring no calcium to the nucleus and soma",
        (Effect("nuclear_calcium_per_spike", value=0.0),),
        "spikes alone did not phosphorylate CREB (abstract); the default follows Dudek and Fields 2002, where they did; expected: no late LTP here",
        genotype=True,
        source=DEISSEROTH_1996,
    ),
    Perturbation(
        "pka_inhibitor",
        "KT5720, inhibitor of PKA",
        (Effect("pka_uninhibited", half_dose=1.0),),
        "half at 1 uM, as ATP of the cell competes (60 nM in a test tube), from memory, not yet read; expected: late LTP down, early LTP normal (abstract, with a peptide inhibitor)",
        dose=1.0,
        source=DUFFY_2003,
    ),
    Perturbation(
        "pka_reduced",
        "R(AB), regulatory subunit of PKA that does not let go",
        (Effect("pka_uninhibited", factor=0.5),),
        "PKA activity was reduced (abstract), half is an estimate; expected: late LTP down, early LTP and basal transmission normal",
        genotype=True,
        source=ABEL_1997,
    ),
    Perturbation(
        "forskolin",
        "forskolin, activator of adenylyl cyclase",
        (Effect("cyclase_forskolin", is_dose=True),),
        "expected: a weak stimulus lasts (abstract)",
        dose=50.0,
        source=GOVINDARAJAN_2011,
    ),
    Perturbation(
        "dopamine",
        "dopamine in the bath",
        (Effect("dopamine_bath", is_dose=True),),
        "through D1 receptors alone; a D1 agonist counts as so much dopamine; expected: a weak stimulus lasts (abstract, SKF 38393)",
        dose=50.0,
        source=SWANSON_1999,
    ),
    Perturbation(
        "d1_block",
        "SCH 23390, D1 receptor antagonist",
        (Effect("dopamine_unblocked", half_dose=0.001),),
        "competitive, Ki of nanomolars or less, from memory, not yet read; expected: LTP starts alike and does not last (abstract)",
        dose=1.0,
        source=SWANSON_1999,
    ),
    Perturbation(
        "noradrenaline",
        "noradrenaline, or the beta agonist isoproterenol, in the bath",
        (Effect("noradrenaline_bath", is_dose=True),),
        "through beta receptors alone; expected: a weak stimulus lasts for 6 h by translation, without transcription (abstract)",
        dose=1.0,
        source=GELINAS_2005,
    ),
    Perturbation(
        "beta_block",
        "propranolol, beta receptor antagonist",
        (Effect("noradrenaline_unblocked", half_dose=0.01),),
        "competitive, Ki about 10 nM, from memory, not yet read; expected: nothing without noradrenaline (CA1 slices), "
        "no reinforcement with it (dentate gyrus, abstract)",
        dose=1.0,
        source=SEIDENBECHER_1997,
    ),
    Perturbation(
        "acetylcholine",
        "acetylcholine around the synapse",
        (Effect("acetylcholine_bath", is_dose=True),),
        "through M1 receptors on NMDA receptors alone; expected: more LTP from the same stimulus",
        dose=10.0,
        source=MARKRAM_1990,
    ),
    Perturbation(
        "atropine",
        "atropine, antagonist of muscarinic receptors",
        (Effect("acetylcholine_unblocked", half_dose=0.001),),
        "competitive, Ki of nanomolars, from memory, not yet read; expected: what acetylcholine adds is gone (abstract, at 100 uM)",
        dose=100.0,
        source=ATROPINE_1995,
    ),
)

PERTURBATIONS = {p.name: p for p in _ALL}
