"""The programs that a rehearsal runs, built from their published Go modules at pinned versions.

`toolbox` is the door; `recipes` is the table of what is built, `modules/` holds the pins.
"""
