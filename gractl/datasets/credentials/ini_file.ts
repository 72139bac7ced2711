export type Section = Readonly<Record<string, string>>;

/**
 * Sections of an AWS configuration file by the text in their brackets. As in the AWS tools, indented lines (nested settings) are
 * skipped and sections of the same title are merged.
 */
export function parseIni(text: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const title = /^\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (title !== undefined) {
      const name = title.replace(/\s+/, " ").replaceAll(/["']/g, "");
      section = sections.get(name) ?? Object.create(null) as Record<string, string>;
      sections.set(name, section);
      continue;
    }
    const [, key, value] = /^([^\s=][^=]*?)\s*=\s*(.*?)(\s+[#;].*)?\s*$/.exec(line) ?? [];
    if (section !== undefined && key !== undefined && value !== undefined) section[key] = value;
  }
  return sections;
}
