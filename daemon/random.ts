/** Randomness as a value that is passed in: the system's own, or a seeded one that replays. */
import { randomFillSync } from 'node:crypto'

export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number
  /** A number from 0 up to, but not including, 1, with 53 bits. */
  fraction(): number
  /** A whole number from 0 up to, but not including, `bound`; every one equally likely. */
  below(bound: number): number
  bytes(length: number): Uint8Array
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string
  /** Letters and digits for generated names; no vowels, so that no word appears by accident. */
  suffix(length: number): string
  /** A version 4 UUID. */
  uuid(): string
  /** A new array with the same items in random order. */
  shuffle<T>(items: readonly T[]): T[]
  /** `value` plus up to `share` of it: spreads out what would otherwise happen all at once. */
  jitter(value: number, share: number): number
}

/** Upstream's alphabet for generateName; tools recognise generated names by it. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const WORD_COUNT = 2 ** 32
/** Words taken from the kernel in one call: small ids are made often, and a call costs 1 us. */
const POOL_WORDS = 1024

/** Cryptographic randomness: fit for tokens, UIDs and keys. */
export const systemRandom: Random = randomFrom(systemWords())

/** The same seed gives the same sequence on every machine; for tests and simulations only. */
export function seededRandom(seed: number): Random {
  return randomFrom(xoshiro128(seed))
}

function randomFrom(uint32: () => number): Random {
  const below = (bound: number): number => boundedWord(uint32, bound)
  const fraction = (): number => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53
  const bytes = (length: number): Uint8Array => bytesFrom(uint32, length)
  const hex = (digits: number): string => {
    let text = ''
    while (text.length < digits) text += hexOfWord(uint32())
    return text.slice(0, digits)
  }
  return {
    uint32,
    fraction,
    below,
    bytes,
    hex,
    suffix: (length) => {
      let text = ''
      while (text.length < length) text += SUFFIX_ALPHABET[below(SUFFIX_ALPHABET.length)]
      return text
    },
    uuid: () => uuidFrom(hex(32)),
    shuffle: (items) => shuffled(items, below),
    jitter: (value, share) => value + fraction() * share * value,
  }
}

/** Two digits for each byte: a UID is made for every object, and this is three times as quick. */
const BYTE_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hexOfWord(word: number): string {
  const left = `${BYTE_DIGITS[word >>> 24]}${BYTE_DIGITS[(word >>> 16) & 0xff]}`
  return `${left}${BYTE_DIGITS[(word >>> 8) & 0xff]}${BYTE_DIGITS[word & 0xff]}`
}

function systemWords(): () => number {
  const pool = new Uint32Array(POOL_WORDS)
  let used = POOL_WORDS
  return () => {
    if (used === POOL_WORDS) {
      randomFillSync(pool)
      used = 0
    }
    const word = pool[used] ?? 0
    // A word that was handed out may be part of a key, so it does not stay in memory.
    pool[used++] = 0
    return word
  }
}

/** xoshiro128** 1.1 (Blackman and Vigna), its state filled by splitmix32. */
function xoshiro128(seed: number): () => number {
  let mix = seed | 0
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) | 0
    let z = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()]
  return () => {
    const word = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotateLeft(d, 11)
    return word
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function boundedWord(uint32: () => number, bound: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > WORD_COUNT) {
    throw new RangeError(`random: bound is ${bound}, wanted a whole number from 1 to ${WORD_COUNT}`)
  }
  // Words above the last full multiple of the bound would favour the small numbers.
  const limit = WORD_COUNT - (WORD_COUNT % bound)
  let word = uint32()
  while (word >= limit) word = uint32()
  return word % bound
}

function bytesFrom(uint32: () => number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let word = 0
  for (let index = 0; index < length; index++) {
    word = index % 4 === 0 ? uint32() : word >>> 8
    bytes[index] = word & 0xff
  }
  return bytes
}

function uuidFrom(hex: string): string {
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 0x3)
  const clock = `${variant}${hex.slice(17, 20)}`
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${clock}-${hex.slice(20)}`
}

function shuffled<T>(items: readonly T[], below: (bound: number) => number): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = below(last + 1)
    const moved = result[last] as T
    result[last] = result[other] as T
    result[other] = moved
  }
  return result
}
