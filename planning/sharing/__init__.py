"""The ways of handing out the GPUs of a pool: one class per way, chosen in `ways.py`."""
