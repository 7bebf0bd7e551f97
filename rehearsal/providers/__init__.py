"""Simulated Pulumi resource providers: plugins for where the official ones cannot be had."""
