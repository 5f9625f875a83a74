/** Headers whose values are names: each line by itself, as UTF-8. */
import type { IncomingMessage } from 'node:http'

/** One text for each line of the header; a comma inside is part of the text. */
export function headerTexts(
  request: Pick<IncomingMessage, 'headers' | 'headersDistinct'>,
  name: string,
): string[] {
  const lower = name.toLowerCase()
  // Node takes the lines apart when they are first asked for, which most requests can do without.
  if (request.headers[lower] === undefined) return []
  return (request.headersDistinct[lower] ?? []).map(utf8)
}

/** Node reads headers as Latin-1; other clients and servers mean UTF-8. */
const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString()

/** The key of a fact about a user, as it stands in the name of a header: lower case, escaped. */
export function extraKey(text: string): string {
  const lower = text.toLowerCase()
  try {
    return decodeURIComponent(lower)
  } catch {
    return lower // Upstream keeps what is not escaped properly as it is.
  }
}
