/** A watch over a WebSocket of its own: each event is one message. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '#daemon/clock.ts'
import type { RequestContext } from '../request-context.ts'
import type { WatchResult } from '../result.ts'
import { acceptWebSocket, closeCodes, hangUp, PacedSocket } from './web-socket.ts'

/** Ahead of each protobuf frame stands its length, which a message has anyway. */
const LENGTH_BYTES = 4

export async function serveWebSocketWatch(
  context: RequestContext,
  watch: WatchResult,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Promise<void> {
  const socket = await acceptWebSocket(context, request, response, clock)
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const isBinary = watch.contentType !== 'application/json'
  const paced = new PacedSocket(socket, () => session.drained())
  const session = watch.open({
    write: (frame) => paced.send(isBinary ? frame.subarray(LENGTH_BYTES) : frame, isBinary),
    end: () => socket.close(closeCodes.done),
  })
  socket.once('close', () => {
    session[Symbol.dispose]()
    resolve()
  })
  const stop = (): void => hangUp(socket)
  if (context.signal.aborted) stop()
  else context.signal.addEventListener('abort', stop, { once: true })
  await session.start()
  await gone
}
