"""Every molecule of the library, named once."""

from dataclasses import replace

from ltpath.network import Molecule

GLUTAMATE = Molecule("Glu", identity="CHEBI:29985")
CALCIUM = Molecule("Ca", identity="CHEBI:29108")
AMPA_CHANNEL = Molecule("AMPARGate", ("gate",), (("gate", ("closed", "open")),), identity="uniprot:P19490")
NMDA_RECEPTOR = Molecule(
    "NMDAR",
    ("glutamate", "gate"),
    (("glutamate", ("glu0", "glu1", "glu2")), ("gate", ("closed", "open", "desensitised"))),
    identity="uniprot:P35439",
)
# Voltage as molecules that only decay, so that every engine can run it: one token is a fixed number of millivolts.
DEPOLARISATION = Molecule("Depolarisation", identity="GO:0051899")
SPIKE_FAST = Molecule("SpikeFast", identity="GO:0019228")
SPIKE_SLOW = Molecule("SpikeSlow", identity="GO:0019228")
BUFFER = Molecule("Buffer", ("calcium",), (("calcium", ("free", "bound")),))
CHELATOR = Molecule("Chelator", ("calcium",), (("calcium", ("free", "bound")),), identity="CHEBI:60888")
BOUND_CALCIUM = ("ca0", "ca1", "ca2")
CALMODULIN = Molecule("CaM", ("N", "C", "target"), (("N", BOUND_CALCIUM), ("C", BOUND_CALCIUM)), identity="uniprot:P0DP29")
NEUROGRANIN = Molecule("Ng", ("cam",), identity="uniprot:Q04940")
CAMKII = Molecule(
    "CaMKII",
    ("left", "right", "cam", "T286", "T306"),
    (("T286", ("u", "p")), ("T306", ("u", "p"))),
    identity="uniprot:P11275",
)
# A subunit of two stacked rings: "across" binds the one in the other ring.
STACKED_CAMKII = replace(CAMKII, sites=(*CAMKII.sites, "across"))
GLUN2B = Molecule("GluN2B", ("kinase",), identity="uniprot:Q00960")
INHIBITOR_1 = Molecule("I1", ("T35", "pp1"), (("T35", ("u", "p")),), identity="uniprot:P19103")
PP1 = Molecule("PP1", ("inhibitor",), identity="uniprot:P62139")
CALCINEURIN = Molecule("CaN", ("cam",), identity="uniprot:P63329")
PKA_ANCHOR = Molecule("AKAP", ("place",), (("place", ("synapse", "away")),), identity="uniprot:P24587")
RAS = Molecule("Ras", ("nucleotide",), (("nucleotide", ("GDP", "GTP")),), identity="uniprot:P20171")
ERK = Molecule("ERK", ("state",), (("state", ("inactive", "active")),), identity="uniprot:P63086")
AMPA_RECEPTOR = Molecule(
    "AMPAR",
    ("site", "slot", "S831", "S845"),
    (("site", ("reserve", "surface", "synapse")), ("S831", ("u", "p")), ("S845", ("u", "p"))),
    identity="uniprot:P19490",
)
DENDRITIC_AMPA_RECEPTOR = Molecule("AMPARDendrite", identity="uniprot:P19490")
SLOT = Molecule(
    "Slot",
    ("receptor", "kind"),
    (("kind", ("basal", "primed", "tagged", "latent", "new", "dispersed", "persistent")),),
    identity="uniprot:P31016",
)
# The nucleus, what it sends, and what a synapse does with it.
CAMKK = Molecule("CaMKK", ("cam",), identity="uniprot:P97756")
CAMKIV = Molecule("CaMKIV", ("T196",), (("T196", ("u", "p")),), identity="uniprot:P13234")
CREB = Molecule("CREB", ("S133", "dna", "cbp"), (("S133", ("u", "p")),), identity="uniprot:P15337")
CBP = Molecule("CBP", ("creb", "S301"), (("S301", ("u", "p")),), identity="uniprot:P45481")
GENE = Molecule("Gene", ("cre", "promoter"), (("promoter", ("closed", "open")),))
MRNA = Molecule("mRNA")
STORED_MRNA = Molecule("StoredmRNA")
PLASTICITY_PROTEIN = Molecule("PRP")
TAG = Molecule("Tag", ("state",), (("state", ("off", "on")),))
VOLUME = Molecule("Volume", ("held_by",), (("held_by", ("receptors", "actin")),))
# Neuromodulators, cAMP and PKA; the way of ERK from dendrite and soma to the nucleus.
DOPAMINE = Molecule("Dopamine", identity="CHEBI:18243")
GS = Molecule("Gs", ("nucleotide", "cyclase"), (("nucleotide", ("GDP", "GTP")),), identity="uniprot:P63095")
ADENYLYL_CYCLASE = Molecule("AC", ("gs",))
CAMP = Molecule("cAMP", identity="CHEBI:17489")
PKA = Molecule("PKA", ("state",), (("state", ("held", "free")),), identity="uniprot:P27791")
MEK = Molecule("MEK", ("state",), (("state", ("inactive", "active")),), identity="uniprot:Q01986")
SOMATIC_ERK = Molecule("ERK", ("sites",), (("sites", ("u", "p", "pp")),), identity="uniprot:P63086")
NUCLEAR_ERK = Molecule("ERK", identity="uniprot:P63086")
MSK = Molecule("MSK", ("state",), (("state", ("inactive", "active")),), identity="uniprot:Q8C050")
# What scaling and metabolism count; tokens, as many as make their shares smooth.
FIRING_SENSOR = Molecule("FiringSensor", ("state",), (("state", ("off", "on")),))
SUPPLY_PROTEIN = Molecule("SupplyProtein")
REMOVAL_PROTEIN = Molecule("RemovalProtein")
ADENINE_NUCLEOTIDE = Molecule("Adenosine", ("phosphates",), (("phosphates", ("two", "three")),), identity="CHEBI:30616")
AMPK = Molecule("AMPK", ("state",), (("state", ("inactive", "active")),), identity="uniprot:P54645")
WORK = Molecule("Work")
