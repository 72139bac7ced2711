/**
 * The line by which `gractl complete` answers that the shell should propose file names. No candidate begins with a colon.
 */
export const FILES_LINE = ":files";

/**
 * Each script calls `gractl complete -- WORDS`, where the last word is the one to complete. A line of the answer is FILES_LINE, or a
 * candidate: the whole word, a tab and a description. The scripts never evaluate what was typed, nor what gractl answers.
 *
 * bash cuts words at the characters of COMP_WORDBREAKS ("=" and ":" among them) and replaces only what follows the last one ($2):
 * so the script joins the pieces that stand together in the line, and removes from each candidate what bash will not replace.
 */
const SCRIPTS = {
  bash: `_gractl() {
  local rest=\${COMP_LINE:0:COMP_POINT} gractl=gractl line piece trimmed word prefix files=0 i
  local -a words=()
  [[ $1 == */gractl ]] && gractl=\${1/#\\~\\//$HOME/}
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed=\${rest#"\${rest%%[![:space:]]*}"}
    piece=\${COMP_WORDS[i]}
    ((\${#piece} > \${#trimmed})) && piece=$trimmed
    if ((\${#words[@]} == 0)) || [[ $trimmed != "$rest" ]]; then
      words+=("$piece")
    else
      words[\${#words[@]}-1]+=$piece
    fi
    rest=\${trimmed#"$piece"}
  done
  words=("\${words[@]//[\\"\\'\\\\]/}")
  word=\${words[\${#words[@]}-1]}
  prefix=\${word%"\${2//[\\"\\'\\\\]/}"}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ${FILES_LINE} ]]; then
      files=1
    else
      line=\${line%%$'\\t'*}
      COMPREPLY+=("\${line#"$prefix"}")
    fi
  done < <("$gractl" complete -- "\${words[@]:1}" 2>/dev/null)
  ((files)) || compopt +o default 2>/dev/null
}
complete -o default -F _gractl gractl`,
  zsh: `#compdef gractl
_gractl() {
  local -a found
  local line files=0
  while IFS= read -r line; do
    if [[ $line == ${FILES_LINE} ]]; then
      files=1
    else
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <(gractl complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe gractl found
  elif (( files )); then
    [[ $words[CURRENT] == --*=* ]] && compset -P '*='
    _files
  fi
}
compdef _gractl gractl`,
  fish: `function __gractl_complete
  set -l words (commandline -opc)
  set -l last (commandline -ct)
  set -l prefix (string match -r '^--[^=]*=' -- "$last")
  for line in (gractl complete -- $words[2..-1] "$last" 2>/dev/null)
    if test "$line" = ${FILES_LINE}
      __fish_complete_path (string replace -- "$prefix" '' "$last") | string replace -r -- '^' "$prefix"
    else
      echo $line
    end
  end
end
complete -c gractl -f -a '(__gractl_complete)'`,
} as const;

export type Shell = keyof typeof SCRIPTS;

export const SHELLS = Object.keys(SCRIPTS) as Shell[];

/** The script that a shell reads at its start. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
