/** `config.yaml` of a new workspace. */
export function configText(workspaceId: string): string {
  return `# A workspace of gractl. \`gractl config set KEY VALUE\` changes a value and keeps these comments.
apiVersion: gractl/v1
kind: Workspace

# Names this workspace to grad: runners belong to it, so keep it as it is. It is no secret.
workspaceId: ${workspaceId}

# Which grad runs the code: "local" is one on this machine that gractl starts by itself,
# "unix:/path/of/a/socket" one that runs already.
grad: local

# The runner and the session that commands use unless told otherwise by --runner and --session.
runner: runner-1
session: default
`;
}

/** `.gitignore` of a new workspace. */
export const GITIGNORE = `# What executions wrote: it can be had again, and may be large.
/runners/
/outputs/
`;

/** `datasets/example.yaml.txt` of a new workspace: not read, because of its ending. */
export const EXAMPLE_DATASET =
  `# Each datasets/NAME.yaml describes one dataset; code finds it at /workspace/data/NAME.
# Copy this file to NAME.yaml, or let \`gractl dataset add NAME s3://BUCKET/PREFIX\` write one.
# Keys (passwords) never stand in these files: they only say where the keys are to be found.
apiVersion: gractl/v1
kind: Dataset

# The file's name without .yaml: a letter, then up to 39 of a-z, 0-9 and "-".
name: flights

# One line for people and models that look for data.
description: All departures from New York in 2013

# s3: a bucket or a prefix of it. directory: a folder of this machine (\`directory:\` with \`path:\` below it).
type: s3
s3:
  bucket: my-bucket
  # Only keys below it; without it the whole bucket.
  prefix: flights/2013
  # Another server than Amazon's, and its way to name buckets.
  endpoint: https://minio.example.com:9000
  region: us-east-1
  pathStyle: true

# read-only (the default) or read-write: then what code writes below /workspace/data/<name> lands in the source,
# a prefix may be a new one, and the keys are asked for the right to write before code starts.
access: read-only

# environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary keys, AWS_SESSION_TOKEN (the default).
# profile: a profile of ~/.aws; \`profile:\` names it (static keys, SSO, a role or a credential_process).
#          With \`file:\` its keys are read from that shared-credentials file, which must lie outside of the workspace.
# anonymous: none, for public buckets.
credentials:
  source: profile
  profile: research
`;
