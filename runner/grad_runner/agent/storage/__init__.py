"""What the agent keeps on its state volume: journals, the folders of executions, sessions. Imports no other package of the
agent."""
