/** Exact readings of texts known to be JSON, token by token: values, repeated keys, numbers. */
import { setOwn } from './set-own.ts'

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
