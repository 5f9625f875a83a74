/** JSON from hostile hands: depth bounded, Go's messages, duplicates found, no key special. */
import { syntaxError } from './json-syntax.ts'
import { duplicatePaths, exactValue, nonFiniteNumber } from './json-tokens.ts'
import { setOwn } from './set-own.ts'

export class JsonError extends Error {
  override name = 'JsonError'
}

/** Every walk over a parsed value may recurse, because nothing parsed is deeper than this. */
export const MAX_DEPTH = 1000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const ZERO = 0x30
const LOWER_D = 0x64
const LOWER_U = 0x75
/** The longest run without punctuation that stays finite unless it has an exponent. */
const FINITE_DIGITS = 308

const OPEN = 1
const CLOSE = 2
const COLON = 3
const COMMA = 4
const EXPONENT = 5
const STRING = 6
/** Bytes outside strings that matter to the scan; all others are 0 and cost one look-up. */
const kinds = new Uint8Array(256)
for (const [kind, bytes] of [
  [OPEN, '[{'],
  [CLOSE, ']}'],
  [COLON, ':'],
  [COMMA, ','],
  [EXPONENT, 'eE'],
  [STRING, '"'],
] as const) {
  for (const byte of Buffer.from(bytes)) kinds[byte] = kind
}

interface Scan {
  depth: number
  /** Keys of all objects, if the text is JSON at all. */
  keys: number
  /** A number may be too large for a double. */
  maybeInfinite: boolean
  /** A string may hold half a surrogate pair, which UTF-8 cannot carry. */
  maybeUnpaired: boolean
  hasEscapedKey: boolean
  /** A key may contain a backslash once its escapes are read. */
  maybeBackslashKey: boolean
}

/** One pass, about a nanosecond a byte; it assumes nothing about the text being JSON. */
function scan(bytes: Uint8Array): Scan {
  const length = bytes.length
  let level = 0
  let depth = 0
  let keys = 0
  let maybeInfinite = false
  let maybeUnpaired = false
  let hasEscapedKey = false
  let maybeBackslashKey = false
  let isEscaped = false
  let maybeBackslash = false
  let mark = 0
  for (let at = 0; at < length; at++) {
    const kind = kinds[bytes[at] as number]
    if (kind === 0) continue
    if (kind === EXPONENT) {
      const before = bytes[at - 1] as number
      if (before >= 0x30 && before <= 0x39) maybeInfinite = true
      continue
    }
    if (at - mark > FINITE_DIGITS) maybeInfinite = true
    if (kind === STRING) {
      isEscaped = false
      maybeBackslash = false
      at++
      for (; at < length; at++) {
        const byte = bytes[at]
        if (byte === QUOTE) break
        if (byte !== BACKSLASH) continue
        isEscaped = true
        at++
        if (bytes[at] === BACKSLASH) maybeBackslash = true
        else if (bytes[at] === LOWER_U) {
          // Lower-cased, `D` and `d` are one; \uD800 to \uDFFF are the surrogates.
          if (((bytes[at + 1] ?? 0) | 0x20) === LOWER_D) maybeUnpaired = true
          // \u005c, a backslash in disguise, starts with a zero.
          else if (bytes[at + 1] === ZERO) maybeBackslash = true
        }
      }
    } else if (kind === COLON) {
      keys++
      if (isEscaped) hasEscapedKey = true
      if (maybeBackslash) maybeBackslashKey = true
    } else if (kind === OPEN) {
      level++
      if (level > depth) depth = level
    } else if (kind === CLOSE) level--
    mark = at
  }
  if (length - mark > FINITE_DIGITS) maybeInfinite = true
  return { depth, keys, maybeInfinite, maybeUnpaired, hasEscapedKey, maybeBackslashKey }
}

const bytesOf = (input: Uint8Array | string): Uint8Array =>
  typeof input === 'string' ? Buffer.from(input) : input

/**
 * The value of a JSON text; `JsonError` is all it throws. Invalid UTF-8 and unpaired surrogates
 * inside strings become U+FFFD, as upstream reads them.
 */
export function parseJson(input: Uint8Array | string): unknown {
  const bytes = bytesOf(input)
  const facts = scan(bytes)
  if (facts.depth > MAX_DEPTH) throw new JsonError(depthProblem(bytes))
  const text = textOf(bytes)
  let value = parsed(text, bytes)
  if (facts.hasEscapedKey && (facts.maybeBackslashKey || hasBackslashKey(value))) {
    value = exactValue(text)
  }
  if (facts.maybeInfinite) refuseInfinite(text, value)
  return facts.maybeUnpaired ? wellFormed(value) : value
}

function parsed(text: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonError(syntaxError(bytes) ?? 'invalid JSON')
  }
}

/**
 * V8 (Node 26.10) can take a key with escapes for one with a backslash that it met before: after
 * `{"\\":1}`, `{"\n":1}` has the key `\`. Where no key of the text should have a backslash, one
 * in the value gives the mistake away. Managed fields have such keys, so this has to be fast.
 */
function hasBackslashKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasBackslashKey)
  const fields = value as Record<string, unknown>
  for (const key in fields) {
    if (key.includes('\\')) return true
    const child = fields[key]
    if (typeof child === 'object' && hasBackslashKey(child)) return true
  }
  return false
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

/** A text that is no JSON anyway is told so first, as far as it was read. */
function depthProblem(bytes: Uint8Array): string {
  return syntaxError(bytes) ?? 'exceeded max depth'
}

function refuseInfinite(text: string, value: unknown): void {
  if (everyNumber(value, Number.isFinite)) return
  const literal = nonFiniteNumber(text)
  throw new JsonError(`json: cannot unmarshal number ${literal} into Go value of type float64`)
}

function everyNumber(value: unknown, holds: (value: number) => boolean): boolean {
  if (typeof value === 'number') return holds(value)
  if (typeof value !== 'object' || value === null) return true
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value)
  return children.every((child) => everyNumber(child, holds))
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(wellFormed)
  const copy: Record<string, unknown> = {}
  for (const [key, child] of Object.entries(value)) {
    setOwn(copy, key.toWellFormed(), wellFormed(child))
  }
  return copy
}

/**
 * The paths of keys that occur twice in one object, such as `spec.containers[0].name`, each once.
 * `value` must be what `parseJson` made of the same text: where it has as many keys as the text,
 * nothing was lost and nothing more needs to be read.
 */
export function duplicateKeys(input: Uint8Array | string, value: unknown): string[] {
  const bytes = bytesOf(input)
  if (scan(bytes).keys === countKeys(value)) return []
  return duplicatePaths(textOf(bytes))
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const child of value) if (typeof child === 'object') count += countKeys(child)
    return count
  }
  const fields = value as Record<string, unknown>
  for (const key in fields) {
    count++
    const child = fields[key]
    if (typeof child === 'object') count += countKeys(child)
  }
  return count
}
