/** A watch over plain HTTP: one answer that goes on, an event after the other. */
import type { ServerResponse } from 'node:http'
import type { RequestContext } from '../request-context.ts'
import type { WatchResult } from '../result.ts'

export async function serveHttpWatch(
  { signal, method }: RequestContext,
  watch: WatchResult,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, {
    'content-type': watch.contentType,
    'cache-control': 'no-cache, private',
  })
  if (method === 'HEAD') {
    response.end()
    return
  }
  response.flushHeaders()
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const session = watch.open({
    write: (frame) => response.write(frame),
    end: () => void response.end(resolve),
  })
  response.on('drain', () => session.drained())
  // Also while what is there is being sent, which waits for the client.
  response.once('close', () => {
    session[Symbol.dispose]()
    resolve()
  })
  // The server stops: who reads hears the end of the answer, who does not cannot be waited for.
  const stop = (): void => {
    if (response.writableNeedDrain) response.destroy()
    else response.end(resolve)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  await session.start()
  await gone
}
