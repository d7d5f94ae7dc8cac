"""pCREB on both halves of a CRE transcribes a gene; its mRNA goes to the dendrite and is translated there.

One gene stands for those whose proteins synapses capture. CREB sits on DNA whether
phosphorylated or not; transcription needs both halves of the site phosphorylated, so that it
goes with the square of pCREB. Recruitment of CBP is not a step of its own.
"""

from dataclasses import dataclass

import pysb
from ltpath.pathways.citations import CLOPATH_2008, KITAGAWA_2017
from ltpath.pathways.molecules import CREB, GENE, MRNA, PLASTICITY_PROTEIN

from ltpath.network import Network, Place
from ltpath.quantity import Quantity, Seen, Unit, defined, estimate, measured, published


@dataclass(frozen=True, kw_only=True)
class Transcription:
    """CREB on DNA, synthesis of mRNA, its way and its end."""

    genes: Quantity
    k_dna_off: Quantity
    Kd_dna: Quantity
    k_basal: Quantity
    k_pCREB: Quantity
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
    k_protein_loss: Quantity


CRE = Transcription(
    genes=defined(2.0, Unit.MOLECULES, "two copies of a gene"),
    k_dna_off=measured(
        0.42, Unit.PER_SECOND, KITAGAWA_2017, "CREB's residence in nuclei of neurons, abstract; activity does not change it"
    ),
    Kd_dna=estimate(0.005, Unit.MICROMOLAR, "CREB and CRE, 2-10 nM from memory", seen=Seen.UNVERIFIED),
    k_basal=estimate(
        2e-5, Unit.PER_SECOND, "a transcript in half a day without pCREB, so that without a stimulus hardly any is there"
    ),
    k_pCREB=estimate(
        0.06,
        Unit.PER_SECOND,
        "transcripts of a gene with pCREB on both halves of its CRE; chosen here so that four tetani leave tens of them in the dendrite",
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
    k_protein_loss=published(
        1 / 3600, Unit.PER_SECOND, CLOPATH_2008, "decay of plasticity-related proteins, 3600 s in the published code"
    ),
)


def creb_transcribes_plasticity_genes(net: Network, nucleus: Place, dendrite: Place, k: Transcription = CRE) -> None:
    """Add CREB on DNA, transcription, and mRNA on its way from nucleus to dendrite."""
    p = net.parameters("transcription", k)
    Creb, Gene, Nascent = net.monomers(nucleus, CREB, GENE, MRNA)
    (Transcript,) = net.monomers(dendrite, MRNA)
    k_dna_on = net.constant("transcription_k_dna_on", p.k_dna_off / p.Kd_dna, Unit.PER_MICROMOLAR_SECOND)
    for half in ("left", "right"):
        net.rule(
            f"CREB_binds_{half}_half_of_CRE",
            nucleus,
            Gene(**{half: None}) + Creb(dna=None) | Gene(**{half: 1}) % Creb(dna=1),
            k_dna_on,
            p.k_dna_off,
        )
    k_basal = net.constant("transcription_k_basal_left", p.k_basal * p.polymerase, Unit.PER_SECOND)
    k_driven = net.constant("transcription_k_pCREB_left", p.k_pCREB * p.polymerase, Unit.PER_SECOND)
    occupied = Gene(left=1, right=2) % Creb(dna=1, S133="p") % Creb(dna=2, S133="p")
    net.rule("gene_is_transcribed_at_rest", nucleus, Gene() >> Gene() + Nascent(), k_basal)
    net.rule("pCREB_transcribes_gene", nucleus, occupied >> occupied + Nascent(), k_driven)
    net.rule("mRNA_goes_to_the_dendrite", nucleus, Nascent() >> Transcript(), p.k_transport)
    net.rule("mRNA_decays", dendrite, Transcript() >> None, p.k_mrna_loss)
    net.initial(nucleus, Gene(left=None, right=None), p.genes)
    net.observable("active_genes", occupied, "gene copies with pCREB on both halves of their CRE")
    net.observable("mRNA_in_nucleus", Nascent(), "mRNA of plasticity-related proteins in the nucleus")
    net.observable("mRNA_in_dendrite", Transcript(), "mRNA of plasticity-related proteins in the dendrite")


def mrna_is_translated(
    net: Network, dendrite: Place, fuelled: pysb.Expression | None = None, k: Translation = DENDRITIC_TRANSLATION
) -> pysb.Expression:
    """Add plasticity-related protein, made in the dendrite from its mRNA; return the part of all translation that is left.

    `fuelled` is the activity of mTOR that energy leaves, if a model has that.
    """
    p = net.parameters("translation", k)
    Transcript, Protein = net.monomers(dendrite, MRNA, PLASTICITY_PROTEIN)
    mtor = p.mtor if fuelled is None else p.mtor * fuelled
    left = net.expression("translation_left", p.elongation * (1 - p.mtor_share + p.mtor_share * mtor), Unit.NONE)
    k_protein = net.expression("translation_k_protein_left", p.k_protein * left, Unit.PER_SECOND)
    net.rule("mRNA_is_translated", dendrite, Transcript() >> Transcript() + Protein(), k_protein)
    net.rule("plasticity_protein_decays", dendrite, Protein() >> None, p.k_protein_loss)
    net.observable("plasticity_protein", Protein(), "plasticity-related protein in the dendrite, free")
    return left
