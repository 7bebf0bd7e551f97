"""GPU pools: what they publish, and the nodes that supply it."""
