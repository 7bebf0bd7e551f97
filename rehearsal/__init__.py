"""The platform without the cloud: the very same program against a real control plane."""
