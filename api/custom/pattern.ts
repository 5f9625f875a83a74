/** Patterns in Go's syntax, matched in time linear to the text whatever the pattern is. */
import { RE2JS, RE2JSException } from 're2js'

/** Compiling costs far more than matching, and definitions are compiled again at each change. */
const compiled = new Map<string, RE2JS>()
const MAX_COMPILED = 1000

/** Go's message for a pattern that is none, without its text. */
class PatternError extends Error {
  override readonly name = 'PatternError'
}

function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known) return known
  try {
    const made = RE2JS.compile(pattern)
    if (compiled.size >= MAX_COMPILED) compiled.clear()
    compiled.set(pattern, made)
    return made
  } catch (error) {
    if (error instanceof RE2JSException) throw new PatternError(error.message)
    throw error
  }
}

/** What is wrong with a pattern. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern)
    return undefined
  } catch (error) {
    if (error instanceof PatternError) return error.message
    throw error
  }
}

/** Whether some part of the text matches. Compiled for the first text: many never see one. */
export function patternMatcher(pattern: string): (text: string) => boolean {
  let made: RE2JS | undefined
  return (text) => {
    made ??= compilePattern(pattern)
    return made.test(text)
  }
}

/**
 * About how many states a pattern has once its repetitions are written out. Compiling takes time in
 * proportion, so this is known before.
 */
export function patternSize(pattern: string): number {
  const outer: number[] = []
  let size = 0
  let last = 0
  for (let at = 0; at < pattern.length; ) {
    const [token] = tokens.exec(pattern.slice(at, at + TOKEN_LENGTH_MAX)) ?? [pattern[at]!]
    at += token.length
    const times = repetitions(token)
    if (token === '(') {
      outer.push(size)
      size = 0
      last = 0
    } else if (token === ')') {
      last = size
      size += outer.pop() ?? 0
    } else if (times === undefined) {
      last = 1
      size++
    } else {
      size += last * (times - 1)
      last *= times
    }
  }
  return outer.reduce((sum, each) => sum + each, size)
}

/** A class, an escaped sign, a repetition, or any other sign. */
const tokens = /^(?:\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|\{\d+(?:,\d*)?\}|[\s\S])/
const TOKEN_LENGTH_MAX = 1024

/** How often the last part of a pattern may stand there; undefined for no repetition. */
function repetitions(token: string): number | undefined {
  const [, low, high] = /^\{(\d+)(?:,(\d*))?\}$/.exec(token) ?? []
  if (low === undefined) return undefined
  return Math.max(1, Number(low), Number(high || 0))
}
