"""The kernel component: a supervisor, below it a warm launcher, below that the user's kernels.

What runs here is untrusted as a whole: the component (sandbox or container) is the boundary, and nothing in this
package guards one kernel of a user from another one of the same user.
"""
