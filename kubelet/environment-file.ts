/** Files of variables that one container writes for the next: `NAME='value'`, one after another. */

/** A quoted value may go on over many lines; `#` begins a comment outside quotes. */
const assignment = /^[ \t]*([^\s=#]+)[ \t]*=[ \t]*(?:'([^']*)'|([^\n#]*))[ \t]*(?:#.*)?$/gm

/** The value of a variable, or undefined; the first of several counts. */
export function variableInFile(text: string, key: string): string | undefined {
  for (const [, name, quoted, plain = ''] of text.replaceAll('\r\n', '\n').matchAll(assignment)) {
    if (name === key) return quoted ?? plain.trim()
  }
  return undefined
}
