"""S3 as a data source: what may be asked for, the client, s3fs, and what watches it."""
