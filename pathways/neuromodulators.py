"""Dopamine and noradrenaline act through Gs, cAMP and PKA; acetylcholine through M1 on NMDA receptors.

D1 and beta receptors load Gs, which switches adenylyl cyclase on; cAMP frees catalytic subunits of
PKA with the square of its concentration, and some of them go to the nucleus. Field stimulation
frees dopamine from fibres among those that it drives, noradrenaline and acetylcholine come with
the bath alone. At rest PKA is at the tonic level that models without cAMP hold constant: its
resting cAMP, and with it the basal synthesis, follow from that level.
"""

from dataclasses import dataclass

import pysb
import sympy
from ltpath.pathways.citations import (
    JEDRZEJEWSKA_2017,
    KIM_2010,
    MARKRAM_1990,
    MININGOU_2021,
    SMOLEN_2006,
)
from ltpath.pathways.glutamate import CLEFT
from ltpath.pathways.molecules import ADENYLYL_CYCLASE, CAMP, DOPAMINE, GLUTAMATE, GS, PKA
from ltpath.pathways.phosphatases import BASAL_PKA
from ltpath.pathways.places import OUTSIDE

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, published


@dataclass(frozen=True, kw_only=True)
class Dopamine:
    """Dopamine of the bath and of stimulated fibres, and its D1 receptor."""

    bath: Quantity
    per_pulse: Quantity
    k_clearance: Quantity
    receptors: Quantity
    Kd: Quantity
    unblocked: Quantity


@dataclass(frozen=True, kw_only=True)
class Noradrenaline:
    """Noradrenaline of the bath and beta receptors."""

    bath: Quantity
    receptors: Quantity
    Kd: Quantity
    unblocked: Quantity


@dataclass(frozen=True, kw_only=True)
class Acetylcholine:
    """Acetylcholine of the bath, M1 receptors, and what they do to NMDA receptors."""

    bath: Quantity
    Kd: Quantity
    unblocked: Quantity
    nmda_boost: Quantity


@dataclass(frozen=True, kw_only=True)
class Cyclase:
    """Gs, adenylyl cyclase and the end of cAMP."""

    gs: Quantity
    k_load: Quantity
    k_gtpase: Quantity
    cyclase: Quantity
    k_on: Quantity
    k_off: Quantity
    k_cat: Quantity
    forskolin: Quantity
    forskolin_half: Quantity
    k_pde: Quantity


@dataclass(frozen=True, kw_only=True)
class Kinase:
    """Catalytic subunits of PKA."""

    total: Quantity
    K_cAMP: Quantity
    k_held: Quantity
    k_nucleus: Quantity
    uninhibited: Quantity


DOPAMINE_D1 = Dopamine(
    bath=defined(0.0, Unit.MICROMOLAR, "dopamine, or a D1 agonist as so much dopamine, in the bath"),
    per_pulse=estimate(
        0.0015,
        Unit.MICROMOLAR,
        "dopamine that one pulse frees from stimulated fibres, so that a tetanus frees 0.15 uM, little enough to leave the early phase as it is; late LTP of slices needs D1 "
        "receptors without dopamine in the bath (Swanson-Park 1999), its amount is not known",
    ),
    k_clearance=estimate(1 / 120, Unit.PER_SECOND, "uptake and diffusion within minutes; no source"),
    receptors=published(0.5, Unit.MICROMOLAR, KIM_2010, "D1 receptors of the published code"),
    Kd=published(9.0, Unit.MICROMOLAR, KIM_2010, "dopamine and D1, 1.11 /uM/s and 10 /s"),
    unblocked=defined(1.0, Unit.NONE, "apparent affinity left by a competitive antagonist; 1 without one"),
)

NORADRENALINE_BETA = Noradrenaline(
    bath=defined(0.0, Unit.MICROMOLAR, "noradrenaline, or a beta agonist as so much noradrenaline, in the bath"),
    receptors=estimate(0.5, Unit.MICROMOLAR, "as many as D1 receptors; not in the notes of Jedrzejewska-Szmek 2017 read here"),
    Kd=published(0.9, Unit.MICROMOLAR, JEDRZEJEWSKA_2017, "agonist and beta-2 receptor, 5.56 /uM/s and 5 /s"),
    unblocked=defined(1.0, Unit.NONE, "apparent affinity left by a competitive antagonist; 1 without one"),
)

ACETYLCHOLINE_M1 = Acetylcholine(
    bath=defined(0.0, Unit.MICROMOLAR, "acetylcholine, or an M1 agonist as so much of it, around the synapse"),
    Kd=estimate(
        1.0, Unit.MICROMOLAR, "half of the effect of muscarinic agonists at micromolars, from memory", seen=Seen.UNVERIFIED
    ),
    unblocked=defined(1.0, Unit.NONE, "apparent affinity left by a competitive antagonist; 1 without one"),
    nmda_boost=estimate(
        0.5,
        Unit.NONE,
        "M1 adds half to the NMDA conductance; the abstract says that atropine-sensitive receptors potentiate responses to NMDA, not by how much",
        MARKRAM_1990,
    ),
)

GS_CYCLASE = Cyclase(
    gs=published(3.0, Unit.MICROMOLAR, KIM_2010, "Gs of the published code"),
    k_load=published(0.6, Unit.PER_MICROMOLAR_SECOND, KIM_2010, "receptor with ligand and Gs; GTP follows at 20 /s"),
    k_gtpase=published(10.0, Unit.PER_SECOND, KIM_2010, "hydrolysis of GTP on Gs"),
    cyclase=published(2.5, Unit.MICROMOLAR, KIM_2010, "AC1 of the published code"),
    k_on=published(38.5, Unit.PER_MICROMOLAR_SECOND, KIM_2010, "Gs with GTP and AC1"),
    k_off=published(10.0, Unit.PER_SECOND, KIM_2010, "Gs with GTP and AC1, Kd 0.26 uM"),
    k_cat=estimate(
        2.84,
        Unit.PER_SECOND,
        "AC1 with one activator; the published code has it for calmodulin alone, and ten times it for both",
        KIM_2010,
    ),
    forskolin=defined(0.0, Unit.MICROMOLAR, "forskolin in the bath"),
    forskolin_half=estimate(10.0, Unit.MICROMOLAR, "half of the effect at tens of micromolars, from memory", seen=Seen.UNVERIFIED),
    k_pde=estimate(
        0.4,
        Unit.PER_SECOND,
        "PDE4 of 0.1 uM (Miningou Zobon 2021) times 18 /s over 4.5 uM (Kim 2010); far from saturation",
        MININGOU_2021,
    ),
)

CATALYTIC_SUBUNITS = Kinase(
    total=published(2.4, Unit.MICROMOLAR, KIM_2010, "two in each of 1.2 uM holoenzymes"),
    K_cAMP=published(0.5, Unit.MICROMOLAR, SMOLEN_2006, "cAMP and PKA, Hill coefficient 2; binding steps lumped"),
    k_held=estimate(1 / 60, Unit.PER_SECOND, "regulatory subunits take catalytic ones back within a minute; 15 min in Smolen 2006"),
    k_nucleus=estimate(1 / 300, Unit.PER_SECOND, "catalytic subunits reach the nucleus within minutes; no source read"),
    uninhibited=defined(1.0, Unit.NONE, "activity of PKA left by an inhibitor or a mutant; 1 without one"),
)


def dopamine_and_noradrenaline_switch_pka(net: Network, dendrite: Place) -> pysb.Expression:
    """Add D1 and beta receptors, Gs, adenylyl cyclase, cAMP and PKA of the dendrite; return PKA in uM."""
    d1, beta = net.parameters("dopamine", DOPAMINE_D1), net.parameters("noradrenaline", NORADRENALINE_BETA)
    p = net.parameters("cyclase", GS_CYCLASE)
    (Da,) = net.monomers(OUTSIDE, DOPAMINE)
    Gs, AC, cAMP = net.monomers(dendrite, GS, ADENYLYL_CYCLASE, CAMP)

    net.rule("dopamine_is_cleared", OUTSIDE, Da() >> None, d1.k_clearance)
    released = net.observable("dopamine_released_count", Da())
    dopamine = net.readout(
        "dopamine", d1.bath + released / net.per_micromolar(OUTSIDE), Unit.MICROMOLAR, "dopamine around the dendrite"
    )
    for name, receptor, agonist in (("D1", d1, dopamine), ("beta_receptor", beta, beta.bath)):
        # Binding takes a tenth of a second, so that the occupied share is a formula of the concentration.
        occupied = receptor.receptors * receptor.unblocked * agonist / (receptor.Kd + receptor.unblocked * agonist)
        k_load = net.expression(f"cyclase_k_load_by_{name}", p.k_load * occupied, Unit.PER_SECOND)
        net.rule(f"{name}_loads_Gs", dendrite, Gs(nucleotide="GDP", cyclase=None) >> Gs(nucleotide="GTP", cyclase=None), k_load)
    active = Gs(nucleotide="GTP", cyclase=1) % AC(gs=1)
    net.rule("Gs_ends", dendrite, Gs(nucleotide="GTP", cyclase=None) >> Gs(nucleotide="GDP", cyclase=None), p.k_gtpase)
    net.rule("Gs_binds_cyclase", dendrite, Gs(nucleotide="GTP", cyclase=None) + AC(gs=None) | active, p.k_on, p.k_off)
    net.rule("Gs_ends_on_cyclase", dendrite, active >> Gs(nucleotide="GDP", cyclase=None) + AC(gs=None), p.k_gtpase)
    forskolin = net.constant(
        "cyclase_k_cat_with_forskolin", p.k_cat * p.forskolin / (p.forskolin + p.forskolin_half), Unit.PER_SECOND
    )
    net.rule("cyclase_with_Gs_makes_cAMP", dendrite, active >> active + cAMP(), p.k_cat)
    net.rule("forskolin_drives_cyclase", dendrite, AC(gs=None) >> AC(gs=None) + cAMP(), forskolin)
    net.rule("phosphodiesterase_ends_cAMP", dendrite, cAMP() >> None, p.k_pde)
    net.initial(dendrite, Gs(nucleotide="GDP", cyclase=None), p.gs)
    net.initial(dendrite, AC(gs=None), p.cyclase)
    return _camp_frees_pka(net, dendrite)


def _camp_frees_pka(net: Network, dendrite: Place, k: Kinase = CATALYTIC_SUBUNITS) -> pysb.Expression:
    p, basal = net.parameters("pka", k), net.parameter("pka_basal", BASAL_PKA)
    k_pde = net.model.parameters["cyclase_k_pde"]
    cAMP, Pka = net.monomers(dendrite, CAMP, PKA)
    rest = net.constant("cAMP_at_rest", p.K_cAMP * sympy.sqrt(basal / (p.total - basal)), Unit.MICROMOLAR)
    synthesis = net.constant("cyclase_basal_synthesis", k_pde * rest, Unit.MICROMOLAR_PER_SECOND)
    held = net.constant("pka_held_at_rest", p.total - basal, Unit.MICROMOLAR)
    count = net.observable("cAMP_count", cAMP())
    cyclic = net.readout("cAMP_free", count / net.per_micromolar(dendrite), Unit.MICROMOLAR, "cAMP in the dendrite")
    k_free = net.expression("pka_k_free", p.k_held * (cyclic / p.K_cAMP) ** 2, Unit.PER_SECOND)
    net.rule("cyclase_makes_cAMP_at_rest", dendrite, None >> cAMP(), synthesis)
    net.rule("cAMP_frees_PKA", dendrite, Pka(state="held") | Pka(state="free"), k_free, p.k_held)
    net.initial(dendrite, cAMP(), rest)
    net.initial(dendrite, Pka(state="held"), held)
    net.initial(dendrite, Pka(state="free"), basal)
    free = net.observable("PKA_free_count", Pka(state="free"))
    return net.readout(
        "PKA_active", p.uninhibited * free / net.per_micromolar(dendrite), Unit.MICROMOLAR, "active PKA in the dendrite"
    )


def pka_enters_the_nucleus(net: Network, nucleus: Place) -> pysb.Expression:
    """Add catalytic subunits of the nucleus, which follow those of the dendrite within minutes; return active PKA there in uM."""
    p, basal = net.parameters("pka", CATALYTIC_SUBUNITS), net.parameter("pka_basal", BASAL_PKA)
    (Pka,) = net.monomers(nucleus, PKA)
    outside = net.model.observables["PKA_free_count"] / net.model.expressions["molecules_per_uM_dendrite"]
    entry = net.expression("pka_entry_to_nucleus", p.k_nucleus * outside, Unit.MICROMOLAR_PER_SECOND)
    net.rule("PKA_enters", nucleus, None >> Pka(state="free"), entry)
    net.rule("PKA_leaves", nucleus, Pka(state="free") >> None, p.k_nucleus)
    net.initial(nucleus, Pka(state="free"), basal)
    free = net.observable(f"PKA_free_count{nucleus.suffix}", Pka(state="free"))
    return net.readout(
        f"PKA_active{nucleus.suffix}",
        p.uninhibited * free / net.per_micromolar(nucleus),
        Unit.MICROMOLAR,
        "active PKA in the nucleus",
    )


def stimulated_fibres_release_dopamine(net: Network, cleft: Place, k: Dopamine = DOPAMINE_D1) -> None:
    """Add dopamine from fibres that a field stimulus drives together with those of this synapse."""
    p, glutamate = net.parameters("dopamine", k), net.parameters("glutamate", CLEFT)
    (Da,) = net.monomers(OUTSIDE, DOPAMINE)
    net.monomers(cleft, GLUTAMATE)
    pulse = net.model.expressions[f"glutamate{cleft.suffix}"] / glutamate.release
    # The square, whose integral over a pulse is half its time constant, keeps ambient glutamate from counting as a stimulus.
    release = net.expression(
        f"dopamine_release{cleft.suffix}", 2 * p.per_pulse * glutamate.k_clearance * pulse**2, Unit.MICROMOLAR_PER_SECOND
    )
    net.rule(f"stimulus_frees_dopamine{cleft.suffix}", OUTSIDE, None >> Da(), release)


def acetylcholine_boosts_nmda_receptors(net: Network, k: Acetylcholine = ACETYLCHOLINE_M1) -> pysb.Expression:
    """The factor on the conductance of NMDA receptors that M1 receptors give."""
    p = net.parameters("acetylcholine", k)
    occupied = p.unblocked * p.bath / (p.Kd + p.unblocked * p.bath)
    return net.constant("acetylcholine_nmda_gain", 1 + p.nmda_boost * occupied, Unit.NONE)
