/** Reads what others send, as far as we are ready to keep it. */
import type { Readable } from 'node:stream'

/** The first bytes; the rest is not waited for. */
export async function readLimited(source: Readable, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size >= bytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, bytesMax)
}
