/** Scripts that complete commands and flags in shells, made from the list of commands. Pure. */

export interface CompletedCommand {
  /** One word, or two. */
  readonly name: string
  readonly summary: string
  /** Without the dashes. */
  readonly flags: readonly string[]
}

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  return scripts[shell](commands)
}

const scripts: Record<Shell, (commands: readonly CompletedCommand[]) => string> = {
  bash: (commands) =>
    [
      ...functionOf(commands),
      'complete -o default -F _nanokube nanokube',
      'complete -o default -F _nanokube kubectl-nanokube',
      '',
    ].join('\n'),
  // zsh runs completions of bash.
  zsh: (commands) =>
    [
      '#compdef nanokube kubectl-nanokube',
      'autoload -U +X bashcompinit && bashcompinit',
      scripts.bash(commands),
    ].join('\n'),
  fish: (commands) => [...fishLines(commands), ''].join('\n'),
}

/** Words of two parts are completed part by part. */
function functionOf(commands: readonly CompletedCommand[]): string[] {
  return [
    '_nanokube() {',
    `  local word="\${COMP_WORDS[COMP_CWORD]}" one="\${COMP_WORDS[1]}" two="\${COMP_WORDS[2]}"`,
    '  local choices=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    choices="${firstWords(commands).join(' ')}"`,
    ...[...groups(commands)].flatMap(([first, seconds]) => [
      `  elif [ "$COMP_CWORD" -eq 2 ] && [ "$one" = ${first} ]; then`,
      `    choices="${seconds.join(' ')}"`,
    ]),
    '  else',
    '    case "$one $two" in',
    ...bySpecificity(commands).map(({ name, flags }) => {
      const pattern = name.includes(' ') ? `"${name}"` : `"${name} "*`
      return `      ${pattern}) choices="${flags.map((flag) => `--${flag}`).join(' ')}" ;;`
    }),
    '    esac',
    '    case "$word" in -*) ;; *) choices="" ;; esac',
    '  fi',
    '  COMPREPLY=($(compgen -W "$choices" -- "$word"))',
    '}',
  ]
}

function fishLines(commands: readonly CompletedCommand[]): string[] {
  const none = 'not __fish_seen_subcommand_from'
  const line = (...words: readonly string[]): string =>
    ['complete', '-c', 'nanokube', ...words].join(' ')
  const all = firstWords(commands).join(' ')
  return [
    ...firstWords(commands).map((word) => {
      const { summary } = commands.find(({ name }) => name === word) ?? { summary: '' }
      return line('-f', '-n', quoted(`${none} ${all}`), '-a', word, '-d', quoted(summary))
    }),
    ...[...groups(commands)].map(([first, seconds]) => {
      const isFirst = `__fish_seen_subcommand_from ${first}; and ${none} ${seconds.join(' ')}`
      return line('-f', '-n', quoted(isFirst), '-a', quoted(seconds.join(' ')))
    }),
    ...commands.flatMap(({ name, flags }) => {
      const seen = name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
      return flags.map((flag) => line('-n', quoted(seen.join('; and ')), '-l', flag))
    }),
  ]
}

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`

const firstWords = (commands: readonly CompletedCommand[]): string[] => [
  ...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name)),
]

/** Second words by first word. */
function groups(commands: readonly CompletedCommand[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ')
    if (second !== undefined) found.set(first, [...(found.get(first) ?? []), second])
  }
  return found
}

const bySpecificity = (commands: readonly CompletedCommand[]): CompletedCommand[] =>
  commands.toSorted((a, b) => b.name.split(' ').length - a.name.split(' ').length)
