"""pCREB with CBP opens the promoter of a gene; its mRNA goes to the dendrite and is translated there.

One gene stands for those whose proteins synapses capture. CREB sits on its CRE whether
phosphorylated or not; CBP binds phosphorylated CREB alone, and opens the promoter only when
CaMKIV or PKA has phosphorylated it at S301 and MSK, or what else nuclear ERK drives, is active.
So transcription goes with the product of all three. An open promoter makes transcripts one after the other until it closes: bursts, in engines of single
molecules. A store of mRNA is in the dendrite at all times and is translated while ERK is active
and PKA strongly so: late LTP with a beta agonist needs translation and ERK, not transcription (Gelinas and Nguyen 2005, abstract).
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.citations import CLOPATH_2008, DAS_2018, HU_1999, KITAGAWA_2017, SMOLEN_2006
from ltpath.pathways.fitted import fitted
from ltpath.pathways.molecules import CBP, CREB, GENE, MRNA, PLASTICITY_PROTEIN, STORED_MRNA

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, measured, published


@dataclass(frozen=True, kw_only=True)
class Coactivator:
    """CBP, its grip on pCREB, and its phosphorylation."""

    total: Quantity
    k_on: Quantity
    k_off: Quantity
    k_camkiv: Quantity
    k_pka: Quantity
    k_S301_off: Quantity


@dataclass(frozen=True, kw_only=True)
class Transcription:
    """CREB on DNA, the promoter, synthesis of mRNA, its way and its end."""

    genes: Quantity
    k_dna_off: Quantity
    Kd_dna: Quantity
    k_open: Quantity
    k_close: Quantity
    k_basal: Quantity
    k_transcript: Quantity
    polymerase: Quantity
    k_transport: Quantity
    k_mrna_loss: Quantity


@dataclass(frozen=True, kw_only=True)
class Translation:
    """Synthesis of plasticity-related protein and its end."""

    k_protein: Quantity
    elongation: Quantity
    mtor: Quantity
    mtor_share: Quantity
    stored: Quantity
    pka_half: Quantity
    k_protein_loss: Quantity


CBP_S301 = Coactivator(
    total=estimate(0.1, Unit.MICROMOLAR, "only the order of magnitude is known"),
    k_on=estimate(
        6.0,
        Unit.PER_MICROMOLAR_SECOND,
        "phosphorylated KID and KIX in solution, from memory; a microbalance gave a tenfold weaker grip (Matsuno 2004)",
        seen=Seen.UNVERIFIED,
    ),
    k_off=estimate(8.0, Unit.PER_SECOND, "same, Kd 1.3 uM", seen=Seen.UNVERIFIED),
    k_camkiv=estimate(
        0.003,
        Unit.PER_MICROMOLAR_SECOND,
        "CaMKIV on S301, without which CBP does not activate (Hu 1999, abstract); rate chosen here so that four tetani phosphorylate a part of CBP",
        HU_1999,
    ),
    k_pka=estimate(
        5e-5,
        Unit.PER_MICROMOLAR_SECOND,
        "PKA activates CBP too (abstract), ERK does not; slow, as at rest CBP must be off",
        HU_1999,
    ),
    k_S301_off=estimate(1 / 1800, Unit.PER_SECOND, "half an hour; no source"),
)

CRE = Transcription(
    genes=defined(2.0, Unit.MOLECULES, "two copies of a gene"),
    k_dna_off=measured(
        0.42, Unit.PER_SECOND, KITAGAWA_2017, "CREB's residence in nuclei of neurons, abstract; activity does not change it"
    ),
    Kd_dna=estimate(0.005, Unit.MICROMOLAR, "CREB and CRE, 2-10 nM from memory", seen=Seen.UNVERIFIED),
    k_open=estimate(
        5.0,
        Unit.PER_MICROMOLAR_SECOND,
        "active MSK, while pCREB and phosphorylated CBP are on the CRE; that CREB and a site of nuclear ERK are both needed follows "
        "Smolen 2006, MSK stands for the second; chosen with `k_transcript`",
        SMOLEN_2006,
    ),
    k_close=estimate(
        1 / 60,
        Unit.PER_SECOND,
        "bursts of a minute; activity prolongs those of Arc (Das 2018, abstract), by no number that was seen",
        DAS_2018,
    ),
    k_basal=estimate(
        2e-5, Unit.PER_SECOND, "a transcript in half a day without pCREB, so that without a stimulus hardly any is there"
    ),
    k_transcript=estimate(
        0.125,
        Unit.PER_SECOND,
        "transcripts of an open promoter; chosen here so that four tetani leave tens of them in the dendrite",
    ),
    polymerase=defined(1.0, Unit.NONE, "transcription left by a drug; 1 without one"),
    k_transport=estimate(
        1 / 400, Unit.PER_SECOND, "export and transport within 7 min; Arc mRNA moves 300 um an hour (second-hand)"
    ),
    k_mrna_loss=estimate(
        1 / 2700, Unit.PER_SECOND, "mRNA of immediate early genes, half-lives from 10 to 47 min from memory", seen=Seen.UNVERIFIED
    ),
)

DENDRITIC_TRANSLATION = Translation(
    k_protein=estimate(
        0.011, Unit.PER_SECOND, "40 proteins of an mRNA in an hour, median of a cell line, from memory", seen=Seen.UNVERIFIED
    ),
    elongation=defined(1.0, Unit.NONE, "translation left by a drug; 1 without one"),
    mtor=defined(1.0, Unit.NONE, "activity of mTOR left by a drug; 1 without one"),
    mtor_share=estimate(0.7, Unit.NONE, "share of translation that needs mTOR; no source"),
    stored=fitted("late", "stored", Unit.MOLECULES),
    pka_half=estimate(1.0, Unit.MICROMOLAR, "far above rest, so that stimuli without an agonist do not wake the store; no source"),
    k_protein_loss=published(
        1 / 3600, Unit.PER_SECOND, CLOPATH_2008, "decay of plasticity-related proteins, 3600 s in the published code"
    ),
)


def pcreb_recruits_cbp(
    net: Network, nucleus: Place, camkiv: pysb.Expression, pka: pysb.Expression, k: Coactivator = CBP_S301
) -> None:
    """Add CBP, which binds phosphorylated CREB on DNA and off it, and its phosphorylation at S301."""
    p = net.parameters("cbp", k)
    Creb, Cbp = net.monomers(nucleus, CREB, CBP)
    net.rule(
        "CBP_binds_pCREB",
        nucleus,
        Creb(S133="p", cbp=None) + Cbp(creb=None) | Creb(S133="p", cbp=1) % Cbp(creb=1),
        p.k_on,
        p.k_off,
    )
    for name, k_on, kinase in (("CaMKIV", p.k_camkiv, camkiv), ("PKA", p.k_pka, pka)):
        rate = net.expression(f"cbp_k_S301_by_{name}", k_on * kinase, Unit.PER_SECOND)
        net.rule(f"{name}_phosphorylates_CBP", nucleus, Cbp(S301="u") >> Cbp(S301="p"), rate)
    net.rule("phosphatase_ends_pCBP", nucleus, Cbp(S301="p") >> Cbp(S301="u"), p.k_S301_off)
    net.initial(nucleus, Cbp(creb=None, S301="u"), p.total)
    phosphorylated = net.observable("CBP_S301p_count", Cbp(S301="p"))
    net.readout(
        "CBP_S301", phosphorylated / (p.total * net.per_micromolar(nucleus)), Unit.NONE, "fraction of CBP phosphorylated at S301"
    )


def creb_transcribes_plasticity_genes(
    net: Network, nucleus: Place, dendrite: Place, msk: pysb.Expression, k: Transcription = CRE
) -> None:
    """Add CREB on DNA, the promoter, transcription, and mRNA on its way from nucleus to dendrite."""
    p = net.parameters("transcription", k)
    Creb, Cbp, Gene, Nascent = net.monomers(nucleus, CREB, CBP, GENE, MRNA)
    (Transcript,) = net.monomers(dendrite, MRNA)
    k_dna_on = net.constant("transcription_k_dna_on", p.k_dna_off / p.Kd_dna, Unit.PER_MICROMOLAR_SECOND)
    k_basal = net.constant("transcription_k_basal_left", p.k_basal * p.polymerase, Unit.PER_SECOND)
    k_transcript = net.constant("transcription_k_transcript_left", p.k_transcript * p.polymerase, Unit.PER_SECOND)

    def occupied(promoter: str) -> pysb.ComplexPattern:
        return Gene(cre=1, promoter=promoter) % Creb(dna=1, cbp=2, S133="p") % Cbp(creb=2, S301="p")

    net.rule("CREB_binds_CRE", nucleus, Gene(cre=None) + Creb(dna=None) | Gene(cre=1) % Creb(dna=1), k_dna_on, p.k_dna_off)
    k_open = net.expression("transcription_k_open_with_MSK", p.k_open * msk, Unit.PER_SECOND)
    net.rule("CBP_and_MSK_open_promoter", nucleus, occupied("closed") >> occupied("open"), k_open)
    net.rule("promoter_closes", nucleus, Gene(promoter="open") >> Gene(promoter="closed"), p.k_close)
    net.rule("gene_is_transcribed_at_rest", nucleus, Gene() >> Gene() + Nascent(), k_basal)
    net.rule("open_promoter_is_transcribed", nucleus, Gene(promoter="open") >> Gene(promoter="open") + Nascent(), k_transcript)
    net.rule("mRNA_goes_to_the_dendrite", nucleus, Nascent() >> Transcript(), p.k_transport)
    net.rule("mRNA_decays", dendrite, Transcript() >> None, p.k_mrna_loss)
    net.initial(nucleus, Gene(cre=None, promoter="closed"), p.genes)
    net.observable("open_promoters", Gene(promoter="open"), "gene copies with an open promoter")
    net.observable("mRNA_in_nucleus", Nascent(), "mRNA of plasticity-related proteins in the nucleus")
    net.observable("mRNA_in_dendrite", Transcript(), "mRNA of plasticity-related proteins in the dendrite")


def mrna_is_translated(
    net: Network,
    dendrite: Place,
    erk: pysb.Expression,
    pka: pysb.Expression,
    fuelled: pysb.Expression | None = None,
    k: Translation = DENDRITIC_TRANSLATION,
) -> pysb.Expression:
    """Add plasticity-related protein, made in the dendrite from new mRNA and, with ERK and PKA, from its store.

    `fuelled` is the activity of mTOR that energy leaves, if a model has that. Returns the part of all translation that is left.
    """
    p = net.parameters("translation", k)
    Transcript, Stored, Protein = net.monomers(dendrite, MRNA, STORED_MRNA, PLASTICITY_PROTEIN)
    mtor = p.mtor if fuelled is None else p.mtor * fuelled
    left = net.expression("translation_left", p.elongation * (1 - p.mtor_share + p.mtor_share * mtor), Unit.NONE)
    k_protein = net.expression("translation_k_protein_left", p.k_protein * left, Unit.PER_SECOND)
    k_stored = net.expression("translation_k_stored", k_protein * erk * pka / (pka + p.pka_half), Unit.PER_SECOND)
    net.rule("mRNA_is_translated", dendrite, Transcript() >> Transcript() + Protein(), k_protein)
    net.rule("stored_mRNA_is_translated", dendrite, Stored() >> Stored() + Protein(), k_stored)
    net.rule("plasticity_protein_decays", dendrite, Protein() >> None, p.k_protein_loss)
    net.initial(dendrite, Stored(), p.stored)
    net.observable("plasticity_protein", Protein(), "plasticity-related protein in the dendrite, free")
    return left
