"""The agent: sessions, executions with their journal, files. It drives kernels and trusts nothing that comes from them."""
