"""What every command of a rehearsal imports; imported once, by the server that they fork from."""

import gc
import importlib

gc.disable()
for name in ("rehearsal.__main__", "stacks.templates"):
    importlib.import_module(name)
gc.freeze()
gc.enable()
