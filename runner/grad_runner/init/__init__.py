"""The init: what a kubelet does for a pod, for a runner on the local backend.

It is the first process of the runner's own pid and mount namespaces, starts the components and restarts them when they end.
It imports the standard library only, so that it starts at once.
"""
