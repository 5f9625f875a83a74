/** Replaces `$(NAME)` in arguments and values, as pods write references to variables. */

/**
 * What is unknown stays as it stands, and so does a reference that never ends; `$$` is one dollar
 * sign, so that `$$(NAME)` is never replaced.
 */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text
  let result = ''
  let done = 0
  for (let at = text.indexOf('$'); at >= 0 && at + 1 < text.length; at = text.indexOf('$', done)) {
    result += text.slice(done, at)
    const next = text[at + 1]!
    const end = next === '(' ? text.indexOf(')', at + 2) : -1
    if (next === '$') {
      result += '$'
      done = at + 2
    } else if (end < 0) {
      result += `$${next}`
      done = at + 2
    } else {
      const name = text.slice(at + 2, end)
      result += lookUp(name) ?? `$(${name})`
      done = end + 1
    }
  }
  return result + text.slice(done)
}
