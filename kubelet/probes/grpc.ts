/** Asks by the health service of gRPC: `SERVING` is a good answer. */
import { connect } from 'node:http2'
import {
  dialText,
  failure,
  hostAndPort,
  type Limits,
  type Outcome,
  success,
  within,
} from './outcome.ts'

const PATH = '/grpc.health.v1.Health/Check'
const SERVING = 1
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
/** Codes of gRPC. */
const UNIMPLEMENTED = 12
const FRAME_HEADER_BYTES = 5

export interface GrpcQuestion {
  readonly host: string
  readonly port: number
  readonly service: string
}

export function askGrpc(question: GrpcQuestion, limits: Limits): Promise<Outcome> {
  const { host, port } = question
  const address = hostAndPort(host, port)
  const seconds = `${limits.timeoutMs / 1000}s`
  const late = (): Outcome =>
    failure(
      `timeout: failed to connect service "${address}" within ${seconds}: context deadline exceeded`,
    )
  return within(limits, (signal) => check(question, address, signal), late)
}

interface Reply {
  readonly code: number
  readonly message: string
  readonly body: Buffer
}

async function check(
  question: GrpcQuestion,
  address: string,
  signal: AbortSignal,
): Promise<Outcome> {
  let reply: Reply
  try {
    reply = await call(address, request(question.service), signal)
  } catch (error) {
    signal.throwIfAborted()
    return failure(`error: failed to connect service at "${address}": ${dialText(error, address)}`)
  }
  const { code, message, body } = reply
  if (code === UNIMPLEMENTED) {
    return failure(
      'error: this server does not implement the grpc health protocol ' +
        `(grpc.health.v1.Health): ${message}`,
    )
  }
  if (code !== 0)
    return failure(`error: health rpc probe failed: rpc error: code = ${code} desc = ${message}`)
  const status = statusIn(body)
  if (status === SERVING) return success('service healthy')
  return failure(`service unhealthy (responded with "${statusNames[status] ?? status}")`)
}

/** A message with the name of the service as field 1, in one frame. */
function request(service: string): Buffer {
  const name = Buffer.from(service)
  const field =
    name.length === 0
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name])
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt32BE(field.length, 1)
  return Buffer.concat([header, field])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** Field 1 of the message in the first frame; absent, it is zero. */
function statusIn(body: Buffer): number {
  const message = body.subarray(FRAME_HEADER_BYTES)
  return message[0] === 0x08 ? (message[1] ?? 0) : 0
}

function call(address: string, body: Buffer, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`)
    const end = (): void => session.destroy()
    signal.addEventListener('abort', () => {
      end()
      reject(signal.reason)
    })
    session.once('error', reject)
    const stream = session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'kube-probe/1.36',
    })
    const chunks: Buffer[] = []
    let found: Record<string, unknown> = {}
    const note = (headers: Record<string, unknown>): void => {
      found = { ...found, ...headers }
    }
    stream.on('response', note)
    stream.on('trailers', note)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('error', reject)
    stream.once('end', () => {
      end()
      // An answer without trailers is one with a problem that HTTP tells of.
      const code = Number(found['grpc-status'] ?? 2)
      const message = decodeURIComponent(String(found['grpc-message'] ?? ''))
      resolve({ code, message, body: Buffer.concat(chunks) })
    })
    stream.end(body)
  })
}
