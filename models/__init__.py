"""The catalogue: one file a model; each lists the pathways it is made of."""
