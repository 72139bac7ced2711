"""One execution: what is submitted, how it runs on a kernel, and how it ends. `execution.py` decides, without I/O; `run.py`
acts. Imports `files`, `kernels` and `storage`."""
