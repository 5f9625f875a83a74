/** Forwarded ports: connections into the sandbox of a pod. */
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pod } from '#api/kinds/core/pod.ts'
import {
  acceptSpdy,
  acceptWebSocket,
  agreed,
  disagreement,
  offeredSpdyProtocols,
} from '#daemon/streams/accept-upgrade.ts'
import { ChannelConnection } from '#daemon/streams/channel-connection.ts'
import {
  type ChannelProtocol,
  offeredProtocols,
  portProtocols,
  v5,
} from '#daemon/streams/channel-protocols.ts'
import { type PortPair, PortStreams } from '#daemon/streams/port-streams.ts'
import { SpdyConnection } from '#daemon/streams/spdy/connection.ts'
import { podAt } from './pod-target.ts'
import { type KubeletRequest, RequestError } from './request.ts'
import type { ServerParts } from './server-parts.ts'

/** v5 says when one direction ends, and is what our API server asks for first. */
const socketProtocols: readonly ChannelProtocol[] = [v5, ...portProtocols]
const spdyProtocols = [{ name: 'portforward.k8s.io' }, { name: '' }]
const PORT_MAX = 65_535
const PORTS_MAX = 64

export async function servePortForward(request: KubeletRequest, parts: ServerParts): Promise<void> {
  const { pod } = podAt(request.path, false, parts.pods)
  const { upgrade, headers } = request
  if (!upgrade) throw new RequestError(400, 'Upgrade request required')
  if (headers.upgrade?.toLowerCase() === 'spdy/3.1') await overSpdy(pod, request, parts)
  else await overWebSocket(pod, request, parts)
}

async function overWebSocket(
  pod: Pod,
  { incoming, response, upgrade, headers, query, signal }: KubeletRequest,
  parts: ServerParts,
): Promise<void> {
  const ports = portsIn(query)
  const offered = offeredProtocols(headers['sec-websocket-protocol'])
  const protocol = agreed(offered, socketProtocols)
  if (!protocol) throw new RequestError(403, disagreement(offered, socketProtocols).trimEnd())
  const socket = await acceptWebSocket(protocol.name, upgrade!, incoming, response)
  const options = { protocol, channels: [], tellsClose: true, clock: parts.clock }
  const connection = new ChannelConnection(socket, options)
  const leave = (): void => connection.abandon()
  signal.addEventListener('abort', leave, { once: true })
  await Promise.all(
    ports.map(async (port, at) => {
      const [data, error] = [connection.channel(2 * at), connection.channel(2 * at + 1)]
      for (const each of [data, error]) each.write(portBytes(port))
      await forwardTold(pod, port, { data, error }, parts)
    }),
  )
  connection.close()
  await connection.closed
  signal.removeEventListener('abort', leave)
}

async function overSpdy(
  pod: Pod,
  { response, upgrade, headers, signal }: KubeletRequest,
  parts: ServerParts,
): Promise<void> {
  const offered = offeredSpdyProtocols(headers)
  const protocol = agreed(offered, spdyProtocols)
  if (!protocol) throw new RequestError(403, disagreement(offered, spdyProtocols).trimEnd())
  const socket = acceptSpdy(protocol.name, upgrade!, response)
  const stop = (): void => void socket.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const forward = (port: number, pair: PortPair) => forwardPort(pod, port, pair, parts)
  try {
    await new SpdyConnection(socket, new PortStreams({ forward, clock: parts.clock })).run()
  } finally {
    signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

/** Every channel of a WebSocket opens with the number of its port. */
function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(port)
  return bytes
}

export function portsIn(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('port').flatMap((each) => each.split(','))
  if (!texts.length) throw new RequestError(400, 'query parameter "port" is required')
  if (texts.length > PORTS_MAX) throw new RequestError(400, `wanted at most ${PORTS_MAX} ports`)
  return texts.map((text) => {
    const port = /^\d+$/.test(text) ? Number(text) : 0
    if (port > 0 && port <= PORT_MAX) return port
    throw new RequestError(400, `unable to parse "${text}" as a port`)
  })
}

async function forwardTold(
  pod: Pod,
  port: number,
  { data, error }: PortPair,
  parts: ServerParts,
): Promise<void> {
  try {
    await forwardPort(pod, port, { data, error }, parts)
  } catch (failure) {
    error.end((failure as Error).message)
    data.resume()
    data.end()
  }
}

/** Resolves when the connection is over; throws when there is none. */
async function forwardPort(
  pod: Pod,
  port: number,
  { data, error }: PortPair,
  { runtime, log }: ServerParts,
): Promise<void> {
  error.resume()
  const remote = await connect(pod, port, runtime)
  // A caller that gives up takes the connection with it.
  data.once('close', () => {
    if (!remote.readableEnded) remote.destroy()
  })
  const sending = pipeline(data, remote).catch(() => undefined)
  try {
    await pipeline(remote, data)
  } catch (failure) {
    log.debug('forwarded port ended early', { pod: pod.metadata.name, port, error: failure })
  }
  remote.destroy()
  error.end()
  data.resume()
  await sending
}

async function connect(pod: Pod, port: number, runtime: ServerParts['runtime']): Promise<Duplex> {
  const { name, namespace = '', uid } = pod.metadata
  try {
    const { sandboxes } = await runtime.observe({ name, namespace, uid })
    const sandbox = sandboxes.find(({ isReady }) => isReady)
    if (!sandbox) throw new Error('the pod has no sandbox that runs')
    return await runtime.connect(sandbox.id, port)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `error forwarding port ${port} to pod ${name}, uid ${uid}: ${why}`
    throw new Error(message, { cause: error })
  }
}
