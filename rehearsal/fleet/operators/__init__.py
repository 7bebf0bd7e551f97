"""Stand-ins for operators whose charts are recorded, not run: each does what `up` waits for."""
