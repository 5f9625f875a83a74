/** Streams of a kubelet: a WebSocket with channels, or the kubelet's own words why not. */
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { StatusError } from '#api/status.ts'
import type { Clock } from '#daemon/clock.ts'
import { ChannelConnection, MESSAGE_BYTES_MAX } from '#daemon/streams/channel-connection.ts'
import { v4, v5 } from '#daemon/streams/channel-protocols.ts'
import { type PlainResult, plainText } from '../result.ts'
import { type Backend, dialFailure, urlOf } from './backend.ts'
import { readLimited } from './read-limited.ts'

const HANDSHAKE_MS = 30_000
const REFUSAL_BYTES_MAX = 50_000

export interface KubeletCall {
  /** Those that the kubelet writes to. */
  readonly channels: readonly number[]
  readonly backend: Backend
  readonly path: string
  readonly signal: AbortSignal
  readonly clock: Clock
}

export type KubeletAnswer =
  | { readonly type: 'open'; readonly connection: ChannelConnection }
  | { readonly type: 'refused'; readonly result: PlainResult }

/** Asks for v5, in which one side can end; v4 is what kubelets speak to forward ports. */
export async function callKubelet(call: KubeletCall): Promise<KubeletAnswer> {
  const { backend, path, channels, signal, clock } = call
  const socket = new WebSocket(urlOf(backend, 'ws', path), [v5.name, v4.name], {
    ...backend.tls,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
    handshakeTimeout: HANDSHAKE_MS,
  })
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage | ChannelConnection>()
  socket.once('open', () => {
    const protocol = socket.protocol === v5.name ? v5 : v4
    // At once: the kubelet's first words may have come together with its consent.
    resolve(new ChannelConnection(socket, { protocol, channels, tellsClose: true, clock }))
  })
  socket.once('unexpected-response', (_, response) => resolve(response))
  socket.once('error', reject)
  const leave = (): void => socket.terminate()
  signal.addEventListener('abort', leave, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', leave))
  try {
    const answer = await promise
    if (answer instanceof ChannelConnection) return { type: 'open', connection: answer }
    return { type: 'refused', result: await refusal(answer) }
  } catch (error) {
    throw dialError(error, backend)
  }
}

export const dialError = (error: unknown, backend: Backend): StatusError =>
  StatusError.withoutReason(500, `error dialing backend: ${dialFailure(error, backend)}`)

/** Passed on as it is: clients show it to their users. */
async function refusal(response: IncomingMessage): Promise<PlainResult> {
  const body = await readLimited(response, REFUSAL_BYTES_MAX)
  const status = response.statusCode ?? 502
  // Anything but an error would tell the client that it has got what it asked for.
  if (status < 400) return plainText(500, `invalid upgrade response: status code ${status}`)
  const contentType = response.headers['content-type'] ?? 'text/plain; charset=utf-8'
  return { type: 'plain', status, headers: { 'content-type': contentType }, body }
}
