/** The shapes that names have, as sets of characters, and whether a text has one of them. */
const LOWER = 1
const UPPER = 2
const DIGIT = 4
const DASH = 8
const UNDERSCORE = 16
const DOT = 32
const ALNUM = LOWER | UPPER | DIGIT

const sets = new Uint8Array(128)
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code)
  if (/[a-z]/.test(character)) sets[code] = LOWER
  else if (/[A-Z]/.test(character)) sets[code] = UPPER
  else if (/[0-9]/.test(character)) sets[code] = DIGIT
}
for (const [character, set] of [
  ['-', DASH],
  ['_', UNDERSCORE],
  ['.', DOT],
] as const) {
  sets[character.charCodeAt(0)] = set
}

/** A stretch of characters: which may begin it, stand inside it, and end it. */
interface Shape {
  first: number
  inner: number
  last: number
}

export const dnsLabel = { first: LOWER | DIGIT, inner: LOWER | DIGIT | DASH, last: LOWER | DIGIT }
export const looseDnsLabel = { first: ALNUM, inner: ALNUM | DASH, last: ALNUM }
export const underscoreLabel = { ...dnsLabel, inner: LOWER | DIGIT | DASH | UNDERSCORE }
export const dns1035Label = { ...dnsLabel, first: LOWER }
export const keyName = { first: ALNUM, inner: ALNUM | DASH | UNDERSCORE | DOT, last: ALNUM }
export const identifier = {
  first: LOWER | UPPER | UNDERSCORE,
  inner: ALNUM | UNDERSCORE,
  last: ALNUM | UNDERSCORE,
}
const keyCharacters = ALNUM | DASH | UNDERSCORE | DOT
export const configKey = { first: keyCharacters, inner: keyCharacters, last: keyCharacters }
export const headerName = { first: ALNUM | DASH, inner: ALNUM | DASH, last: ALNUM | DASH }
export const portName = {
  first: LOWER | DIGIT | DASH,
  inner: LOWER | DIGIT | DASH,
  last: LOWER | DIGIT | DASH,
}

const setAt = (value: string, at: number): number => sets[value.charCodeAt(at)] ?? 0

export function fits(value: string, shape: Shape, start = 0, end = value.length): boolean {
  if (start >= end) return false
  if (!(setAt(value, start) & shape.first) || !(setAt(value, end - 1) & shape.last)) return false
  for (let at = start + 1; at < end - 1; at++) if (!(setAt(value, at) & shape.inner)) return false
  return true
}

/** Every part between dots fits. */
export function eachPartFits(value: string, shape: Shape, start = 0): boolean {
  for (;;) {
    const dot = value.indexOf('.', start)
    if (!fits(value, shape, start, dot === -1 ? value.length : dot)) return false
    if (dot === -1) return true
    start = dot + 1
  }
}
