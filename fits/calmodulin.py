"""Fit calcium's affinity for calmodulin: run `python fits/calmodulin.py`; the result goes to pathways/fitted.toml."""

from ltpath.fitting import Free, fit

if __name__ == "__main__":
    print(
        fit(
            "calmodulin",
            {
                "affinity_C": Free("calmodulin_affinity_C", 0.1, 3.0),
                "affinity_N": Free("calmodulin_affinity_N", 0.1, 3.0),
            },
            ["calmodulin_titration"],
        )
    )
