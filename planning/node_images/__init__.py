"""The images that GPU nodes start from: one class per kind, and the rules between them."""
