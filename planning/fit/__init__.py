"""Whether a model fits its GPUs, and how many tokens they then hold: arithmetic, no engine."""
