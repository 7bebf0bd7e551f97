"""Where replicas go, and what a roll of them needs."""
