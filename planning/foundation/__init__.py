"""Network, cluster, storage, certificates and secrets."""
