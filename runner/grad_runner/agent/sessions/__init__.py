"""A session: its queue of executions and its kernel. Imports `executions` and the packages below it; only the modules at
the top of the agent import it."""
