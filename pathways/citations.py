"""Every publication that a parameter or an experiment cites.

A DOI, author or title that nobody here has read is left empty or says so. The DOIs of
Barco 2002, Destexhe 1994 and Patterson 2010 are from memory; the others were read in
the source's own record or in a second source.
"""

from ltpath.quantity import Citation

ABEL_1997 = Citation(
    "Abel T, Nguyen PV, Barad M, Deuel TAS, Kandel ER, Bourtchouladze R", 1997,
    "Genetic demonstration of a role for PKA in the late phase of LTP and in hippocampus-based long-term memory",
    "Cell 88:615-626", "10.1016/s0092-8674(00)81904-2",
)  # fmt: skip
ABRAHAM_2002 = Citation(
    "Abraham WC, Logan B, Greenwood JM, Dragunow M", 2002,
    "Induction and experience-dependent consolidation of stable long-term potentiation lasting months in the hippocampus",
    "J Neurosci 22:9626-9634", "10.1523/jneurosci.22-21-09626.2002",
)  # fmt: skip
ACKER_2016 = Citation(
    "Acker et al.", 2016, "(title not seen; spine EPSPs by two-photon voltage-sensitive dye, basal dendrites)", "PMC4874537", "",
)  # fmt: skip
ALARCON_2004 = Citation(
    "Alarcon JM, Malleret G, Touzani K, Vronskaya S, Ishii S, Kandel ER, Barco A", 2004,
    "Chromatin acetylation, memory, and LTP are impaired in CBP+/- mice: a model for the cognitive deficit in Rubinstein-Taybi syndrome and its amelioration",
    "Neuron 42", "10.1016/j.neuron.2004.05.021",
)  # fmt: skip
ANDRASFALVY_2001 = Citation(
    "Andrasfalvy BK, Magee JC", 2001,
    "Distance-dependent increase in AMPA receptor number in the dendrites of adult hippocampal CA1 pyramidal neurons",
    "J Neurosci 21:9151-9159", "",
)  # fmt: skip
ATROPINE_1995 = Citation(
    "(authors not seen)", 1995, "Atropine suppresses associative LTP in the CA1 region of rat hippocampal slices",
    "Brain Res 672:281-284", "10.1016/0006-8993(94)01376-s",
)  # fmt: skip
ATTWELL_2001 = Citation(
    "Attwell D, Laughlin SB", 2001, "An energy budget for signaling in the grey matter of the brain",
    "J Cereb Blood Flow Metab 21:1133-1145", "10.1097/00004647-200110000-00001",
)  # fmt: skip
BALSCHUN_2003 = Citation("Balschun et al.", 2003, "(title not seen)", "J Neurosci, PMC6740551", "")
BARCO_2002 = Citation(
    "Barco A, Alarcon JM, Kandel ER", 2002,
    "Expression of constitutively active CREB protein facilitates the late phase of long-term potentiation by enhancing synaptic capture",
    "Cell 108:689-703", "10.1016/S0092-8674(02)00657-8",
)  # fmt: skip
BARTOL_2015 = Citation(
    "Bartol TM, Keller DX, Kinney JP, Bajaj CL, Harris KM, Sejnowski TJ, Kennedy MB", 2015,
    "Computational reconstitution of spine calcium transients from individual proteins",
    "Front Synaptic Neurosci 7:17", "10.3389/fnsyn.2015.00017",
)  # fmt: skip
BASHIR_1994 = Citation(
    "(authors not seen)", 1994,
    "An investigation of depotentiation of long-term potentiation in the CA1 region of the hippocampus",
    "(journal not seen; year from memory)", "",
)  # fmt: skip
BECKER_2021 = Citation(
    "Becker MFP, Tetzlaff C", 2021,
    "The biophysical basis underlying the maintenance of early phase long-term potentiation",
    "PLoS Comput Biol 17:e1008813", "10.1371/journal.pcbi.1008813",
)  # fmt: skip
BITO_1996 = Citation(
    "Bito H, Deisseroth K, Tsien RW", 1996,
    "CREB phosphorylation and dephosphorylation: a Ca2+- and stimulus duration-dependent switch for hippocampal gene expression",
    "Cell 87:1203-1214", "10.1016/S0092-8674(00)81816-4",
)  # fmt: skip
BLACK_2007 = Citation(
    "(authors not seen)", 2007, "(title not seen)", "Biochemistry 46:13415-13424, PMC2577580", "10.1021/bi700774s"
)
BRADSHAW_2003 = Citation(
    "Bradshaw JM, Kubota Y, Meyer T, Schulman H", 2003,
    "An ultrasensitive Ca2+/calmodulin-dependent protein kinase II-protein phosphatase 1 switch facilitates specificity in postsynaptic calcium signaling",
    "PNAS 100:10512-10517", "10.1073/pnas.1932759100",
)  # fmt: skip
BREWER_2008 = Citation("Brewer GJ and others", 2008, "(title not seen)", "PMC2393548", "")
BROCKE_1999 = Citation(
    "Brocke L, Chiang LW, Wagner PD, Schulman H", 1999,
    "Functional implications of the subunit composition of neuronal CaM kinase II",
    "J Biol Chem 274:22713-22722", "10.1074/jbc.274.32.22713",
)  # fmt: skip
BROWN_2000 = Citation(
    "Brown GP, Blitzer RD, Connor JH, Wong T, Shenolikar S, Iyengar R, Landau EM", 2000,
    "Long-term potentiation induced by theta frequency stimulation is regulated by a protein phosphatase-1-operated gate",
    "J Neurosci 20:7880-7887", "10.1523/JNEUROSCI.20-21-07880.2000",
)  # fmt: skip
BUARD_2010 = Citation(
    "Buard I, Coultrap SJ, Freund RK, Lee YS, Dell'Acqua ML, Silva AJ, Bayer KU", 2010,
    "CaMKII autonomy is required for initiating but not for maintaining neuronal long-term information storage",
    "J Neurosci 30:8214-8220", "10.1523/JNEUROSCI.1469-10.2010",
)  # fmt: skip
CAIS_2008 = Citation(
    "Cais O and others", 2008, "Temperature dependence of NR1/NR2B NMDA receptor channels", "Neuroscience", "",
)  # fmt: skip
CAVUS_1996 = Citation(
    "Cavus I, Teyler T", 1996,
    "Two forms of long-term potentiation in area CA1 activate different signal transduction cascades",
    "J Neurophysiol 76:3038-3047", "10.1152/jn.1996.76.5.3038",
)  # fmt: skip
CHANG_2017 = Citation(
    "Chang JY, Parra-Bueno P, Laviv T, Szatmari EM, Lee SJR, Yasuda R", 2017,
    "CaMKII autophosphorylation is necessary for optimal integration of Ca2+ signals during LTP induction, but not maintenance",
    "Neuron 94:800-808", "10.1016/j.neuron.2017.04.041",
)  # fmt: skip
CHANG_2019 = Citation(
    "Chang JY, Nakahata Y, Hayano Y, Yasuda R", 2019,
    "Mechanisms of Ca2+/calmodulin-dependent kinase II activation in single dendritic spines",
    "Nat Commun 10:2784", "10.1038/s41467-019-10694-z",
)  # fmt: skip
CHATTERJEA_2010 = Citation(
    "Chatterjea D, Hamid E, Leonard JP, Alford S", 2010,
    "Phosphorylation-state-dependent regulation of NMDA receptor short-term plasticity modifies hippocampal dendritic Ca2+ transients",
    "J Neurophysiol 104:2203, PMC2957449", "",
)  # fmt: skip
CLOPATH_2008 = Citation(
    "Clopath C, Ziegler L, Vasilaki E, Buesing L, Gerstner W", 2008, "(title not seen; TagTriC)", "PLoS Comput Biol 4:e1000248", "",
)  # fmt: skip
COLLINGRIDGE_1983 = Citation(
    "Collingridge GL, Kehl SJ, McLennan H", 1983,
    "Excitatory amino acids in synaptic transmission in the Schaffer collateral-commissural pathway of the rat hippocampus",
    "J Physiol 334:33-46", "10.1113/jphysiol.1983.sp014478",
)  # fmt: skip
COULTRAP_2010 = Citation(
    "Coultrap SJ, Buard I, Kulbe JR, Dell'Acqua ML, Bayer KU", 2010,
    "CaMKII autonomy is substrate-dependent and further stimulated by Ca2+/calmodulin",
    "J Biol Chem 285:17930-17937", "10.1074/jbc.M109.069351",
)  # fmt: skip
CUMMINGS_1996 = Citation(
    "Cummings et al.", 1996, "Ca2+ signaling requirements for long-term depression in the hippocampus",
    "Neuron 16:825-833", "10.1016/S0896-6273(00)80102-6",
)  # fmt: skip
DAS_2018 = Citation("Das et al.", 2018, "(title not seen)", "Sci Adv, sciadv.aar3448", "10.1126/sciadv.aar3448")
DEISSEROTH_1996 = Citation(
    "Deisseroth K, Bito H, Tsien RW", 1996, "(title not seen)", "Neuron 16:89-101", "10.1016/s0896-6273(00)80026-4",
)  # fmt: skip
DESTEXHE_1994 = Citation(
    "Destexhe A, Mainen ZF, Sejnowski TJ", 1994,
    "Synthesis of models for excitable membranes, synaptic transmission and neuromodulation using a common kinetic formalism",
    "J Comput Neurosci 1:195-230", "10.1007/BF00961734",
)  # fmt: skip
DESTEXHE_1998 = Citation(
    "Destexhe A, Mainen ZF, Sejnowski TJ", 1998,
    "Kinetic models of synaptic transmission",
    "Methods in Neuronal Modeling, 2nd edition, MIT Press, pp 1-25", "",
)  # fmt: skip
DE_KONINCK_1998 = Citation(
    "De Koninck P, Schulman H", 1998, "Sensitivity of CaM kinase II to the frequency of Ca2+ oscillations",
    "Science 279:227-230", "10.1126/science.279.5348.227",
)  # fmt: skip
DUDEK_1992 = Citation(
    "Dudek SM, Bear MF",
    1992,
    "Homosynaptic long-term depression in area CA1 of hippocampus and effects of N-methyl-D-aspartate receptor blockade",
    "PNAS 89:4363-4367",
    "10.1073/pnas.89.10.4363",
)
DUDEK_2002 = Citation(
    "Dudek SM, Fields RD", 2002, "Somatic action potentials are sufficient for late-phase LTP-related cell signaling",
    "PNAS 99:3962-3967", "",
)  # fmt: skip
DUFFY_2003 = Citation(
    "Duffy SN, Nguyen PV", 2003,
    "Postsynaptic application of a peptide inhibitor of cAMP-dependent protein kinase blocks expression of long-lasting synaptic potentiation in hippocampal neurons",
    "J Neurosci 23:1142-1150, PMC6742281", "10.1523/JNEUROSCI.23-04-01142.2003",
)  # fmt: skip
FAAS_2011 = Citation(
    "Faas GC, Raghavachari S, Lisman JE, Mody I", 2011,
    "Calmodulin as a direct detector of Ca2+ signals", "Nat Neurosci 14:301-304", "10.1038/nn.2746",
)  # fmt: skip
FENG_2011 = Citation(
    "Feng B, Raghavachari S, Lisman J", 2011,
    "Quantitative estimates of the cytoplasmic, PSD, and NMDAR-bound pools of CaMKII in dendritic spines",
    "Brain Res 1419:46-52", "10.1016/j.brainres.2011.08.051",
)  # fmt: skip
FORTI_1997 = Citation(
    "Forti et al.", 1997, "Loose-patch recordings of single quanta at individual hippocampal synapses", "Nature 388:874-878", "",
)  # fmt: skip
FREY_1988 = Citation("Frey et al.", 1988, "(title not seen)", "Brain Res", "10.1016/0006-8993(88)90008-X")
FREY_1997 = Citation("Frey U, Morris RGM", 1997, "(title not seen)", "Nature 385:533", "10.1038/385533a0")
FREY_1998 = Citation("Frey U, Morris RGM", 1998, "(title not seen)", "PMID 9704995", "")
FUJII_1991 = Citation(
    "(authors not seen)", 1991,
    "Reversal of long-term potentiation (depotentiation) induced by tetanus stimulation of the input to CA1 neurons of guinea pig hippocampal slices",
    "Brain Res 555:112-122", "10.1016/0006-8993(91)90867-U",
)  # fmt: skip
FUJII_2013 = Citation(
    "Fujii H, Inoue M, Okuno H, Sano Y, Takemoto-Kimura S, Kitamura K, Kano M, Bito H", 2013,
    "Nonlinear decoding and asymmetric representation of neuronal input information by CaMKIIa and calcineurin",
    "Cell Reports", "10.1016/j.celrep.2013.03.033",
)  # fmt: skip
FUJIOKA_2014 = Citation(
    "Fujioka R, Nii T, Iwaki A, Shibata A, Ito I, Kitaichi K, Nomura M, Hattori S, Takao K, Miyakawa T, Fukumaki Y", 2014,
    "Comprehensive behavioral study of mGluR3 knockout mice: implication in schizophrenia related endophenotypes",
    "Mol Brain 7:31, PMC4021612", "10.1186/1756-6606-7-31",
)  # fmt: skip
GELINAS_2005 = Citation(
    "Gelinas JN, Nguyen PV", 2005,
    "beta-adrenergic receptor activation facilitates induction of a protein synthesis-dependent late phase of long-term potentiation",
    "J Neurosci 25:3294-3303", "10.1523/JNEUROSCI.4175-04.2005",
)  # fmt: skip
GERMAN_2026 = Citation(
    "German et al.", 2026,
    "Synaptic transmission and long-term potentiation in mammalian neural circuits following vitrification and rewarming",
    "PNAS 123:e2516848123, PMC12974479", "",
)  # fmt: skip
GIESE_1998 = Citation(
    "Giese KP, Fedorov NB, Filipkowski RK, Silva AJ", 1998,
    "Autophosphorylation at Thr286 of the alpha calcium-calmodulin kinase II in LTP and learning",
    "Science 279:870-873", "10.1126/science.279.5352.870",
)  # fmt: skip
GOLDING_2005 = Citation(
    "Golding NL, Mickus TJ, Katz Y, Kath WL, Spruston N", 2005,
    "Factors mediating powerful voltage attenuation along CA1 pyramidal neuron dendrites",
    "J Physiol 568:69-82, PMC1474764", "",
)  # fmt: skip
GOOLD_2010 = Citation(
    "Goold CP, Nicoll RA", 2010, "Single-cell optogenetic excitation drives homeostatic synaptic depression",
    "Neuron 68:512-528", "10.1016/j.neuron.2010.09.020",
)  # fmt: skip
GOVINDARAJAN_2011 = Citation(
    "Govindarajan A, Israely I, Huang SY, Tonegawa S", 2011,
    "The dendritic branch is the preferred integrative unit for protein synthesis-dependent LTP",
    "Neuron 69:132-146", "10.1016/j.neuron.2010.12.008",
)  # fmt: skip
HABIB_2009 = Citation(
    "Habib D, Dringenberg HC", 2009,
    "Alternating low frequency stimulation of medial septal and commissural fibers induces NMDA-dependent, long-lasting potentiation of hippocampal synapses in urethane-anesthetized rats",
    "Hippocampus 19:299-307", "",
)  # fmt: skip
HANES_2020 = Citation(
    "Hanes AL, Koesters AG, Fong MF, Altimimi HF, Stellwagen D, Wenner P, Engisch KL", 2020,
    "Divergent synaptic scaling of miniature EPSCs following activity blockade in dissociated neuronal cultures",
    "J Neurosci 40:4090-4102", "10.1523/JNEUROSCI.1393-19.2020",
)  # fmt: skip
HAYER_2005 = Citation(
    "Hayer A, Bhalla US", 2005,
    "Molecular switches at the synapse emerge from receptor and kinase traffic",
    "PLoS Comput Biol 1:e20", "10.1371/journal.pcbi.0010020",
)  # fmt: skip
HOWARTH_2012 = Citation("(authors not seen)", 2012, "(title not seen)", "PMC3390818", "")
HUANG_1994 = Citation(
    "(authors not seen; Huang and Kandel from memory)", 1994, "(title not seen; one or three trains of 100 Hz, PKA and protein synthesis)",
    "Learn Mem 1", "",
)  # fmt: skip
HUBER_2002 = Citation(
    "Huber KM, Gallagher SM, Warren ST, Bear MF", 2002,
    "Altered synaptic plasticity in a mouse model of fragile X mental retardation", "PNAS 99:7746-7750", "10.1073/pnas.122205699",
)  # fmt: skip
HU_1999 = Citation("Hu et al.", 1999, "(title not seen)", "Neuron 22:799", "")
IBATA_2008 = Citation(
    "Ibata K, Sun Q, Turrigiano GG", 2008, "Rapid synaptic scaling induced by changes in postsynaptic firing",
    "Neuron 57:819-826", "10.1016/j.neuron.2008.02.031",
)  # fmt: skip
IMPEY_1998 = Citation(
    "Impey S, Obrietan K, Wong ST, Poser S, Yano S, Wayman G, Deloulme JC, Chan G, Storm DR", 1998,
    "Cross talk between ERK and PKA is required for Ca2+ stimulation of CREB-dependent transcription and ERK nuclear translocation",
    "Neuron 21:869-883", "10.1016/S0896-6273(00)80602-9",
)  # fmt: skip
INGLEBERT_2020 = Citation(
    "Inglebert Y, Aljadeff J, Brunel N, Debanne D", 2020,
    "Synaptic plasticity rules with physiological calcium levels", "PNAS, PMC7777146", "",
)  # fmt: skip
JAHR_1990 = Citation(
    "Jahr CE, Stevens CF", 1990,
    "Voltage dependence of NMDA-activated macroscopic conductances predicted by single-channel kinetics",
    "J Neurosci 10:3178-3182", "10.1523/JNEUROSCI.10-09-03178.1990",
)  # fmt: skip
JEDRZEJEWSKA_2017 = Citation(
    "Jedrzejewska-Szmek J, Luczak V, Abel T, Blackwell KT", 2017,
    "beta-adrenergic signaling broadly contributes to LTP induction",
    "PLoS Comput Biol 13:e1005657", "10.1371/journal.pcbi.1005657",
)  # fmt: skip
JNEUROSCI_1998 = Citation("(authors not seen)", 1998, "(title not seen)", "J Neurosci 18:3589", "")
JNEUROSCI_2000 = Citation("(authors not seen)", 2000, "(title not seen)", "J Neurosci 20:1791, PMC6772937", "")
JNEUROSCI_2013 = Citation(
    "(authors not seen)", 2013, "(title not seen)", "J Neurosci 33:5275, PMC3640412", "10.1523/JNEUROSCI.3200-12.2013"
)
KANG_2001 = Citation("Kang et al.", 2001, "(title not seen)", "Cell, S0092-8674(01)00497-4", "10.1016/s0092-8674(01)00497-4")
KIM_2010 = Citation(
    "Kim M, Huang T, Abel T, Blackwell KT", 2010,
    "Temporal sensitivity of protein kinase A activation in late-phase long term potentiation",
    "PLoS Comput Biol 6:e1000691", "10.1371/journal.pcbi.1000691",
)  # fmt: skip
KITAGAWA_2017 = Citation("Kitagawa et al.", 2017, "(title not seen)", "J Neurosci, PMC6705672", "")
KOESTER_1998 = Citation(
    "Koester HJ, Sakmann B", 1998,
    "Calcium dynamics in single spines during coincident pre- and postsynaptic activity depend on relative timing of back-propagating action potentials and subthreshold excitatory postsynaptic potentials",
    "PNAS 95:9596-9601", "10.1073/pnas.95.16.9596",
)  # fmt: skip
KULA_2024 = Citation(
    "Kula B, Antal B, Weistuch C, Gackiere F, Barre A, Velado V, Hubbard JM, Kukley M, Mujica-Parodi LR, Smith NA", 2024,
    "D-beta-hydroxybutyrate stabilizes hippocampal CA3-CA1 circuit during acute insulin resistance",
    "PNAS Nexus", "10.1093/pnasnexus/pgae196",
)  # fmt: skip
LEE_1998 = Citation(
    "Lee et al.", 1998,
    "NMDA induces long-term synaptic depression and dephosphorylation of the GluR1 subunit of AMPA receptors in hippocampus",
    "Neuron, S0896-6273(00)80632-7", "",
)  # fmt: skip
LEE_2009 = Citation(
    "Lee SJR, Escobedo-Lozoya Y, Szatmari EM, Yasuda R", 2009,
    "Activation of CaMKII in single dendritic spines during long-term potentiation",
    "Nature 458:299-304", "10.1038/nature07842",
)  # fmt: skip
LEE_2010 = Citation(
    "Lee HK, Takamiya K, He K, Song L, Huganir RL", 2010,
    "Specific roles of AMPA receptor subunit GluR1 (GluA1) phosphorylation sites in regulating synaptic plasticity in the CA1 region of hippocampus",
    "J Neurophysiol 103:479-489", "10.1152/jn.00835.2009",
)  # fmt: skip
LIANG_2002 = Citation(
    "Liang HW, Shen YL, Wu XD", 2002,
    "Studies on properties of depotentiation of long-term potentiation induced by low frequency stimulation in CA1 neurons of rat hippocampal slices",
    "Chinese Journal of Applied Physiology 18:218-221", "",
)  # fmt: skip
LINSE_1991 = Citation("Linse et al.", 1991, "(title not seen)", "quoted in Fig 1 of jgp.201611703", "")
LONERGAN_2010 = Citation("Lonergan et al.", 2010, "(title not seen)", "2010:139891", "10.1155/2010/139891")
LU_2008 = Citation(
    "Lu Y, Zhang M, Lim IA, Hall DD, Allen M, Medvedeva Y, McKnight GS, Usachev YM, Hell JW", 2008,
    "AKAP150-anchored PKA activity is important for LTD during its induction phase",
    "J Physiol 586:4155-4164, PMC2652176", "10.1113/jphysiol.2008.151662",
)  # fmt: skip
MAKI_2020 = Citation(
    "Maki-Marttunen T, Iannella N, Edwards AG, Einevoll GT, Blackwell KT", 2020,
    "A unified computational model for cortical post-synaptic plasticity", "eLife 9:e55714", "10.7554/eLife.55714",
)  # fmt: skip
MALENKA_1992 = Citation(
    "Malenka RC, Lancaster B, Zucker RS", 1992,
    "Temporal limits on the rise in postsynaptic calcium required for the induction of long-term potentiation",
    "Neuron 9:121-128", "10.1016/0896-6273(92)90227-5",
)  # fmt: skip
MARKRAM_1990 = Citation(
    "Markram H, Segal M", 1990, "Acetylcholine potentiates responses to N-methyl-D-aspartate in the rat hippocampus", "Neurosci Lett", "",
)  # fmt: skip
MATSUZAKI_2001 = Citation(
    "Matsuzaki M, Ellis-Davies GCR, Nemoto T, Miyashita Y, Iino M, Kasai H", 2001,
    "Dendritic spine geometry is critical for AMPA receptor expression in hippocampal CA1 pyramidal neurons",
    "Nat Neurosci 4:1086-1092", "10.1038/nn736",
)  # fmt: skip
MATSUZAKI_2004 = Citation(
    "Matsuzaki M, Honkura N, Ellis-Davies GCR, Kasai H", 2004,
    "Structural basis of long-term potentiation in single dendritic spines", "Nature 429:761-766", "10.1038/nature02617",
)  # fmt: skip
MATTHIES_1993 = Citation(
    "(authors not seen)", 1993, "Protein kinase A inhibitors prevent the maintenance of hippocampal long-term potentiation", "(journal not seen)", "",
)  # fmt: skip
MCN_2011 = Citation("(authors not seen)", 2011, "(title not seen)", "Mol Cell Neurosci, PMC3539311", "10.1016/j.mcn.2011.05.008")
MICHALSKI_2012 = Citation(
    "Michalski PJ, Loew LM", 2012,
    "CaMKII activation and dynamics are independent of the holoenzyme structure: an infinite subunit holoenzyme approximation",
    "Phys Biol 9:036010", "10.1088/1478-3975/9/3/036010",
)  # fmt: skip
MININGOU_2021 = Citation(
    "Miningou Zobon NT, Jedrzejewska-Szmek J, Blackwell KT", 2021,
    "Temporal pattern and synergy influence activity of ERK signaling pathways during L-LTP induction",
    "eLife 10:e64644", "10.7554/eLife.64644",
)  # fmt: skip
MULKEEN_1988 = Citation(
    "Mulkeen D, Anwyl R, Rowan M", 1988, "(title not seen)", "Brain Res 447:234-238", "10.1016/0006-8993(88)91124-9",
)  # fmt: skip
MULKEY_1993 = Citation(
    "Mulkey RM et al.", 1993, "An essential role for protein phosphatases in hippocampal long-term depression",
    "Science 261:1051-1055", "",
)  # fmt: skip
MULKEY_1994 = Citation(
    "Mulkey RM, Endo S, Shenolikar S, Malenka RC", 1994,
    "Involvement of a calcineurin/inhibitor-1 phosphatase cascade in hippocampal long-term depression",
    "Nature 369:486-488", "10.1038/369486a0",
)  # fmt: skip
MURAKOSHI_2011 = Citation("Murakoshi et al.", 2011, "(title not seen)", "Nature", "10.1038/nature09823")
NEUROSCIENCE_1987 = Citation(
    "(authors not seen)", 1987,
    "Facilitated induction of hippocampal long-term potentiation in slices perfused with low concentrations of magnesium",
    "Neuroscience 22:9-16", "10.1016/0306-4522(87)90193-x",
)  # fmt: skip
NGUYEN_1994 = Citation("Nguyen et al.", 1994, "(title not seen)", "Science 265:1104", "")
OH_2006 = Citation(
    "Oh MC, Derkach VA, Guire ES, Soderling TR", 2006,
    "Extrasynaptic membrane trafficking regulated by GluR1 serine 845 phosphorylation primes AMPA receptors for long-term potentiation",
    "J Biol Chem 281:752-758", "10.1074/jbc.M509677200",
)  # fmt: skip
ORDYAN_2020 = Citation(
    "Ordyan M, Bartol T, Kennedy M, Rangamani P, Sejnowski T", 2020,
    "Interactions between calmodulin and neurogranin govern the dynamics of CaMKII as a leaky integrator",
    "PLoS Comput Biol 16:e1008015", "10.1371/journal.pcbi.1008015",
)  # fmt: skip
PATTERSON_2010 = Citation(
    "Patterson MA, Szatmari EM, Yasuda R", 2010,
    "AMPA receptors are exocytosed in stimulated spines and adjacent dendrites in a Ras-ERK-dependent manner during long-term potentiation",
    "PNAS 107:15951-15956", "10.1073/pnas.0913875107",
)  # fmt: skip
PENN_2017 = Citation(
    "Penn AC, Zhang CL, Georges F, Royer L, Breillat C, Hosy E, Petersen JD, Humeau Y, Choquet D", 2017,
    "Hippocampal LTP and contextual learning require surface diffusion of AMPA receptors",
    "Nature 549:384-388", "10.1038/nature23658",
)  # fmt: skip
PEROUANSKY_1993 = Citation(
    "Perouansky M, Yaari Y", 1993,
    "Kinetic properties of NMDA receptor-mediated synaptic currents in rat hippocampal pyramidal cells versus interneurones",
    "J Physiol 465:223-244", "10.1113/jphysiol.1993.sp019674",
)  # fmt: skip
POTTER_2010 = Citation(
    "Potter WB, O'Riordan KJ, Barnett D, Osting SMK, Wagoner M, Burger C, Roopra A", 2010,
    "Metabolic regulation of neuronal plasticity by the energy sensor AMPK", "PLoS One 5:e8996", "10.1371/journal.pone.0008996",
)  # fmt: skip
PSD95_2025 = Citation("(authors not seen)", 2025, "(title not seen)", "s41593-025-01923-4", "10.1038/s41593-025-01923-4")
PUTKEY_1996 = Citation(
    "Putkey JA, Waxham MN", 1996,
    "A peptide model for calmodulin trapping by calcium/calmodulin-dependent protein kinase II",
    "J Biol Chem 271:29619-29623", "10.1074/jbc.271.47.29619",
)  # fmt: skip
PUZZO_2008 = Citation(
    "Puzzo D and others", 2008, "Picomolar amyloid-beta positively modulates synaptic plasticity and memory in hippocampus",
    "J Neurosci 28:14537-14545", "10.1523/JNEUROSCI.2692-08.2008",
)  # fmt: skip
RODRIGUES_2023 = Citation(
    "Rodrigues YE, Tigaret CM, Marie H, O'Donnell C, Veltz R", 2023,
    "A stochastic model of hippocampal synaptic plasticity with geometrical readout of enzyme dynamics",
    "eLife 12:e80152", "10.7554/eLife.80152",
)  # fmt: skip
ROMAN_GARCIA_2025 = Citation(
    "Roman Garcia S", 2025,
    "CaMKII-NMDAR interactions in learning and memory: a case study in ethical and reproducible modelling approaches",
    "thesis (year not printed), github.com/Susana465/CaMKII_hexa_bgnl_to_mcell, dodecamer_NMDAR-paper.bngl", "",
)  # fmt: skip
SABATINI_2002 = Citation(
    "Sabatini BL, Oertner TG, Svoboda K", 2002,
    "The life cycle of Ca2+ ions in dendritic spines", "Neuron 33:439-452", "10.1016/S0896-6273(02)00573-1",
)  # fmt: skip
SCIENCE_1988 = Citation(
    "(authors not seen)", 1988, "Postsynaptic calcium is sufficient for potentiation of hippocampal synaptic transmission",
    "Science 242:81-84", "10.1126/science.2845577",
)  # fmt: skip
SEIDENBECHER_1997 = Citation(
    "Seidenbecher T, Reymann KG, Balschun D", 1997,
    "A post-tetanic time window for the reinforcement of long-term potentiation by appetitive and aversive stimuli",
    "PNAS 94:1494-1499, PMC19819", "10.1073/pnas.94.4.1494",
)  # fmt: skip
SELCHER_2003 = Citation("Selcher et al.", 2003, "(title not seen)", "Learn Mem, PMC196656", "")
SHIFMAN_2006 = Citation(
    "Shifman JM, Choi MH, Mihalas S, Mayo SL, Kennedy MB", 2006,
    "Ca2+/calmodulin-dependent protein kinase II (CaMKII) is activated by calmodulin with two bound calciums",
    "PNAS 103:13968-13973", "10.1073/pnas.0606433103",
)  # fmt: skip
SHOMAR_2017 = Citation(
    "Shomar A and others", 2017, "Cooperative stochastic binding and unbinding explain synaptic size dynamics and statistics",
    "PLoS Comput Biol 13", "10.1371/journal.pcbi.1005668",
)  # fmt: skip
SINGH_2018 = Citation(
    "Singh D, Bhalla US", 2018,
    "Subunit exchange enhances information retention by CaMKII in dendritic spines",
    "eLife 7:e41412", "10.7554/eLife.41412",
)  # fmt: skip
SMOLEN_2006 = Citation(
    "Smolen P, Baxter DA, Byrne JH", 2006, "(title not seen)", "Biophys J 90:2760", "10.1529/biophysj.105.072470",
)  # fmt: skip
SPRUSTON_1995 = Citation(
    "Spruston N, Jonas P, Sakmann B", 1995,
    "Dendritic glutamate receptor channels in rat hippocampal CA3 and CA1 pyramidal neurons",
    "J Physiol 482:325-352", "10.1113/jphysiol.1995.sp020521",
)  # fmt: skip
STEMMER_1994 = Citation(
    "Stemmer PM, Klee CB", 1994, "Dual calcium ion regulation of calcineurin by calmodulin and calcineurin B",
    "Biochemistry 33:6859-6866", "10.1021/bi00188a015",
)  # fmt: skip
SWANSON_1999 = Citation(
    "Swanson-Park JL and others", 1999,
    "A double dissociation within the hippocampus of dopamine D1/D5 receptor and beta-adrenergic receptor contributions to the persistence of long-term potentiation",
    "Neuroscience 92:485-497", "",
)  # fmt: skip
TANG_2002 = Citation(
    "Tang SJ, Reis G, Kang H, Gingras AC, Sonenberg N, Schuman EM", 2002,
    "A rapamycin-sensitive signaling pathway contributes to long-term synaptic plasticity in the hippocampus",
    "PNAS 99:467-472", "10.1073/pnas.012605299",
)  # fmt: skip
TURRIGIANO_1998 = Citation(
    "Turrigiano GG, Leslie KR, Desai NS, Rutherford LC, Nelson SB", 1998,
    "Activity-dependent scaling of quantal amplitude in neocortical neurons", "Nature 391:892-896", "10.1038/36103",
)  # fmt: skip
TZORTZOPOULOS_2004 = Citation(
    "Tzortzopoulos A, Torok K", 2004,
    "Mechanism of the T286A-mutant alphaCaMKII interactions with Ca2+/calmodulin and ATP",
    "Biochemistry 43:6404-6414", "10.1021/bi036224m",
)  # fmt: skip
VOGEL_CIERNIA_2013 = Citation(
    "Vogel-Ciernia A et al.", 2013,
    "The neuron-specific chromatin regulatory subunit BAF53b is necessary for synaptic plasticity and memory",
    "Nat Neurosci 16:552-561", "10.1038/nn.3359",
)  # fmt: skip
WEEBER_2003 = Citation(
    "Weeber EJ, Jiang YH, Elgersma Y, Varga AW, Carrasquillo Y, Brown SE, Christian JM, Mirnikjoo B, Silva A, Beaudet AL, Sweatt JD",
    2003, "Derangements of hippocampal calcium/calmodulin-dependent protein kinase II in a mouse model for Angelman mental retardation syndrome",
    "J Neurosci 23:2634-2644", "10.1523/JNEUROSCI.23-07-02634.2003",
)  # fmt: skip
WIERENGA_2005 = Citation(
    "Wierenga CJ, Ibata K, Turrigiano GG", 2005, "Postsynaptic expression of homeostatic plasticity at neocortical synapses",
    "J Neurosci 25; PMC6725152", "",
)  # fmt: skip
WOOLFREY_2018 = Citation(
    "Woolfrey et al.", 2018, "(title not seen; CaMKII and removal of AKAP79/150 from spines in LTD)", "J Biol Chem, PMC5798287", "",
)  # fmt: skip
WOO_2002 = Citation(
    "Woo and Nguyen", 2002, "Silent metaplasticity of the late phase of long-term potentiation requires protein phosphatases",
    "Learn Mem 9:202-213", "10.1101/lm.498402",
)  # fmt: skip
WU_2001 = Citation(
    "Wu GY, Deisseroth K, Tsien RW", 2001,
    "Activity-dependent CREB phosphorylation: convergence of a fast, sensitive calmodulin kinase pathway and a slow, less sensitive mitogen-activated protein kinase pathway",
    "PNAS 98:2808-2813", "",
)  # fmt: skip
YANG_2020 = Citation(
    "Yang W, Zhou X, Zimmermann HR, Ma T", 2020,
    "Brain-specific suppression of AMPK alpha2 isoform impairs cognition and hippocampal LTP by PERK-mediated eIF2alpha phosphorylation",
    "Mol Psychiatry 26:1880-1897", "10.1038/s41380-020-0739-z",
)  # fmt: skip
ZANG_2009 = Citation(
    "(authors not seen)", 2009, "A mouse model of the human fragile X syndrome I304N mutation", "PLoS Genet 5:e1000758",
    "10.1371/journal.pgen.1000758",
)  # fmt: skip
ZHAI_2013 = Citation(
    "Zhai S, Ark ED, Parra-Bueno P, Yasuda R", 2013,
    "Long-distance integration of nuclear ERK signaling triggered by activation of a few dendritic spines",
    "Science 342:1107-1111", "10.1126/science.1245622",
)  # fmt: skip
