/** An Engine that goes away while a container is ended: the caller hears of it, nothing crashes. */
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { systemRandom } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { endContainer } from './ending.ts'

test('a wait that breaks off while the kill is under way', async () => {
  const path = join(tmpdir(), `nanokube-ending-${systemRandom.hex(8)}.sock`)
  let waiting: ServerResponse | undefined
  const server = createServer(async (request, response) => {
    if (request.url === '/_ping') response.setHeader('api-version', '1.43').end('OK')
    else if (request.url?.includes('/wait')) {
      response.write(' ')
      waiting = response
    } else {
      // Only once the wait has been lost does the kill fail as well.
      const closed = once(waiting!, 'close')
      waiting!.destroy()
      await closed
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
      response.writeHead(500).end('{"message":"the Engine is going"}')
    }
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  await using engine = new Engine(path)
  const ending = endContainer({ engine, clock: new ManualClock() }, 'c')
  await expect(ending).rejects.toThrow('the Engine is going')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(path, { force: true })
})
