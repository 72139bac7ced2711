/** Each asks gractl itself: the last word is the one to complete, an answer's line is a value, a tab and a description. */
const SCRIPTS = {
  bash: `_gractl() {
  local line IFS=$'\\n'
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(gractl complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _gractl gractl`,
  zsh: `#compdef gractl
_gractl() {
  local -a found
  local line
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(gractl complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe gractl found; else _files; fi
}
compdef _gractl gractl`,
  fish: `function __gractl_complete
  set -l words (commandline -opc)
  gractl complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c gractl -a '(__gractl_complete)'`,
} as const;

export type Shell = keyof typeof SCRIPTS;

export const SHELLS = Object.keys(SCRIPTS) as Shell[];

/** What the shell is to read at its start. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
