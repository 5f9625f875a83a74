/** Port-forward: connections of the client, each passed to the kubelet on a stream of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream } from 'ws'
import type { Pod } from '#api/kinds/core/pod.ts'
import {
  acceptSpdy,
  acceptWebSocket,
  agreed,
  offeredSpdyProtocols,
} from '#daemon/streams/accept-upgrade.ts'
import { ChannelConnection } from '#daemon/streams/channel-connection.ts'
import {
  type ChannelProtocol,
  offeredProtocols,
  portProtocols,
  TUNNEL_PROTOCOL,
} from '#daemon/streams/channel-protocols.ts'
import { keepAlive } from '#daemon/streams/keep-alive.ts'
import { type PortPair, PortStreams } from '#daemon/streams/port-streams.ts'
import { SpdyConnection } from '#daemon/streams/spdy/connection.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Result } from '../result.ts'
import { type Backend, fetchFrom } from './backend.ts'
import { checkMayCreate } from './create-access.ts'
import { forwardPort, PORT_CHANNELS, portBytes } from './forward-port.ts'
import { callKubelet, dialError, type KubeletAnswer } from './kubelet-channels.ts'
import { portsIn } from './options-query.ts'
import { kubeletOf, kubeletPath, podOf } from './pod-target.ts'
import { noAgreement, upgradeKind } from './upgrade-kind.ts'

const spdyProtocols = [{ name: 'portforward.k8s.io' }, { name: '' }]
const tunnel = { name: TUNNEL_PROTOCOL }

export async function portForward(context: ResourceContext, parts: ServerParts): Promise<Result> {
  const kind = upgradeKind(context)
  await checkMayCreate(context, parts)
  const pod = podOf(context, parts)
  const target = { pod, backend: kubeletOf(pod, parts), context, parts }
  if (kind === 'spdy') {
    const offered = offeredSpdyProtocols(context.headers)
    const protocol = agreed(offered, spdyProtocols)
    if (!protocol) return noAgreement(offered, spdyProtocols)
    return overSpdy(target, async (_, response) =>
      acceptSpdy(protocol.name, context.upgrade!, response),
    )
  }
  const offered = offeredProtocols(context.headers['sec-websocket-protocol'])
  const known = [tunnel, ...portProtocols]
  const protocol = agreed<typeof tunnel | ChannelProtocol>(offered, known)
  if (!protocol) return noAgreement(offered, known)
  if ('codec' in protocol) return overChannels(target, protocol)
  return overSpdy(target, async (request, response) => {
    const socket = await acceptWebSocket(protocol.name, context.upgrade!, request, response)
    keepAlive(socket, parts.clock)
    return createWebSocketStream(socket)
  })
}

interface Target {
  readonly pod: Pod
  readonly backend: Backend
  readonly context: ResourceContext
  readonly parts: ServerParts
}

type Accept = (request: IncomingMessage, response: ServerResponse) => Promise<Duplex>

/** Any number of connections come and go on one SPDY connection. */
async function overSpdy(target: Target, accept: Accept): Promise<Result> {
  const { parts, context } = target
  await checkKubelet(target)
  return {
    type: 'takeover',
    async run(response, request) {
      let transport: Duplex | undefined
      const stop = (): void => void transport?.destroy()
      try {
        transport = await accept(request, response)
        context.signal.addEventListener('abort', stop, { once: true })
        const forward = (port: number, pair: PortPair) => forwardTold(target, port, pair)
        const streams = new PortStreams({ forward, clock: parts.clock })
        await new SpdyConnection(transport, streams).run()
      } catch (error) {
        parts.log.debug('stream ended early', { path: context.info.path, error })
        context.upgrade?.socket.destroy()
      } finally {
        context.signal.removeEventListener('abort', stop)
      }
    },
  }
}

/** What fails is told with the names that users know. */
async function forwardTold(target: Target, port: number, pair: PortPair): Promise<void> {
  const { pod, parts } = target
  try {
    await forwardPort(await callPort(target, port), pair, parts.clock)
  } catch (error) {
    const { name, namespace, uid } = pod.metadata
    parts.log.info('port not forwarded', { pod: `${namespace}/${name}`, port, error })
    const why = error instanceof Error ? error.message : String(error)
    const message = `error forwarding port ${port} to pod ${name}, uid ${uid}: ${why}`
    throw new Error(message, { cause: error })
  }
}

/**
 * Kubelets are called when the first connection comes. A kubelet that cannot be reached is better
 * told of at once, and any answer of its HTTP server proves that it can.
 */
async function checkKubelet({ backend, context, parts }: Target): Promise<void> {
  const request = { method: 'GET', path: '/healthz', signal: context.signal }
  try {
    const answer = await fetchFrom(backend, request, parts.clock)
    answer.destroy()
  } catch (error) {
    throw dialError(error, backend)
  }
}

/** The request names its ports, and each has one connection: a channel of data, one of errors. */
async function overChannels(target: Target, protocol: ChannelProtocol): Promise<Result> {
  const { context, parts } = target
  const ports = portsIn(context.info.query)
  const answers = await Promise.all(ports.map((port) => callPort(target, port)))
  const refused = answers.find((answer) => answer.type === 'refused')
  if (refused) {
    for (const answer of answers) if (answer.type === 'open') answer.connection.abandon()
    return refused.result
  }
  return {
    type: 'takeover',
    async run(response, request) {
      try {
        const upgrade = context.upgrade!
        const socket = await acceptWebSocket(protocol.name, upgrade, request, response)
        const options = { protocol, channels: [], tellsClose: false, clock: parts.clock }
        const client = new ChannelConnection(socket, options)
        context.signal.addEventListener('abort', () => client.abandon(), { once: true })
        await Promise.all(
          ports.map((port, at) => {
            const [data, error] = [client.channel(2 * at), client.channel(2 * at + 1)]
            data.write(portBytes(port))
            error.write(portBytes(port))
            return forwardPort(answers[at]!, { data, error }, parts.clock)
          }),
        )
        client.close()
        await client.closed
      } catch (error) {
        parts.log.debug('stream ended early', { path: context.info.path, error })
        context.upgrade?.socket.destroy()
      } finally {
        for (const answer of answers) if (answer.type === 'open') answer.connection.abandon()
      }
    },
  }
}

function callPort({ pod, backend, context, parts }: Target, port: number): Promise<KubeletAnswer> {
  const path = `${kubeletPath('portForward', pod)}?port=${port}`
  const { signal } = context
  return callKubelet({ backend, path, channels: PORT_CHANNELS, signal, clock: parts.clock })
}
