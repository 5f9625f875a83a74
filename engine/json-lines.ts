/** Streams of JSON values, one a line: events, and the progress of pulls. */
import type { Readable } from 'node:stream'

/** Longest line that is kept; the longest event carries all labels of a container. */
const LINE_CHARACTERS_MAX = 4 * 1024 * 1024

export async function* jsonLines(source: Readable): AsyncGenerator<unknown> {
  let rest = ''
  source.setEncoding('utf8')
  for await (const chunk of source) {
    rest += chunk
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
    if (rest.length > LINE_CHARACTERS_MAX) {
      throw new Error(`Engine: a line has over ${LINE_CHARACTERS_MAX} characters, wanted JSON`)
    }
  }
  if (rest.trim() !== '') yield JSON.parse(rest)
}
