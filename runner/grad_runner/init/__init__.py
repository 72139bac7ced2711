"""The init: the local backend's kubelet. First process of a runner's own pid and mount namespaces, it holds
the mounts and keeps the components alive. Standard library only, so that it starts at once."""
