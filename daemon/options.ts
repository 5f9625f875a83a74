/** Command-line flags as typed declarations: one value gives the parser, the types and the help. */
import { parseDurationMs } from './duration.ts'
import { suggestion } from './suggestion.ts'

export interface Option<Value> {
  /** The word for the value in the help, as upstream's help names it. */
  readonly type: string
  readonly help: string
  /** The environment variable that is read when the flag is absent. */
  readonly env?: string
  /** One letter, for `-v 4`. */
  readonly short?: string
  readonly default?: unknown
  readonly isRequired: boolean
  /** Whether it may stand alone: `--flag` means `--flag=true`. */
  readonly isSwitch: boolean
  /** Gets every text given, in order; undefined when there is none. Throws Unusable. */
  readonly parse: (texts: readonly string[] | undefined) => Value
}

/** Flags by section title, by name: the shape of the help. */
export type OptionSections = Readonly<Record<string, Readonly<Record<string, Option<unknown>>>>>

type NamesIn<Sections> = { [Title in keyof Sections]: keyof Sections[Title] }[keyof Sections]
type OptionAt<Sections, Name> = {
  [Title in keyof Sections]: Name extends keyof Sections[Title] ? Sections[Title][Name] : never
}[keyof Sections]
type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name
type ValueOf<Of> = Of extends Option<infer Value> ? Value : never

/** What the flags parse to: `--secure-port` becomes `securePort`. */
export type OptionValues<Sections> = {
  readonly [Name in NamesIn<Sections> as CamelCase<Name>]: ValueOf<OptionAt<Sections, Name>>
}

interface Spec<Default> {
  readonly help: string
  readonly env?: string
  readonly short?: string
  readonly default?: Default
  readonly required?: true
}
type Present<Given, Value> = Given extends { default: unknown } | { required: true }
  ? Value
  : Value | undefined

/** What a value cannot be used for; the message says what was wanted. */
class Unusable extends Error {}

/** Everything that is wrong with a command line, so that one run is enough to mend it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

interface Range {
  readonly min?: number
  readonly max?: number
}

export const option = {
  text: <const Given extends Spec<string>>(spec: Given) =>
    single<Given, string>(spec, 'string', (text) => text),

  integer: <const Given extends Spec<number> & Range>(spec: Given) =>
    single<Given, number>(spec, 'int', (text) => readInteger(text, spec)),

  number: <const Given extends Spec<number> & Range>(spec: Given) =>
    single<Given, number>(spec, 'float', (text) => readNumber(text, spec)),

  /** 0 lets the system choose a free port. */
  port: <const Given extends Spec<number>>(spec: Given) =>
    single<Given, number>(spec, 'int', (text) => readInteger(text, { min: 0, max: 65_535 })),

  /** In milliseconds, also the default; written as 10s or 1h30m. */
  duration: <const Given extends Spec<number>>(spec: Given) =>
    single<Given, number>(spec, 'duration', readDuration),

  choice: <const Value extends string, const Given extends Spec<Value>>(
    values: readonly Value[],
    spec: Given,
  ) => single<Given, Value>(spec, values.join('|'), (text) => readChoice(text, values)),

  /** False unless it is given. */
  boolean: (spec: Spec<boolean>): Option<boolean> => ({
    ...single(spec, '', readBoolean),
    default: spec.default ?? false,
    isSwitch: true,
    parse: (texts) => last(texts, readBoolean) ?? spec.default ?? false,
  }),

  /** Repeated, or with commas, or both. */
  list: (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
    ...single(spec, 'strings', (text) => [text]),
    parse: (texts) => texts?.flatMap(splitList) ?? spec.default ?? [],
  }),

  /** `a=1,b=2`; a later entry of the same name wins. */
  map: (spec: Spec<Readonly<Record<string, string>>>): Option<ReadonlyMap<string, string>> => ({
    ...single(spec, 'mapStringString', (text) => [text]),
    parse: (texts) =>
      new Map(texts?.flatMap(splitList).map(readPair) ?? Object.entries(spec.default ?? {})),
  }),
}

function single<Given extends Spec<unknown>, Value>(
  spec: Given,
  type: string,
  read: (text: string) => Value,
): Option<Present<Given, Value>> {
  const { required, ...rest }: Spec<unknown> = spec
  const parse = (texts: readonly string[] | undefined) => last(texts, read) ?? spec.default
  return {
    ...rest,
    type,
    isRequired: required === true,
    isSwitch: false,
    parse: parse as (texts: readonly string[] | undefined) => Present<Given, Value>,
  }
}

function last<Value>(
  texts: readonly string[] | undefined,
  read: (text: string) => Value,
): Value | undefined {
  const text = texts?.at(-1)
  return text === undefined ? undefined : read(text)
}

function readInteger(text: string, range: Range): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
  return withinRange(Number.isSafeInteger(value) ? value : Number.NaN, range, 'a whole number')
}

function readNumber(text: string, range: Range): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  return withinRange(value, range, 'a number')
}

function withinRange(
  value: number,
  { min = -Infinity, max = Infinity }: Range,
  what: string,
): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value
  const lower = Number.isFinite(min) ? ` from ${min}` : ''
  const upper = Number.isFinite(max) ? ` to ${max}` : ''
  throw new Unusable(`wanted ${what}${lower}${upper}`)
}

function readDuration(text: string): number {
  const durationMs = parseDurationMs(text)
  if (durationMs === undefined) throw new Unusable('wanted a duration such as 10s or 1h30m')
  return durationMs
}

function readChoice<Value extends string>(text: string, values: readonly Value[]): Value {
  const value = values.find((known) => known === text)
  if (value === undefined) throw new Unusable(`wanted one of ${values.join(', ')}`)
  return value
}

const TRUE_TEXTS = ['1', 't', 'T', 'true', 'TRUE', 'True']
const FALSE_TEXTS = ['0', 'f', 'F', 'false', 'FALSE', 'False']

function readBoolean(text: string): boolean {
  if (TRUE_TEXTS.includes(text)) return true
  if (FALSE_TEXTS.includes(text)) return false
  throw new Unusable('wanted true or false')
}

function readPair(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new Unusable('wanted name=value')
  return [text.slice(0, at), text.slice(at + 1)]
}

function splitList(text: string): string[] {
  return text === '' ? [] : text.split(',')
}

export interface CommandLine {
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** How many words may stand beside the flags; none unless it is said. */
  readonly wordsMax?: number
}

export interface Parsed<Sections> {
  readonly values: OptionValues<Sections>
  readonly words: readonly string[]
}

/** Throws a UsageError that names every problem. */
export function parseOptions<const Sections extends OptionSections>(
  sections: Sections,
  { arguments: given, environment, wordsMax = 0 }: CommandLine,
): Parsed<Sections> {
  const options = new Map(Object.values(sections).flatMap((section) => Object.entries(section)))
  const { texts, words, problems } = scan(given, options)
  for (const word of words.slice(wordsMax)) problems.push(`unexpected argument "${word}"`)
  const values: Record<string, unknown> = {}
  for (const [name, option] of options) {
    const fromEnvironment = option.env === undefined ? undefined : environment[option.env]
    const used = texts.get(name) ?? (fromEnvironment ? [fromEnvironment] : undefined)
    if (used === undefined && option.isRequired) problems.push(`required flag "--${name}" not set`)
    try {
      values[camelCase(name)] = option.parse(used)
    } catch (error) {
      if (!(error instanceof Unusable)) throw error
      const from = texts.has(name) ? `"--${name}" flag` : `environment variable ${option.env}`
      problems.push(`invalid argument "${used?.join(',')}" for ${from}: ${error.message}`)
    }
  }
  if (problems.length > 0) throw new UsageError(problems)
  return { values: values as OptionValues<Sections>, words }
}

interface Scan {
  readonly texts: Map<string, string[]>
  readonly words: string[]
  readonly problems: string[]
}

function scan(given: readonly string[], options: ReadonlyMap<string, Option<unknown>>): Scan {
  const found: Scan = { texts: new Map(), words: [], problems: [] }
  const rest = [...given]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      found.words.push(...rest)
      break
    }
    if (word.startsWith('-') && word !== '-') scanFlag(word, rest, options, found)
    else found.words.push(word)
  }
  return found
}

function scanFlag(
  word: string,
  rest: string[],
  options: ReadonlyMap<string, Option<unknown>>,
  { texts, problems }: Scan,
): void {
  const { flag, attached } = splitFlag(word)
  const name = flag.startsWith('--') ? flag.slice(2) : longName(flag.slice(1), options)
  const option = options.get(name)
  if (option === undefined) {
    const near = suggestion(name, options.keys())
    problems.push(`unknown flag: ${flag}${near ? ` (did you mean --${near}?)` : ''}`)
    // What follows was most likely meant as its value: it deserves no complaint of its own.
    if (attached === undefined && rest[0]?.startsWith('-') === false) rest.shift()
    return
  }
  const text = attached ?? (option.isSwitch ? 'true' : rest.shift())
  if (text === undefined) problems.push(`flag needs an argument: ${flag}`)
  else texts.set(name, [...(texts.get(name) ?? []), text])
}

/** `--flag=text`, `-f=text` and `-ftext` carry their text; `--flag` and `-f` take the next word. */
function splitFlag(word: string): { flag: string; attached?: string } {
  const isLong = word.startsWith('--')
  const end = isLong ? word.indexOf('=') : 2
  if (end === -1 || end === word.length) return { flag: word }
  const text = word.slice(end)
  return { flag: word.slice(0, end), attached: text.startsWith('=') ? text.slice(1) : text }
}

function longName(letter: string, options: ReadonlyMap<string, Option<unknown>>): string {
  for (const [name, option] of options) if (option.short === letter) return name
  return letter
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
