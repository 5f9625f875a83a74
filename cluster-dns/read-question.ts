/** Reads what a stranger sent as a question; whatever is wrong with it has a name. */
import { type Extension, type Question, recordTypes } from './message.ts'

export const HEADER_BYTES = 12
const NAME_BYTES_MAX = 255
const FLAG_RESPONSE = 0x8000
const FLAG_RECURSION_DESIRED = 0x0100
const FLAG_CHECKING_DISABLED = 0x0010
const FLAG_DNSSEC = 0x8000

/** Smaller ones cannot be meant: every DNS client takes this much. */
const PLAIN_BYTES_MAX = 512

export type ReadQuestion =
  | { readonly question: Question }
  /** To be answered with this code, if there is an id to answer to. */
  | { readonly broken: { readonly id: number; readonly isRecursionDesired: boolean } }
  /** Not a question at all: an answer to it could go back and forth for ever. */
  | { readonly ignored: true }

export function readQuestion(message: Buffer): ReadQuestion {
  if (message.length < HEADER_BYTES) return { ignored: true }
  const flags = message.readUInt16BE(2)
  if (flags & FLAG_RESPONSE) return { ignored: true }
  const id = message.readUInt16BE(0)
  const isRecursionDesired = (flags & FLAG_RECURSION_DESIRED) !== 0
  const broken = { broken: { id, isRecursionDesired } }
  const name = readLabels(message, HEADER_BYTES)
  if (message.readUInt16BE(4) !== 1 || !name || name.end + 4 > message.length) return broken
  const end = name.end + 4
  const extension = readExtension(message, end)
  if (extension === 'broken') return broken
  return {
    question: {
      id,
      opcode: (flags >> 11) & 0xf,
      labels: name.labels,
      type: message.readUInt16BE(name.end),
      class: message.readUInt16BE(name.end + 2),
      isRecursionDesired,
      isCheckingDisabled: (flags & FLAG_CHECKING_DISABLED) !== 0,
      extension,
      bytes: message.subarray(HEADER_BYTES, end),
    },
  }
}

export interface ReadLabels {
  readonly labels: readonly string[]
  /** Where the next field begins. */
  readonly end: number
}

/**
 * Lower case. A dot within a label is not the end of one, so it is escaped, as is what escapes it.
 * Undefined when the name is cut off, too long, or points anywhere but backwards.
 */
export function readLabels(message: Buffer, start: number): ReadLabels | undefined {
  const labels: string[] = []
  let at = start
  let end: number | undefined
  let bytes = 1
  for (;;) {
    const length = message[at]
    if (length === undefined) return undefined
    if (length === 0) return { labels, end: end ?? at + 1 }
    if ((length & 0xc0) === 0xc0) {
      const low = message[at + 1]
      if (low === undefined) return undefined
      const to = ((length & 0x3f) << 8) | low
      end ??= at + 2
      // Backwards alone, so that it comes to an end.
      if (to >= at || to < HEADER_BYTES) return undefined
      at = to
      continue
    }
    bytes += length + 1
    const next = at + 1 + length
    if (length > 63 || bytes > NAME_BYTES_MAX || next >= message.length) return undefined
    labels.push(labelText(message.toString('latin1', at + 1, next)))
    at = next
  }
}

function labelText(label: string): string {
  const lower = label.toLowerCase()
  return /[.\\]/.test(lower) ? lower.replace(/[.\\]/g, '\\$&') : lower
}

/** Of the records behind the question only the one that extends the protocol matters. */
function readExtension(message: Buffer, start: number): Extension | undefined | 'broken' {
  const skipped = message.readUInt16BE(6) + message.readUInt16BE(8)
  const count = skipped + message.readUInt16BE(10)
  let found: Extension | undefined
  let at = start
  for (let index = 0; index < count; index++) {
    const name = readLabels(message, at)
    if (!name || name.end + 10 > message.length) return 'broken'
    const type = message.readUInt16BE(name.end)
    const end = name.end + 10 + message.readUInt16BE(name.end + 8)
    if (end > message.length) return 'broken'
    if (type === recordTypes.OPT && index >= skipped) {
      if (found || name.labels.length > 0) return 'broken'
      found = {
        sizeMax: Math.max(PLAIN_BYTES_MAX, message.readUInt16BE(name.end + 2)),
        version: message[name.end + 5]!,
        wantsDnssec: (message.readUInt16BE(name.end + 6) & FLAG_DNSSEC) !== 0,
      }
    }
    at = end
  }
  return found
}
