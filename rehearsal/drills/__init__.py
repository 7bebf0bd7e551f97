"""Drills: something happens to a running rehearsal, and what should follow is watched."""
