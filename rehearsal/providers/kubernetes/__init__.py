"""The simulated `kubernetes` resource provider: real objects on the rehearsal's control plane.

It does what the official plugin (pulumi-kubernetes 4.34) does for the resources of this program:
server-side apply, dry run in previews, a diff field by field, waits for readiness, drift on
refresh, deletion in the foreground. A Helm release is recorded, not rendered (`releases.py`).
"""
