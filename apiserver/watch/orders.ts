/** What a caller says over a multiplexed watch socket: docs/watch-protocol.md. */

export type Order =
  | {
      readonly type: 'open'
      readonly id: number
      readonly path: string
      readonly accept?: string
      readonly window: number
    }
  | { readonly type: 'more'; readonly id: number; readonly bytes: number }
  | { readonly type: 'close'; readonly id: number }

/** Bytes that a stream may be sent before its reader asks for more. */
const WINDOW_BYTES = 1024 * 1024
const WINDOW_BYTES_MAX = 64 * 1024 * 1024

/** The order, or what is wrong with the message. */
export function parsedOrder(message: string): Order | string {
  const value = parsed(message)
  if (value === undefined) return 'an order is a JSON object'
  const { open, more, close, path, accept, window = WINDOW_BYTES, bytes } = value
  if (open !== undefined) {
    if (!isCount(open)) return 'open: the number of a stream is wanted'
    if (typeof path !== 'string' || !path.startsWith('/')) return 'open: a path is wanted'
    if (!isCount(window) || window > WINDOW_BYTES_MAX) return 'open: window is out of range'
    if (accept !== undefined && typeof accept !== 'string') return 'open: accept is no text'
    return { type: 'open', id: open, path, window, ...(accept !== undefined && { accept }) }
  }
  if (more !== undefined) {
    if (!isCount(more)) return 'more: the number of a stream is wanted'
    if (!isCount(bytes) || bytes > WINDOW_BYTES_MAX) return 'more: bytes is out of range'
    return { type: 'more', id: more, bytes }
  }
  if (!isCount(close)) return 'one of open, more and close is wanted'
  return { type: 'close', id: close }
}

function parsed(message: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(message)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) > 0
