"""Fit the late phase: run `python fits/late.py`; the result goes to pathways/fitted.toml. Run fits/synapse.py first.

Bounds ("at least") among the rows have no error: here they pull with a twentieth of their value. Uncaging swells spines about
fourfold (Matsuzaki 2004), so that actin cannot add more than four volumes.
"""

from ltpath.fitting import Free, fit

FREE = {
    "k_capture": Free("capture_k_capture", 1e-5, 1e-2),
    "stored": Free("translation_stored", 50.0, 5000.0),
    "swollen": Free("spine_volume_swollen", 0.1, 4.0),
    "k_swell": Free("spine_volume_k_swell", 1e-3, 10.0),
    "gain": Free("scaling_gain", 0.1, 10.0),
}
EXPERIMENTS = (
    "late_ltp_anisomycin",
    "late_specificity",
    "weak_after_strong",
    "weak_before_strong",
    "beta_agonist_ltp",
    "spine_enlargement",
    "scaling_up",
)

if __name__ == "__main__":
    print(fit("late", FREE, EXPERIMENTS, bound_width=0.05))
