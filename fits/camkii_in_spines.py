"""Fit CaMKII in spines: run `python fits/camkii_in_spines.py`; the result goes to pathways/fitted.toml."""

from ltpath.fitting import Free, fit

if __name__ == "__main__":
    print(
        fit(
            "camkii_in_spines",
            {
                "k_T286": Free("camkii_k_T286", 1.0, 200.0),
                "k_T306_return": Free("camkii_k_T306_return", 0.001, 0.2),
                "pp1": Free("camkii_pp1", 0.1, 10.0),
            },
            ["camkii_fret_decay", "camkii_single_pulse"],
        )
    )
