/** One forwarded connection: the client's two streams, and the kubelet's two channels. */
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '#daemon/clock.ts'
import type { PortPair } from '#daemon/streams/port-streams.ts'
import type { KubeletAnswer } from './kubelet-channels.ts'

const DATA_CHANNEL = 0
const ERROR_CHANNEL = 1
export const PORT_CHANNELS = [DATA_CHANNEL, ERROR_CHANNEL]
/** Every channel opens with the number of its port. */
const PORT_BYTES = 2
/** How long an answer may take to a client that has finished, where that cannot be passed on. */
const LINGER_MS = 10_000

export function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(PORT_BYTES)
  bytes.writeUInt16LE(port)
  return bytes
}

/** Resolves when the connection is over, and both streams of the client have ended. */
export async function forwardPort(
  answer: KubeletAnswer,
  { data, error }: PortPair,
  clock: Clock,
): Promise<void> {
  error.resume()
  if (answer.type === 'refused') {
    data.resume()
    data.end()
    error.end(answer.result.body)
    return
  }
  const { connection } = answer
  const remote = connection.channel(DATA_CHANNEL)
  // The client gave up on its connection: the one to the pod ends with it.
  data.once('close', () => {
    if (!remote.readableEnded) connection.close()
  })
  if (!connection.canClose) {
    data.once('end', () => {
      const timer = clock.setTimeout(() => connection.close(), LINGER_MS, { background: true })
      void connection.closed.then(() => timer.cancel())
    })
  }
  // A side that breaks ends its connection, which ends everything here.
  const ignore = (): undefined => undefined
  const sending = pipeline(data, remote).catch(ignore)
  const receiving = pipeline(remote, withoutPort(), data).catch(ignore)
  const failing = pipeline(connection.channel(ERROR_CHANNEL), withoutPort(), error).catch(ignore)
  await receiving
  // Nothing can come back any more, so what the client still sends would go nowhere.
  connection.close()
  await Promise.all([connection.closed, failing])
  data.resume()
  await sending
}

function withoutPort(): Transform {
  let left = PORT_BYTES
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const skipped = Math.min(left, chunk.length)
      left -= skipped
      done(null, chunk.subarray(skipped))
    },
  })
}
