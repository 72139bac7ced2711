"""The mount component: the only privileged code of a runner in Kubernetes. It mounts s3fs' file systems for the data component.

It holds no keys, reads no configuration and uses no network. Only the standard library is imported. `mounter.py` says why what is
below it cannot be led to mount elsewhere; `docs/adr/0030-mount-component.md` has the threat model.
"""
