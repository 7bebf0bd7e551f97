"""From settings to a plan of specs, or a refusal with every finding; pure, without Pulumi."""
