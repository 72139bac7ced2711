import {
  ADAPTERS,
  CONFINED,
  EFFECT_FILES,
  EFFECTS,
  FOREIGN,
  OPEN_COMMAND,
  PACKAGES,
  ROOT_FILES,
  TEST_FILES,
  TIMERS,
} from "./boundaries.ts";

const REPOSITORY = new URL("../../", import.meta.url).pathname;

/** Path of the linted file from the repository root. */
function relative(filename: string): string {
  return filename.startsWith(REPOSITORY) ? filename.slice(REPOSITORY.length) : filename.slice(1);
}

function folder(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** Why `importer` must not import `specifier`, or `undefined` if it may. */
function fault(importer: string, specifier: string): string | undefined {
  if (FOREIGN.test(specifier)) return `"${specifier}" belongs in the imports of deno.json`;
  const local = specifier.startsWith(".");
  const target = local ? new URL(specifier, `file:///${importer}`).pathname.slice(1) : specifier;
  for (const [module, where] of Object.entries(CONFINED)) {
    if ((target === module || target.startsWith(`${module}/`)) && !where.test(importer)) {
      return `"${module}" may be imported only where ${where.source} matches`;
    }
  }
  if (!local) return undefined;

  const [from = "", to = ""] = [importer.split("/")[0], target.split("/")[0]];
  if (from !== to && !PACKAGES[from]?.includes(to)) return `${from}/ must not import ${to}/`;
  if (TEST_FILES.test(importer)) return undefined;
  if (TEST_FILES.test(target)) return "Code must not import test support";
  const adapter = ADAPTERS.exec(target)?.[0];
  const isInside = adapter === ADAPTERS.exec(importer)?.[0] || folder(importer) === folder(target);
  if (adapter !== undefined && !ROOT_FILES.test(importer) && !isInside) {
    return "Only main.ts wires adapters; depend on the port";
  }
  return undefined;
}

const plugin: Deno.lint.Plugin = {
  name: "grad",
  rules: {
    "boundaries": {
      create(context) {
        const importer = relative(context.filename);
        const check = (node: Deno.lint.Node, source: { value: unknown } | null | undefined) => {
          const message = source ? fault(importer, String(source.value)) : undefined;
          if (message !== undefined) context.report({ node, message });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source),
          ExportNamedDeclaration: (node) => check(node, node.source),
          ExportAllDeclaration: (node) => check(node, node.source),
          ImportExpression: (node) => node.source.type === "Literal" && check(node, node.source),
        };
      },
    },
    "quoted-commands": {
      create(context) {
        if (TEST_FILES.test(relative(context.filename))) return {};
        return {
          TemplateLiteral(node) {
            if (node.parent.type === "TaggedTemplateExpression") return;
            let before = "";
            for (const quasi of node.quasis.slice(0, -1)) {
              before += quasi.cooked;
              if (!OPEN_COMMAND.test(before)) continue;
              const message =
                "Write commands with values as shellCommand`…` of shared/shell_quote.ts: agents run them";
              return context.report({ node, message });
            }
          },
        };
      },
    },
    "effects-at-the-edge": {
      create(context) {
        const file = relative(context.filename);
        if (EFFECT_FILES.test(file) || TEST_FILES.test(file)) return {};
        const report = (node: Deno.lint.Node, name: string) =>
          context.report({ node, message: `${name} belongs in main.ts; take it as a dependency` });
        return {
          MemberExpression(node) {
            if (node.object.type !== "Identifier" || node.property.type !== "Identifier") return;
            const name = `${node.object.name}.${node.property.name}`;
            if (EFFECTS.test(name)) report(node, name);
          },
          CallExpression(node) {
            if (node.callee.type === "Identifier" && TIMERS.has(node.callee.name)) {
              report(node, node.callee.name);
            }
          },
        };
      },
    },
  },
};

export default plugin;
