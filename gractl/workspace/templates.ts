/** `config.yaml` of a new workspace. */
export function configText(workspaceId: string): string {
  return `# Settings of this gractl workspace. \`gractl config set KEY VALUE\` changes a value and keeps the comments.
apiVersion: gractl/v1
kind: Workspace

# Identifies this workspace to grad. Runners belong to this id, so do not change it. It is not a secret.
workspaceId: ${workspaceId}

# The grad that runs code: "local" for the one on this machine, which gractl starts when needed,
# or the name of a context, a grad in your own configuration (\`gractl context list\`).
grad: local

# The runner and the session that commands use without --runner and --session.
runner: runner-1
session: default
`;
}

/** `.gitignore` of a new workspace. */
export const GITIGNORE = `# Files that executions wrote. They may be large.
/runners/
/outputs/
`;

/** `datasets/example.yaml.txt` of a new workspace. It is not read, because of its extension. */
export const EXAMPLE_DATASET =
  `# Each datasets/NAME.yaml describes one dataset; code finds it at /workspace/data/NAME.
# Copy this file to NAME.yaml, or let \`gractl dataset add NAME s3://BUCKET/PREFIX\` write one.
# Never write keys (passwords) into these files; they only state where the keys come from.
apiVersion: gractl/v1
kind: Dataset

# The name of the file without .yaml: a letter, then up to 39 of a-z, 0-9 and "-".
name: flights

# What the data is, for people and models.
description: All departures from New York in 2013

# s3: a bucket, or a prefix in it. directory: a folder on this machine (\`directory:\` with \`path:\` under it).
type: s3
s3:
  bucket: my-bucket
  # Only keys below this prefix (default: the whole bucket).
  prefix: flights/2013
  # Needed for servers other than AWS, such as MinIO.
  endpoint: https://minio.example.com:9000
  region: us-east-1

# read-only (the default), or read-write: files that code writes below /workspace/data/<name> are stored in the source.
# With read-write the prefix may be new, and write access is tested before code starts.
access: read-only

# environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary keys, AWS_SESSION_TOKEN (the default).
# profile: the AWS profile that \`profile:\` names (static keys, SSO, a role or a credential_process) in ~/.aws.
#          With \`file:\`, its keys are read from that shared credentials file, which must be outside the workspace.
# anonymous: no keys, for public buckets.
credentials:
  source: profile
  profile: research
`;
