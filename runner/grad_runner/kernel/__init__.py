"""The kernel component: a supervisor, below it a warm launcher, below that the user's kernels.

Everything that runs here is untrusted: the component (a sandbox or a container) is the security boundary, and nothing in
this package protects one kernel of a user from another kernel of the same user.
"""
