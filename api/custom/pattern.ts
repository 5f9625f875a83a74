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

/** Whether some part of the text matches. */
export function patternMatcher(pattern: string): (text: string) => boolean {
  const made = compilePattern(pattern)
  return (text) => made.test(text)
}
