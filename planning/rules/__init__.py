"""Rules between layers: what is refused, and what is warned of."""
