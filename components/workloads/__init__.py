"""The kinds of workload that run replicas, one renderer per shape."""
