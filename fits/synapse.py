"""Fit CaMKII in the spine, early LTP and depression together: run `python fits/synapse.py`; the result goes to pathways/fitted.toml.

They share calcineurin and PP1, so that none can be fitted without the others. Run fits/calmodulin.py and fits/front_end.py first.
"""

from ltpath.fitting import Free, fit

FREE = {
    "k_T286": Free("camkii_k_T286", 1.0, 100.0),
    "k_T306_return": Free("camkii_k_T306_return", 0.001, 0.2),
    "pp1": Free("camkii_pp1", 0.01, 10.0),
    "k_dendritic_loss": Free("ampa_traffic_k_dendritic_loss", 2e-5, 1e-3),
    "k_tag": Free("early_ltp_k_tag", 1e-4, 5.0),
    "k_untag": Free("early_ltp_k_untag", 1e-3, 0.05),
    "burst": Free("early_ltp_burst", 5.0, 50000.0),
    "k_new_slot": Free("early_ltp_k_new_slot", 0.01, 100.0),
    "k_slot_loss": Free("early_ltp_k_slot_loss", 5e-5, 2e-3),
    "k_calcineurin": Free("pp1_k_calcineurin", 0.005, 14.0),
    "k_dispersal": Free("depression_k_dispersal", 1e-5, 1e-2),
    "k_unanchoring": Free("ampa_phosphorylation_k_unanchoring", 1e-4, 1.0),
}
EXPERIMENTS = (
    "camkii_fret_decay",
    "camkii_single_pulse",
    "early_ltp_time_course",
    "exocytosis_block",
    "exocytosis_burst",
    "low_frequency",
    "calcineurin_block",
    "frequency_response",
    "depotentiation_frequency",
    "depotentiation_guinea_pig",
    "t286a_ltp",
    "theta_burst_ltp",
    "theta_burst_number",
    "glua1_s845",
)

if __name__ == "__main__":
    print(fit("synapse", FREE, EXPERIMENTS))
