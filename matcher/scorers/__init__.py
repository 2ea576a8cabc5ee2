"""How near texts are to each other: one module a way of telling."""
