"""The agent's side of kernels: the supervisor's client, the Jupyter protocol and a kernel's output. Imports `files` only."""
