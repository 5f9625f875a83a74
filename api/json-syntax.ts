/** The slow, exact readers of JSON: what is wrong with it in Go's words, which keys it repeats. */

const UNEXPECTED_END = 'unexpected end of JSON input'

/** Go's message for the first thing that is not JSON; nothing when all of it is. */
export function syntaxError(bytes: Uint8Array): string | undefined {
  const reader = new SyntaxReader(bytes)
  try {
    reader.document()
    return undefined
  } catch (error) {
    if (error instanceof NotJson) return error.message
    throw error
  }
}

class NotJson extends Error {}

class SyntaxReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** No recursion, because the depth of the text is not bounded here. */
  document(): void {
    const closers: string[] = []
    let isValueNext = true
    while (isValueNext || closers.length > 0) {
      if (isValueNext) isValueNext = this.#value(closers)
      else isValueNext = this.#afterValue(closers)
    }
    if (this.#peek() !== undefined) this.#fail('after top-level value')
  }

  /** Reads one value or opens one container; true when another value must follow. */
  #value(closers: string[]): boolean {
    const first = this.#peek()
    if (first === '{') {
      this.#at++
      if (this.#closes('}')) return false
      closers.push('}')
      this.#key()
      return true
    }
    if (first === '[') {
      this.#at++
      if (this.#closes(']')) return false
      closers.push(']')
      return true
    }
    if (first === '"') this.#string()
    else if (first === 't') this.#literal('true')
    else if (first === 'f') this.#literal('false')
    else if (first === 'n') this.#literal('null')
    else if (first !== undefined && /[-0-9]/.test(first)) this.#number()
    else this.#fail('looking for beginning of value')
    return false
  }

  #afterValue(closers: string[]): boolean {
    const closer = closers.at(-1) as string
    if (this.#closes(closer)) {
      closers.pop()
      return false
    }
    const place = closer === '}' ? 'after object key:value pair' : 'after array element'
    if (this.#peek() !== ',') this.#fail(place)
    this.#at++
    if (closer === '}') this.#key()
    return true
  }

  #closes(closer: string): boolean {
    if (this.#peek() !== closer) return false
    this.#at++
    return true
  }

  #key(): void {
    if (this.#peek() !== '"') this.#fail('looking for beginning of object key string')
    this.#string()
    if (this.#peek() !== ':') this.#fail('after object key')
    this.#at++
  }

  #string(): void {
    this.#at++
    for (;;) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined || byte < 0x20) this.#fail('in string literal')
      this.#at++
      if (byte === 0x22) return
      if (byte === 0x5c) this.#escape()
    }
  }

  #escape(): void {
    if (!this.#takes(/["\\/bfnrtu]/)) this.#fail('in string escape code')
    if (this.#bytes[this.#at - 1] !== 0x75) return
    for (let digit = 0; digit < 4; digit++) {
      if (!this.#takes(/[0-9a-fA-F]/)) this.#fail('in \\u hexadecimal character escape')
    }
  }

  #literal(word: string): void {
    for (const letter of word) {
      if (this.#current() !== letter) this.#fail(`in literal ${word} (expecting '${letter}')`)
      this.#at++
    }
  }

  #number(): void {
    this.#takes(/-/)
    if (!this.#takes(/0/)) {
      if (!this.#takes(/[1-9]/)) this.#fail('in numeric literal')
      this.#digits()
    }
    if (this.#takes(/\./)) {
      if (!this.#takes(/[0-9]/)) this.#fail('after decimal point in numeric literal')
      this.#digits()
    }
    if (this.#takes(/[eE]/)) {
      this.#takes(/[+-]/)
      if (!this.#takes(/[0-9]/)) this.#fail('in exponent of numeric literal')
      this.#digits()
    }
  }

  #digits(): void {
    while (this.#takes(/[0-9]/));
  }

  #takes(pattern: RegExp): boolean {
    const character = this.#current()
    if (character === undefined || !pattern.test(character)) return false
    this.#at++
    return true
  }

  #current(): string | undefined {
    const byte = this.#bytes[this.#at]
    return byte === undefined ? undefined : String.fromCharCode(byte)
  }

  /** The next character that is not white space. */
  #peek(): string | undefined {
    for (;;) {
      const byte = this.#bytes[this.#at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return this.#current()
      this.#at++
    }
  }

  #fail(place: string): never {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new NotJson(UNEXPECTED_END)
    throw new NotJson(`invalid character ${quotedByte(byte)} ${place}`)
  }
}

const escapes = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x5c, '\\\\'],
  [0x27, "\\'"],
])

/** Go takes the byte for a code point of its own, whatever character it is part of. */
function quotedByte(byte: number): string {
  const known = escapes.get(byte)
  if (known) return `'${known}'`
  const hex = byte.toString(16)
  if (byte < 0x20 || byte === 0x7f) return `'\\x${hex.padStart(2, '0')}'`
  if (byte >= 0x80 && (byte <= 0xa0 || byte === 0xad)) return `'\\u00${hex}'`
  return `'${String.fromCharCode(byte)}'`
}

/** The value of a text that is known to be JSON, without the platform's reading of keys. */
export function exactValue(text: string): unknown {
  const root: unknown[] = []
  const containers: unknown[] = [root]
  let key: string | undefined
  let isKey = false
  const add = (value: unknown): void => {
    const container = containers.at(-1)
    if (Array.isArray(container)) container.push(value)
    else setOwn(container as object, key as string, value)
  }
  for (const lexeme of tokens(text)) {
    if (lexeme === '{' || lexeme === '[') {
      const container = lexeme === '{' ? {} : []
      add(container)
      containers.push(container)
      isKey = lexeme === '{'
    } else if (lexeme === '}' || lexeme === ']') {
      containers.pop()
      isKey = false
    } else if (lexeme === ',') isKey = !Array.isArray(containers.at(-1))
    else if (lexeme === ':') isKey = false
    else if (isKey) key = JSON.parse(lexeme)
    else add(JSON.parse(lexeme))
  }
  return root[0]
}

/** Assignment to `__proto__` would change the prototype; every other key takes the fast way. */
export function setOwn(target: object, key: string, value: unknown): void {
  if (key !== '__proto__') {
    ;(target as Record<string, unknown>)[key] = value
    return
  }
  Object.defineProperty(target, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}

interface Level {
  /** Path of the container itself. */
  readonly path: string
  /** Keys seen so far; nothing for an array. */
  readonly keys: Set<string> | undefined
  index: number
  key: string
}

const space = /[ \t\r\n]*/y
/** Punctuation, or a number or word; strings are cut out by hand. */
const token = /[[\]{},:]|[^\s"[\]{},:]+/y

/** Paths of repeated keys in a text known to be JSON, in the order of their second mention. */
export function duplicatePaths(text: string): string[] {
  const found = new Set<string>()
  const levels: Level[] = []
  let isKey = false
  for (const lexeme of tokens(text)) {
    const level = levels.at(-1)
    if (lexeme === '{' || lexeme === '[') {
      const keys = lexeme === '{' ? new Set<string>() : undefined
      levels.push({ path: level ? childPath(level) : '', keys, index: 0, key: '' })
      isKey = lexeme === '{'
    } else if (lexeme === '}' || lexeme === ']') {
      levels.pop()
      isKey = false
    } else if (lexeme === ',') {
      if (level) level.index++
      isKey = level?.keys !== undefined
    } else if (isKey && level?.keys) {
      level.key = JSON.parse(lexeme)
      if (level.keys.has(level.key)) found.add(childPath(level))
      level.keys.add(level.key)
      isKey = false
    }
  }
  return [...found]
}

function childPath(level: Level): string {
  if (!level.keys) return `${level.path}[${level.index}]`
  return level.path ? `${level.path}.${level.key}` : level.key
}

/** The first number that no double can hold, in a text that is known to be JSON. */
export function nonFiniteNumber(text: string): string {
  for (const lexeme of tokens(text)) {
    if (/^[-0-9]/.test(lexeme) && !Number.isFinite(Number(lexeme))) return lexeme
  }
  return 'NaN'
}

function* tokens(text: string): Generator<string> {
  let at = 0
  for (;;) {
    space.lastIndex = at
    space.exec(text)
    const start = space.lastIndex
    if (text[start] === '"') at = stringEnd(text, start)
    else {
      token.lastIndex = start
      if (!token.test(text)) return
      at = token.lastIndex
    }
    yield text.slice(start, at)
  }
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code === 0x5c) at++
  }
  return text.length
}
