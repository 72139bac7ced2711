"""The agent of a runner: serves `runner.v1.AgentService` to grad, drives kernels and journals what they do.

Imports run one way, from the left to the right, and `tests/agent/test_imports.py` keeps it so:

    service, agent -> sessions -> executions -> storage
                                  executions -> kernels -> files

Every package may import the leaf modules of this folder (`limits`, `names`, `timestamps`), which import no package.
"""
