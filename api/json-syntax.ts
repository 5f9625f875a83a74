/** What is wrong with a text that is not JSON, in Go's words; slow, since it is rarely asked. */

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
