"""What an environment is made of: one module per template, and the contract for other repos."""
