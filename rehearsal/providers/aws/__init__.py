"""The simulated AWS account as a Pulumi provider: the SDK's own types, plausible answers."""
