/** Rules about code: sizes, names, banned calls, and what TypeScript could do but we do not. */
import { type Problem, type Rule, topFolder } from './repository.ts'
import { isTest, type Source, sourcesOf } from './source.ts'

export const FILE_LINES_MAX = 500
export const FUNCTION_LINES_MAX = 70
const COMMENT_COLUMNS_MAX = 100

function perSource(
  name: string,
  judge: (source: Source) => readonly Omit<Problem, 'path'>[],
): Rule {
  return {
    name,
    check: (repository) =>
      sourcesOf(repository).flatMap((source) =>
        judge(source).map((problem) => ({ path: source.path, ...problem })),
      ),
  }
}

const syntax = perSource('syntax', ({ syntaxErrors }) =>
  syntaxErrors.map((message) => ({ message: `does not parse: ${message}` })),
)

const fileSize = perSource('file-size', ({ lines }) => {
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length
  if (count <= FILE_LINES_MAX) return []
  return [{ message: `has ${count} lines, at most ${FILE_LINES_MAX} wanted` }]
})

const functionSize = perSource('function-size', ({ functions }) =>
  functions
    .filter(({ lineCount, isSuite }) => lineCount > FUNCTION_LINES_MAX && !isSuite)
    .map(({ name, line, lineCount }) => ({
      line,
      message: `${name} has ${lineCount} lines, at most ${FUNCTION_LINES_MAX} wanted`,
    })),
)

const commentWidth = perSource('comment-width', ({ lines }) =>
  lines.flatMap((text, index) => {
    const isComment = /^\s*(\/\/|\/\*|\*)/.test(text) && !text.includes('://')
    if (!isComment || text.length <= COMMENT_COLUMNS_MAX) return []
    const message = `comment is ${text.length} columns wide, at most ${COMMENT_COLUMNS_MAX} wanted`
    return [{ line: index + 1, message }]
  }),
)

const openingComment = perSource('opening-comment', ({ lines, comments }) => {
  const first = lines.findIndex((text) => text.trim() !== '' && !text.startsWith('#!'))
  if (comments.some(({ line }) => line === first + 1)) return []
  return [{ line: first + 1, message: 'does not open with a sentence that says what it is for' }]
})

/** A name of these says nothing about what is inside. */
const EMPTY_WORDS = /(^|[-.])(utils?|helpers?|common|misc|stuff)($|[-.])/
const EMPTY_NAMES = new Set(['index', 'manager'])
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/

const fileNames: Rule = {
  name: 'file-names',
  check: (repository) =>
    sourcesOf(repository).flatMap(({ path }): Problem[] => {
      const parts = path.replace(/(\.slow)?(\.test|\.bench|\.config)?\.ts$/, '').split('/')
      const wrong = parts.find((part) => !KEBAB_CASE.test(part))
      if (wrong !== undefined) return [{ path, message: `"${wrong}" is not in kebab-case` }]
      const empty = parts.find((part) => EMPTY_NAMES.has(part) || EMPTY_WORDS.test(part))
      if (empty === undefined) return []
      return [{ path, message: `"${empty}" says nothing: name it after what is inside` }]
    }),
}

const noAny = perSource('no-any', ({ anys }) =>
  anys.map((line) => ({ line, message: 'any turns the type checker off: use unknown' })),
)

const noDefaultExport = perSource('no-default-export', ({ path, defaultExports }) =>
  path.endsWith('.config.ts')
    ? []
    : defaultExports.map((line) => ({ line, message: 'default export: give it a name' })),
)

const noSilencing = perSource('no-silencing', (source) =>
  source.comments.flatMap(({ name, line }) => {
    const [directive] = /@ts-(ignore|nocheck|expect-error)/.exec(name) ?? []
    if (directive === undefined) return []
    if (directive === '@ts-expect-error' && isTest(source)) return []
    return [{ line, message: `${directive} hides errors from the type checker` }]
  }),
)

interface Ban {
  /** As `object.property`, as a plain call, or as a name imported from the module. */
  readonly names: RegExp
  readonly reason: string
  readonly allowedIn?: readonly string[]
}

const TIME = 'time comes in as a Clock (daemon/clock.ts)'
const CHANCE = 'randomness comes in as a Random (daemon/random.ts)'
const PROCESS = 'the process is reached through daemon/host.ts and daemon/service.ts'

const bans: readonly Ban[] = [
  { names: /^(Date\.now|performance\.\w+|Temporal\.Now)$/, reason: TIME, allowedIn: ['bench'] },
  { names: /^((globalThis\.)?set(Timeout|Interval)|AbortSignal\.timeout)$/, reason: TIME },
  {
    names: /^(node:timers|node:timers\/promises|node:perf_hooks)$/,
    reason: TIME,
    allowedIn: ['bench'],
  },
  { names: /^Math\.random$/, reason: CHANCE },
  {
    names: /^((crypto|webcrypto)\.)?(random(UUID|Bytes|Int|Fill|FillSync|UUIDv7)|getRandomValues)$/,
    reason: CHANCE,
  },
  {
    names: /^process\.(env|argv|exit|on|once|hrtime|uptime|stdout|stderr|kill)$/,
    reason: PROCESS,
    allowedIn: ['bench'],
  },
  {
    names: /^console\.\w+$/,
    reason: 'lines go through a Log (daemon/log.ts)',
    allowedIn: ['cli', 'bench'],
  },
]

const bannedCalls = perSource('banned-calls', (source) => {
  const folder = topFolder(source.path)
  if (folder === undefined || folder === 'daemon' || isTest(source)) return []
  const imported = source.imports
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .flatMap(({ specifier, names = [], line }) =>
      [specifier, ...names].map((name) => ({ name, line })),
    )
  const dates = source.constructions
    .filter(({ name, argumentCount }) => name === 'Date' && argumentCount === 0)
    .map(({ line }) => ({ name: 'Date.now', line }))
  const used = [...source.members, ...source.calls, ...imported, ...dates]
  return used.flatMap(({ name, line }) => {
    const ban = bans.find(
      ({ names, allowedIn }) => names.test(name) && !allowedIn?.includes(folder),
    )
    return ban ? [{ line, message: `${name}: ${ban.reason}` }] : []
  })
})

export const codeRules: readonly Rule[] = [
  syntax,
  fileSize,
  functionSize,
  commentWidth,
  openingComment,
  fileNames,
  noAny,
  noDefaultExport,
  noSilencing,
  bannedCalls,
]
