/** Exec and attach: streams of a program in a container, passed between client and kubelet. */
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badRequest, internalError } from '#api/status.ts'
import {
  acceptSpdy,
  acceptWebSocket,
  agreed,
  offeredSpdyProtocols,
} from '#daemon/streams/accept-upgrade.ts'
import type { ChannelConnection } from '#daemon/streams/channel-connection.ts'
import {
  type ChannelProtocol,
  commandProtocols,
  offeredProtocols,
} from '#daemon/streams/channel-protocols.ts'
import {
  type CommandClient,
  type CommandStreams,
  channel,
  type SpdyCommandProtocol,
  spdyClient,
  spdyCommandProtocols,
  webSocketClient,
} from '#daemon/streams/command-client.ts'
import type { ResourceContext, ServerParts } from '../request-context.ts'
import type { Result } from '../result.ts'
import { checkMayCreate } from './create-access.ts'
import { callKubelet } from './kubelet-channels.ts'
import { flagIn } from './options-query.ts'
import { containerOf, kubeletOf, kubeletPath, podOf } from './pod-target.ts'
import { readLimited } from './read-limited.ts'
import { noAgreement, upgradeKind } from './upgrade-kind.ts'

export const execInPod = (context: ResourceContext, parts: ServerParts): Promise<Result> =>
  command('exec', context, parts)

export const attachToPod = (context: ResourceContext, parts: ServerParts): Promise<Result> =>
  command('attach', context, parts)

const outputs = [channel.stdout, channel.stderr, channel.error]

async function command(
  action: 'exec' | 'attach',
  context: ResourceContext,
  parts: ServerParts,
): Promise<Result> {
  const { query } = context.info
  const kind = upgradeKind(context)
  await checkMayCreate(context, parts)
  const pod = podOf(context, parts)
  const container = containerOf(pod, query.get('container') ?? '')
  const backend = kubeletOf(pod, parts)
  const wanted = streamsIn(query)
  const offered =
    kind === 'spdy'
      ? offeredSpdyProtocols(context.headers)
      : offeredProtocols(context.headers['sec-websocket-protocol'])
  const known = kind === 'spdy' ? spdyCommandProtocols : commandProtocols
  const protocol = agreed<ChannelProtocol | SpdyCommandProtocol>(offered, known)
  if (!protocol) return noAgreement(offered, known)
  const path = `${kubeletPath(action, pod, container)}?${kubeletQuery(wanted, query)}`
  const { clock } = parts
  const { signal } = context
  const answer = await callKubelet({ backend, path, channels: outputs, signal, clock })
  if (answer.type === 'refused') return answer.result
  const { connection } = answer
  return {
    type: 'takeover',
    async run(response, request) {
      try {
        const upgrade = context.upgrade!
        const client =
          'codec' in protocol
            ? webSocketClient(
                await acceptWebSocket(protocol.name, upgrade, request, response),
                protocol,
                wanted,
                clock,
              )
            : await spdyClient(
                acceptSpdy(protocol.name, upgrade, response),
                protocol.hasResize,
                wanted,
                clock,
              )
        await bridge(client, connection, protocol.endsWithStatus, signal)
      } catch (error) {
        // The client is no longer on a protocol in which it could be told.
        parts.log.debug('stream ended early', { path: context.info.path, error })
        context.upgrade?.socket.destroy()
      } finally {
        connection.abandon()
      }
    },
  }
}

export function streamsIn(query: URLSearchParams): CommandStreams {
  const tty = flagIn(query, 'tty')
  const streams = {
    stdin: flagIn(query, 'stdin'),
    stdout: flagIn(query, 'stdout'),
    // A terminal has one output.
    stderr: flagIn(query, 'stderr') && !tty,
    tty,
  }
  if (streams.stdin || streams.stdout || streams.stderr) return streams
  throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
}

function kubeletQuery(wanted: CommandStreams, query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams()
  if (wanted.stdin) result.set('input', '1')
  if (wanted.stdout) result.set('output', '1')
  if (wanted.stderr) result.set('error', '1')
  if (wanted.tty) result.set('tty', '1')
  for (const word of query.getAll('command')) result.append('command', word)
  return result
}

const STATUS_BYTES_MAX = 256 * 1024

/** Passes everything on until the command has ended, or either side is gone. */
async function bridge(
  client: CommandClient,
  kubelet: ChannelConnection,
  endsWithStatus: boolean,
  signal: AbortSignal,
): Promise<void> {
  const stopped = Promise.withResolvers<'gone'>()
  signal.addEventListener('abort', () => stopped.resolve('gone'), { once: true })
  void client.closed.then(() => stopped.resolve('gone'))
  const status = readLimited(kubelet.channel(channel.error), STATUS_BYTES_MAX)
  void pass(client.stdin, kubelet.channel(channel.stdin))
  void pass(client.resize, kubelet.channel(channel.resize))
  const ended = Promise.all([
    pass(kubelet.channel(channel.stdout), client.stdout),
    pass(kubelet.channel(channel.stderr), client.stderr),
    status,
  ])
  if ((await Promise.race([ended, stopped.promise])) === 'gone') {
    client.abandon()
    return
  }
  const last = Readable.from([ending(await status, endsWithStatus)], { objectMode: false })
  // A connection that closes earlier would cut the ending off.
  await Promise.race([pass(last, client.error), stopped.promise])
  client.close()
  await client.closed
}

/** When one side breaks, its connection ends too, and that is what ends the command. */
async function pass(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (!from || !to) {
    from?.resume()
    return
  }
  await pipeline(from, to).catch(() => undefined)
}

/** What the client hears at the end. A command without an ending must not look like a success. */
export function ending(status: Buffer, endsWithStatus: boolean): Buffer | string {
  const lost = internalError('the connection to the kubelet was lost before the command ended')
  if (!status.length) return endsWithStatus ? JSON.stringify(lost) : lost.message
  if (endsWithStatus) return status
  try {
    const { status: outcome, message } = JSON.parse(status.toString())
    return outcome === 'Success' ? '' : String(message)
  } catch {
    return status
  }
}
