/**
 * The JSONPath of printer columns: fields, indexes, slices, unions, wildcards, filters and `..`,
 * with upstream's readings of each. Ranges and templates make no sense in a column and are refused.
 */

export class JsonPathError extends Error {
  override readonly name = 'JsonPathError'
}

/** Steps from a list of values to a list of values. */
export type JsonPath = readonly Step[]

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | {
      readonly type: 'slice'
      readonly start?: number
      readonly end?: number
      readonly step?: number
    }
  | { readonly type: 'index'; readonly at: number }
  | { readonly type: 'union'; readonly paths: readonly JsonPath[] }
  | { readonly type: 'literal'; readonly value: unknown }
  | {
      readonly type: 'filter'
      readonly left: JsonPath
      readonly compare?: Comparison
      readonly right: JsonPath
    }

/** Values that one search may touch; `..` after `..` would otherwise multiply without end. */
const MAX_VISITS = 100_000

// --- Reading a path ------------------------------------------------------------------------------

export function parseJsonPath(text: string): JsonPath {
  const steps: Step[] = []
  let rest = text
  while (rest !== '') {
    const { step, length } = readStep(rest, steps.at(-1))
    if (step) steps.push(step)
    rest = rest.slice(length)
  }
  return steps
}

interface Read {
  readonly step?: Step
  readonly length: number
}

function readStep(rest: string, previous: Step | undefined): Read {
  const [first = ''] = rest
  if (rest.startsWith('[?(')) return readFilter(rest)
  if (rest.startsWith('..')) {
    if (previous?.type === 'recursive')
      throw new JsonPathError('invalid multiple recursive descent')
    // The field may follow at once, without a dot of its own.
    return { step: { type: 'recursive' }, length: /[\p{L}\d_]/u.test(rest[2] ?? '') ? 1 : 2 }
  }
  if (first === ' ' || first === '@' || first === '$') return { length: 1 }
  if (first === '.') return readField(rest)
  if (first === '[') return readArray(rest)
  if (first === '"' || first === "'") return readQuoted(rest)
  const number = /^[+-]?[\d.]*\d[\d.]*/.exec(rest)?.[0]
  if (number) return readNumber(number)
  const word = /^(true|false)(?=[\s.,[\]$@{}]|$)/.exec(rest)?.[0]
  if (word) return { step: { type: 'literal', value: word === 'true' }, length: word.length }
  throw new JsonPathError(`unexpected ${JSON.stringify(rest)} in JSONPath`)
}

function readNumber(text: string): Read {
  const value = Number(text)
  if (Number.isNaN(value)) throw new JsonPathError(`cannot parse number ${text}`)
  return { step: { type: 'literal', value }, length: text.length }
}

/** `.name`, where a backslash takes any sign into the name; `.*` is everything. */
function readField(rest: string): Read {
  const [, name = ''] = /^\.((?:\\[\s\S]|[^\\\s.,[\]$@{}])*)/.exec(rest) ?? []
  const length = 1 + name.length
  if (name === '*') return { step: { type: 'wildcard' }, length }
  return { step: { type: 'field', name: name.replaceAll('\\', '') }, length }
}

function readQuoted(rest: string): Read {
  const [quoted, , text] = /^(["'])((?:\\[\s\S]|(?!\1)[^\\\n])*)\1/.exec(rest) ?? []
  if (quoted === undefined) throw new JsonPathError('unterminated quoted string')
  const value = (text ?? '').replaceAll(/\\([\s\S])/g, '$1')
  return { step: { type: 'literal', value }, length: quoted.length }
}

function readArray(rest: string): Read {
  const end = rest.indexOf(']')
  if (end === -1) throw new JsonPathError('unterminated array')
  const text = rest.slice(1, end)
  const parts = text.split(',')
  const step: Step =
    parts.length > 1
      ? { type: 'union', paths: parts.map((each) => [arrayStep(each.trim())]) }
      : arrayStep(text)
  return { step, length: end + 1 }
}

function arrayStep(text: string): Step {
  if (text === '*') return { type: 'slice' }
  const name = /^'([^']*)'$/.exec(text)?.[1]
  if (name !== undefined) return { type: 'field', name: name.replaceAll('\\', '') }
  const [match, start, end, step] = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text) ?? []
  if (match === undefined || text === '' || text === '-') {
    throw new JsonPathError(`invalid array index ${text}`)
  }
  if (end === undefined) return { type: 'index', at: Number(start) }
  return {
    type: 'slice',
    ...(start && { start: Number(start) }),
    ...(end.length > 1 && { end: Number(end.slice(1)) }),
    ...(step && step.length > 1 && { step: Number(step.slice(1)) }),
  }
}

function readFilter(rest: string): Read {
  // A closing parenthesis inside quotes belongs to the text.
  const [whole, inner = ''] = /^\[\?\(((?:"[^"\n]*"|'[^'\n]*'|[^"')\n])*)\)\]/.exec(rest) ?? []
  if (whole === undefined) throw new JsonPathError('unterminated filter')
  const [, left, operator, right] = /^([^!<>=]+)([!<>=~]+)(.+)$/.exec(inner) ?? []
  if (left === undefined || operator === undefined || right === undefined) {
    return { step: { type: 'filter', left: parseJsonPath(inner), right: [] }, length: whole.length }
  }
  if (!isComparison(operator)) {
    throw new JsonPathError(`unrecognized filter operator ${operator}`)
  }
  const compare = operator
  const sides = { left: parseJsonPath(left), right: parseJsonPath(right) }
  return { step: { type: 'filter', ...sides, compare }, length: whole.length }
}

const isComparison = (text: string): text is Comparison =>
  ['==', '!=', '<', '<=', '>', '>='].includes(text)

// --- Following a path ----------------------------------------------------------------------------

/** Every value at the end of the path; throws when a step does not fit what it finds. */
export function findAll(path: JsonPath, root: unknown): unknown[] {
  return follow(path, [root], { left: MAX_VISITS })
}

interface Visits {
  left: number
}

function follow(path: JsonPath, start: unknown[], visits: Visits): unknown[] {
  return path.reduce<unknown[]>((values, step) => {
    visits.left -= values.length
    if (visits.left < 0) throw new JsonPathError(`JSONPath touches more than ${MAX_VISITS} values`)
    return take(step, values, visits)
  }, start)
}

function take(step: Step, values: unknown[], visits: Visits): unknown[] {
  switch (step.type) {
    case 'literal':
      return values.map(() => step.value)
    case 'union':
      return step.paths.flatMap((path) => follow(path, values, visits))
    case 'field':
      return values.flatMap((value) =>
        isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [],
      )
    case 'wildcard':
      return values.flatMap(childrenOf)
    case 'recursive':
      return values.flatMap((value) => withDescendants(value, visits))
    case 'index':
    case 'slice':
      return values.flatMap((value) => (isNull(value) ? [] : sliced(step, listOf(value))))
    case 'filter':
      return values.flatMap((value) => listOf(value).filter((each) => passes(step, each, visits)))
  }
}

const isNull = (value: unknown): boolean => value === null || value === undefined

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  throw new JsonPathError(`${typeof value} is not array or slice`)
}

function childrenOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

/** Everything that holds something, from the outside in. */
function withDescendants(value: unknown, visits: Visits): unknown[] {
  const children = childrenOf(value)
  visits.left -= children.length
  if (visits.left < 0) throw new JsonPathError(`JSONPath touches more than ${MAX_VISITS} values`)
  if (children.length === 0) return []
  return [value, ...children.flatMap((child) => withDescendants(child, visits))]
}

function sliced(step: Step & { type: 'index' | 'slice' }, list: unknown[]): unknown[] {
  const { length } = list
  const from = step.type === 'index' ? step.at : (step.start ?? 0)
  const start = from < 0 ? from + length : from
  if (step.type === 'index') {
    if (start < 0 || start >= length) throw outOfBounds(from, length)
    return [list[start]]
  }
  const to = step.end ?? length
  const end = to < 0 ? to + length : to
  if (start === end) return []
  if (start < 0 || start >= length) throw outOfBounds(start, length)
  if (end < 0 || end > length) throw outOfBounds(end - 1, length)
  if (start > end) {
    throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`)
  }
  const stride = step.step ?? 1
  if (stride <= 0) throw new JsonPathError('step must be > 0')
  return list.slice(start, end).filter((_, at) => at % stride === 0)
}

function outOfBounds(index: number, length: number): JsonPathError {
  return new JsonPathError(`array index out of bounds: index ${index}, length ${length}`)
}

function passes(step: Step & { type: 'filter' }, item: unknown, visits: Visits): boolean {
  const left = follow(step.left, [item], visits)
  if (!step.compare) return left.length > 0
  const right = follow(step.right, [item], visits)
  if (left.length === 0 || right.length === 0) return false
  if (left.length > 1 || right.length > 1) {
    throw new JsonPathError('can only compare one element at a time')
  }
  return compares(left[0], step.compare, right[0])
}

function compares(left: unknown, compare: Comparison, right: unknown): boolean {
  const isOrdered = typeof left === 'number' || typeof left === 'string'
  const isEquality = compare === '==' || compare === '!='
  if (typeof left !== typeof right || !(isOrdered || (typeof left === 'boolean' && isEquality))) {
    throw new JsonPathError('incompatible types for comparison')
  }
  const [one, other] = [left as number, right as number]
  switch (compare) {
    case '==':
      return one === other
    case '!=':
      return one !== other
    case '<':
      return one < other
    case '<=':
      return one <= other
    case '>':
      return one > other
    case '>=':
      return one >= other
  }
}
