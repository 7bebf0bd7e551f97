"""What people read of an environment and of a change to it; without Pulumi."""
