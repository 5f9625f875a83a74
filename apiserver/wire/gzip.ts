/** Which answers are compressed: large ones, for callers that ask for it. */

/** As upstream: below, compressing costs more time than it saves. */
export const GZIP_BYTES_MIN = 128 * 1024

export function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((clause) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(clause))
}
