"""The live summary: officers look at calls together, decide on them, and see what became of them."""
