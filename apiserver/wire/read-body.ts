/** Reads the body of a request, which is let in only once it is known who sends it. */
import type { IncomingMessage } from 'node:http'
import { badRequest, tooLarge } from '#api/status.ts'

/** As upstream: 3 MiB. */
const BODY_BYTES_MAX = 3 * 1024 * 1024

const none = Buffer.alloc(0)

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (length === undefined && encoding === undefined) return none
  if (Number(length) > BODY_BYTES_MAX) throw refused()
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length
      if (size > BODY_BYTES_MAX) throw refused()
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    if (request.destroyed && !request.complete) throw badRequest('unexpected EOF')
    // Node reads on by itself only when nobody has begun to; the connection is to be used again.
    request.resume()
    throw error
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

const refused = () => tooLarge(`limit is ${BODY_BYTES_MAX}`)
