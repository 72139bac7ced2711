"""One dataset attached: when it is mounted, probed, renewed and unmounted, and where."""
