"""What the platform costs over the bare engine: `make bench`, explained in docs/benchmarks.md."""
