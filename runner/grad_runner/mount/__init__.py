"""The mount component: the only privileged code of a runner in Kubernetes. It mounts s3fs' file systems for the data component.

It holds no keys, reads no configuration and uses no network. Only the standard library is imported, and it has fewer than 150
lines of code (`tests/mount/test_size.py`). `mounter.py` says why what is below it cannot be led to mount elsewhere;
`docs/adr/0030-pods-and-the-mount-component.md` and 0035 have the threat model. `fusermount.py` runs in the data component's
container, without any privilege.
"""
