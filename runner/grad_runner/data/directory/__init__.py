"""A folder of the machine as a data source."""
