/** Watches that share a socket: flow control, refusals, and a server that falls silent. */
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import { timers, until } from '#test/drive-clock.ts'
import { answer, startScriptedServer } from '#test/scripted-server.ts'
import { ConnectionError } from './connection.ts'
import { openWatch } from './watch.ts'

const configMap = (name: string, size = 0) => ({
  metadata: { name, namespace: 'default' },
  data: { text: 'x'.repeat(size) },
})

const { signal: never } = new AbortController()

function nextOf<T>(events: AsyncIterable<T>): Promise<IteratorResult<T>> {
  return events[Symbol.asyncIterator]().next()
}

describe('watches over one socket', () => {
  test('share one connection', async () => {
    await using server = await startTestServer()
    await using proxy = await startCuttingProxy(server.url)
    await using connected = connect(proxy.url, { carrier: 'socket' })
    const { informers } = connected
    informers.get(ConfigMap)
    informers.get(Secret)
    informers.get(Namespace)
    await informers.synced(never)
    expect(informers.get(Namespace).cache.size).toBeGreaterThan(0)
    expect(proxy.accepted).toBe(1)
  })

  test('a reader that takes its time gets everything, in order, and others do not wait', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier: 'socket' })
    const { client, informers } = connected
    const list = await client.listAll(ConfigMap)
    const options = { resourceVersion: list.metadata.resourceVersion!, signal: never }
    const events = openWatch(connected, ConfigMap, options)[Symbol.asyncIterator]()
    const first = events.next()
    const names = Array.from({ length: 40 }, (_, index) => `c${String(index).padStart(2, '0')}`)
    // Some 4 MiB: several windows, so that the server has to wait for the slow one.
    for (const name of names) await client.create(ConfigMap, configMap(name, 100_000))
    const other = informers.get(ConfigMap)
    await other.synced
    expect(other.cache.size).toBe(40)
    const seen: string[] = []
    let next = await first
    while (seen.length < 40) {
      const batch = next.value.filter((each: { type: string }) => each.type === 'ADDED')
      seen.push(...batch.map((each: { object: ConfigMap }) => each.object.metadata.name))
      if (seen.length < 40) next = await events.next()
    }
    expect(seen).toEqual(names)
    await events.return?.()
  })

  test('a stream that is refused says why, and the socket lives on', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier: 'socket' })
    const options = { resourceVersion: '1', labelSelector: '!!', signal: never }
    const refused = nextOf(openWatch(connected, ConfigMap, options))
    await expect(refused).rejects.toMatchObject({ name: 'StatusError', code: 400 })
    const informer = connected.informers.get(Namespace)
    await informer.synced
    expect(informer.cache.size).toBeGreaterThan(0)
  })

  test('who aborts hears the reason at once', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier: 'socket' })
    const stopping = new AbortController()
    const options = { signal: stopping.signal }
    const events = openWatch(connected, ConfigMap, options)[Symbol.asyncIterator]()
    await events.next()
    const next = events.next()
    stopping.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
  })

  test('a server that is overloaded is no reason to change the way', async () => {
    await using server = await startScriptedServer((_, response) =>
      answer(response, 503, { kind: 'Status', message: 'busy', reason: 'ServiceUnavailable' }),
    )
    await using connected = connect(server.url, { carrier: 'socket' })
    for (let round = 0; round < 2; round++) {
      const refused = nextOf(openWatch(connected, ConfigMap, { signal: never }))
      await expect(refused).rejects.toMatchObject({ code: 503, message: 'busy' })
    }
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/nanokube/v1/watch',
      '/nanokube/v1/watch',
    ])
  })

  test('a server that falls silent is given up', async () => {
    const silent = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await until(() => silent.address() !== null)
    const { port } = silent.address() as { port: number }
    await using connected = connect(`http://127.0.0.1:${port}`, { carrier: 'socket' })
    const next = nextOf(openWatch(connected, ConfigMap, { signal: never }))
    await timers(connected.clock)
    connected.clock.jump(75_000)
    await expect(next).rejects.toBeInstanceOf(ConnectionError)
    expect(connected.clock.pendingTimers).toBe(0)
    const closed = Promise.withResolvers<void>()
    silent.close(() => closed.resolve())
    await closed.promise
  })
})
