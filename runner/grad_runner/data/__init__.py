"""The data component: the only holder of S3 keys and the only one that mounts. One s3fs per dataset,
supervised."""
