/** Reads the body of a request, which is let in only once it is known who sends it. */
import type { IncomingMessage } from 'node:http'
import { badRequest, tooLarge } from '#api/status.ts'

/** As upstream: 3 MiB. */
const BODY_BYTES_MAX = 3 * 1024 * 1024

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

export function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  if (Number(request.headers['content-length']) > BODY_BYTES_MAX) {
    reject(refused())
    return promise
  }
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= BODY_BYTES_MAX) {
      chunks.push(chunk)
      return
    }
    // The rest is read and dropped, because the connection is to be used again.
    chunks.length = 0
    reject(refused())
  })
  request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
  request.once('close', () => {
    if (!request.readableEnded) reject(badRequest('unexpected EOF'))
  })
  return promise
}

const refused = () => tooLarge(`limit is ${BODY_BYTES_MAX}`)
