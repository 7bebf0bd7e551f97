"""One component per layer: a spec from the plan and wires from other components -> resources."""
