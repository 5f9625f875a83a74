/** Times and durations that cannot be read, in the words of Go's time package. */

export class TimeError extends Error {
  override name = 'TimeError'
}

/** Quotes and backslashes are escaped; what is not printable ASCII shows as hexadecimal bytes. */
export function goQuoted(text: string): string {
  let quoted = '"'
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code >= 0x80 || code < 0x20) {
      for (const byte of Buffer.from(character)) {
        quoted += `\\x${byte.toString(16).padStart(2, '0')}`
      }
    } else if (character === '"' || character === '\\') quoted += `\\${character}`
    else quoted += character
  }
  return `${quoted}"`
}
