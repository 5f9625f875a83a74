/** Sizes of a terminal, as clients send them: one JSON object after another. */
import type { Readable } from 'node:stream'
import type { Size } from '../runtime.ts'

const UNREAD_LENGTH_MAX = 4096
/** Rows and columns beyond it are no terminal's. */
const CELLS_MAX = 65_535

/** Resolves at the end of the stream; what is no size is passed over. */
export async function readSizes(
  stream: Readable,
  resized: (size: Size) => Promise<void>,
): Promise<void> {
  let text = ''
  try {
    for await (const chunk of stream) {
      text += String(chunk)
      const { sizes, rest } = sizesIn(text)
      text = rest.length > UNREAD_LENGTH_MAX ? '' : rest
      const last = sizes.at(-1)
      // A program that has just ended has no size any more.
      if (last) await resized(last).catch(() => undefined)
    }
  } catch {
    // The caller left in the middle, which others notice too.
  }
}

export function sizesIn(text: string): { readonly sizes: readonly Size[]; readonly rest: string } {
  const end = text.lastIndexOf('}') + 1
  const objects = text.slice(0, end).match(/\{[^{}]*\}/g) ?? []
  return { sizes: objects.flatMap(sizeIn), rest: text.slice(end) }
}

function sizeIn(json: string): readonly Size[] {
  try {
    const { Width, Height } = JSON.parse(json) as { Width?: unknown; Height?: unknown }
    return isCells(Width) && isCells(Height) ? [{ columns: Width, rows: Height }] : []
  } catch {
    return []
  }
}

const isCells = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= CELLS_MAX
