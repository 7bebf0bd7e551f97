"""Model services: everything that is derived from one entry."""
