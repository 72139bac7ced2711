import { Command, Option } from "@commander-js/extra-typings";
import { GradError } from "../../shared/errors.ts";
import { formatSize } from "../../shared/size.ts";
import { shellCommand } from "../../shared/shell_quote.ts";
import type { DatasetCheck } from "../client/datasets.ts";
import type { Deps } from "../deps.ts";
import { allOptions } from "../datasets/sources/source_options.ts";
import { SOURCES } from "../datasets/sources/source_registry.ts";
import type { DatasetFile } from "../workspace/dataset_file.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { runnerRef } from "./runner_ref.ts";

/** `gractl dataset add NAME [LOCATION]`: writes datasets/NAME.yaml. The registry of source types defines their options. */
export function datasetAdd(deps: Deps) {
  const ofSources = allOptions().map((each) => {
    const option = new Option(each.flags, each.description);
    option.helpGroup(`Options of type ${each.types.join(" and ")}:`);
    return { flags: each.flags, option };
  });
  const types = SOURCES.map(({ type, summary }) => `  ${type.padEnd(10)} ${summary}`);
  const command = new Command("add")
    .description("Add a dataset: write datasets/<name>.yaml, without keys")
    .argument("<name>", "name of the dataset; code finds it at /workspace/data/<name>")
    .argument("[location]", "s3://bucket/prefix or a folder, instead of --type and its options")
    .option(
      "--type <type>",
      `${SOURCES.map(({ type }) => type).join(" or ")} (default: derived from the location or options)`,
    )
    .option("--description <text>", "what the data is, for people and models", "")
    .addOption(
      new Option(
        "--access <access>",
        "read-only, or read-write to store files that code writes in the source",
      )
        .choices(["read-only", "read-write"] as const)
        .default("read-only" as const),
    )
    .option("--no-check", "do not check whether it can be read before it is added")
    .addHelpText("after", ["", "Types:", ...types].join("\n"));
  for (const { option } of ofSources) command.addOption(option);

  return command.action(async (name, location, { type, description, access, check }) => {
    const { addDataset } = await import("../workspace/add_dataset.ts");
    const { datasetFields } = await import("../documents/dataset_document.ts");
    const { fieldsOf } = await import("../datasets/sources/source_options.ts");
    const given = command.opts() as Readonly<Record<string, unknown>>;
    const options = new Map<string, string | true>();
    for (const { flags, option } of ofSources) {
      const value = given[option.attributeName()];
      if (typeof value === "string" || value === true) options.set(flags, value);
    }
    const source = fieldsOf({ type, location, options }, { cwd: deps.cwd });
    const added = { name, description: description.trimEnd(), access, ...source };
    const workspace = await deps.workspace();
    const dataset = await addDataset(workspace, added, deps.ids);
    await deps.trust().extend(workspace, { grad: false, datasets: [dataset] });
    const checked = check ? await checkOrRemove(deps, workspace, dataset) : undefined;
    if (dataset.source.type === "directory") {
      const { resolvedPath } = await import("../workspace/trust/dataset_grants.ts");
      const real = await resolvedPath(dataset.source.path);
      // It is trusted from now on, and the link may have come with a clone.
      if (real !== dataset.source.path) {
        deps.out.note(`"${dataset.source.path}" leads to "${real}": code gets that folder`);
      }
    }
    deps.out.document(
      "Dataset",
      datasetFields(dataset),
      () =>
        checked === undefined
          ? `Added ${name} in ${dataset.file}\nCode finds it at /workspace/data/${name}. Test it with ${shellCommand`gractl dataset check ${name}`}.`
          : `Added ${name} in ${dataset.file}: ${
            sizeText(checked)
          }\nCode finds it at /workspace/data/${name}; ${shellCommand`gractl dataset check ${name}`} shows its columns.`,
    );
  });
}

/** What the check found; `undefined` where the user does not trust the workspace. @throws {GradError} what makes it unreadable; its file is removed then */
async function checkOrRemove(
  deps: Deps,
  workspace: Workspace,
  dataset: DatasetFile,
): Promise<DatasetCheck | undefined> {
  const { checkAdded } = await import("../datasets/check_added.ts");
  const { removeDataset } = await import("../workspace/one_dataset.ts");
  try {
    const [trusted = dataset] = await deps.trust().require(workspace, { grad: false, datasets: [dataset] });
    return await checkAdded(deps, trusted, await runnerRef(deps, undefined));
  } catch (thrown) {
    // It is written, as ever; what acts for a workspace, such as the check, is for those that its user trusts.
    if (thrown instanceof GradError && thrown.code === "workspace_untrusted") return undefined;
    await removeDataset(workspace, dataset.name);
    throw thrown;
  }
}

function sizeText({ files, bytes, truncated }: DatasetCheck): string {
  const count = files === 1 ? "1 file" : `${files.toLocaleString("en-US")} files`;
  return `${truncated ? "at least " : ""}${count}, ${formatSize(bytes)}`;
}
