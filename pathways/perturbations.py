"""Drugs, mutants and conditions by name. Each is an overlay of parameters; strengths say how they are known."""

from ltpath.pathways.citations import (
    CAIS_2008,
    CHANG_2017,
    FREY_1988,
    HANES_2020,
    HUBER_2002,
    JAHR_1990,
    KANG_2001,
    KULA_2024,
    PENN_2017,
    POTTER_2010,
    PUZZO_2008,
    TURRIGIANO_1998,
    WEEBER_2003,
    YANG_2020,
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
        (Effect("exocytosis_signal_k_erk_on", half_dose=0.07),),
        "IC50 about 0.07 uM, from memory, not yet read; acts on ERK in spines",
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
        (Effect("creb_total", factor=0.1),),
        "a tenth of CREB left, an estimate; no other factor (CREM) takes its place; knockouts disagree on whether late LTP is impaired",
        genotype=True,
    ),
    Perturbation(
        "ttx",
        "tetrodotoxin: no spikes, spontaneous or evoked",
        (
            Effect("scaling_spontaneous", value=0.0),
            Effect("scaling_evoked", value=0.0),
            Effect("membrane_spike_peak", value=-70.0),
            Effect("nuclear_calcium_per_spike", value=0.0),
        ),
        "complete block, as with 1 uM; weights rise over two days; a train then stands for uncaging, as it still releases glutamate",
        source=TURRIGIANO_1998,
    ),
    Perturbation(
        "bicuculline",
        "bicuculline, GABA-A receptor antagonist: more spontaneous spikes",
        (Effect("scaling_spontaneous", factor=3.0),),
        "three times the spontaneous rate, an estimate; weights fall over two days; inhibition itself is not modelled",
        source=TURRIGIANO_1998,
    ),
    Perturbation(
        "divergent_scaling",
        "scaling adds more receptors at large spines than at small ones",
        (Effect("scaling_divergence", value=1.0),),
        "a variant of scaling: the factor rises with the synapse's strength, instead of being one for all",
        genotype=True,
        source=HANES_2020,
    ),
    Perturbation(
        "cluster_renewal",
        "clusters of persistent slots that rebuild what they lose",
        (Effect("capture_renewal", value=0.95),),
        "a hypothesis, without a source, of how a trace could outlast its molecules: 95 % of lost slots are rebuilt at once",
        genotype=True,
    ),
    Perturbation(
        "metformin",
        "metformin, activator of AMPK",
        (Effect("metabolism_ampk_drive", value=10.0),),
        "ten times AMPK's activation, an estimate; stands for 5 uM in slices; brakes mTOR, so less of the late phase",
        source=POTTER_2010,
    ),
    Perturbation(
        "ampk_alpha2_loss",
        "loss of AMPK alpha2: PERK phosphorylates eIF2alpha",
        (Effect("metabolism_ampk_drive", value=0.0), Effect("translation_elongation", factor=0.4)),
        "the opposite of metformin with the same sign of effect: late LTP impaired, as less is translated; 0.4 is an estimate",
        genotype=True,
        source=YANG_2020,
    ),
    Perturbation(
        "low_atp",
        "little fuel for mitochondria",
        (Effect("metabolism_supply", factor=0.3),),
        "a third of the fuel, an estimate; AMPK on, less of the late phase",
        source=POTTER_2010,
    ),
    Perturbation(
        "insulin_resistance",
        "no insulin-driven glucose uptake, less drive of mTOR",
        (Effect("metabolism_supply", factor=0.4), Effect("translation_mtor", factor=0.7)),
        "strengths are estimates; LTP decreases when GLUT4 is blocked (abstract); only the late phase feels it here",
        source=KULA_2024,
    ),
    Perturbation(
        "ketone",
        "beta-hydroxybutyrate as fuel where glucose is short",
        (Effect("metabolism_supply", factor=2.5),),
        "makes up for what insulin resistance takes from the fuel; rescues LTP there (abstract); the factor is an estimate",
        source=KULA_2024,
    ),
    Perturbation(
        "ketone_fed",
        "beta-hydroxybutyrate where glucose is plenty",
        (Effect("calcium_entry_nmda_calcium_share", factor=0.85),),
        "damped excitation, taken as less calcium through NMDA receptors, lowers LTP; direction and strength are estimates without a source",
    ),
    Perturbation(
        "amyloid_beta",
        "amyloid beta 42 at high nanomolar concentration",
        (Effect("calcium_entry_nmda_calcium_share", half_dose=0.467), Effect("pka_basal", half_dose=0.2)),
        "200 nM leave 0.7 of the calcium through NMDA receptors and half of PKA, estimates; potentiation falls",
        dose=0.2,
        source=PUZZO_2008,
    ),
    Perturbation(
        "amyloid_beta_picomolar",
        "amyloid beta 42 at low picomolar concentration",
        (Effect("calcium_entry_nmda_calcium_share", factor=1.1),),
        "a tenth more calcium, an estimate for what alpha7 nicotinic receptors do; potentiation rises",
        source=PUZZO_2008,
    ),
    Perturbation(
        "fragile_x",
        "loss of FMRP: more translation",
        (Effect("translation_k_protein", factor=1.4),),
        "1.4 times the translation, an estimate; late LTP as usual; depression here never needs protein synthesis",
        genotype=True,
        source=HUBER_2002,
    ),
    Perturbation(
        "angelman",
        "loss of maternal Ube3a: less active CaMKII",
        (Effect("camkii_uninhibited", factor=0.6),),
        "0.6 of the activity and autophosphorylation, an estimate; measured: more pT305, less of both, less LTP",
        genotype=True,
        source=WEEBER_2003,
    ),
    Perturbation(
        "angelman_t305_rate",
        "loss of maternal Ube3a as faster phosphorylation of T305/306",
        (Effect("camkii_k_T306", factor=5.0),),
        "five times the rate, an estimate; expected: less LTP; here pT305/306 keeps PP1 from pT286, so that the rules give more",
        genotype=True,
        source=WEEBER_2003,
    ),
)

PERTURBATIONS = {p.name: p for p in _ALL}
