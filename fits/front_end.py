"""Fit the calcium front end: run `python fits/front_end.py`; the result goes to pathways/fitted.toml."""

from ltpath.fitting import Free, fit

if __name__ == "__main__":
    print(
        fit(
            "front_end",
            {
                "nmda_calcium_share": Free("calcium_entry_nmda_calcium_share", 0.001, 0.15),
                "vgcc_conductance": Free("calcium_entry_vgcc_conductance", 0.001, 0.2),
                "k_extrusion": Free("calcium_k_extrusion", 100.0, 5000.0),
            },
            ["spike_calcium", "paired_calcium"],
        )
    )
