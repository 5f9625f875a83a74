/** Watches and informers against a real API server, behind a proxy that breaks connections. */
import { describe, expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { parseLabelSelector } from '#api/label-selector.ts'
import { startTestServer } from '#test/api-server.ts'
import { type Connected, connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import { driven, timers, until } from '#test/drive-clock.ts'
import { answer, startScriptedServer } from '#test/scripted-server.ts'
import type { Change, Informer } from './informer.ts'
import { metadataOf } from './resource.ts'
import { watch } from './watch.ts'
import { LineSplitter } from './watch-transport.ts'

const configMap = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'default', labels },
})

function partsOf({ transport, clock, random }: Connected) {
  return { transport, clock, random }
}

const carriers = ['http', 'socket'] as const

type ConfigMaps = Informer<ConfigMap>

const namesIn = ({ cache }: ConfigMaps): string[] =>
  cache.list().map(({ metadata }) => metadata.name)

function listen(informer: ConfigMaps): string[] {
  const heard: string[] = []
  informer.onChange(({ type, object }: Change<ConfigMap>) =>
    heard.push(`${type} ${object.metadata.name}`),
  )
  return heard
}

describe('watch()', () => {
  test.for(carriers)('goes on where it was after its connection broke: %s', async (carrier) => {
    await using server = await startTestServer()
    await using proxy = await startCuttingProxy(server.url)
    await using direct = connect(server.url)
    await using connected = connect(proxy.url, { carrier })
    const list = await direct.client.listAll(ConfigMap)
    const stopping = new AbortController()
    const events: string[] = []
    const following = (async () => {
      const resourceVersion = list.metadata.resourceVersion!
      const options = { resourceVersion, signal: stopping.signal }
      for await (const batch of watch(partsOf(connected), ConfigMap, options)) {
        events.push(...batch.map(({ type, object }) => `${type} ${object.metadata.name}`))
      }
    })()
    const wanted: string[] = []
    for (let round = 0; round < 5; round++) {
      await direct.client.create(ConfigMap, configMap(`a${round}`))
      wanted.push(`ADDED a${round}`)
      await driven(
        connected.clock,
        until(() => events.length === wanted.length),
      )
      proxy.cut()
    }
    expect(events).toEqual(wanted)
    stopping.abort()
    await following
  })

  test('says that it has been away for too long', async () => {
    await using server = await startScriptedServer((_, response) => {
      const status = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 }
      response.write(
        `${JSON.stringify({ type: 'ERROR', object: { ...status, message: 'old' } })}\n`,
      )
    })
    await using connected = connect(server.url)
    const { signal } = new AbortController()
    const options = { resourceVersion: '1', signal }
    const first = watch(partsOf(connected), ConfigMap, options)[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ reason: 'Expired', code: 410, message: 'old' })
  })

  test('a server that closes each watch at once is asked less and less often', async () => {
    await using server = await startScriptedServer((_, response) => response.end())
    await using connected = connect(server.url)
    const { clock } = connected
    const stopping = new AbortController()
    const options = { resourceVersion: '1', signal: stopping.signal }
    const next = watch(partsOf(connected), ConfigMap, options)[Symbol.asyncIterator]().next()
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      await timers(clock)
      waits.push(clock.nextTimerMs!)
      clock.jump(clock.nextTimerMs!)
    }
    const least = [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]
    for (const [round, waitMs] of waits.entries()) {
      expect(waitMs).toBeGreaterThanOrEqual(least[round]!)
      expect(waitMs).toBeLessThanOrEqual(2 * least[round]!)
    }
    await timers(clock)
    stopping.abort()
    expect((await next).done).toBe(true)
  })

  test('a connection without a sign of life is given up', async () => {
    await using server = await startScriptedServer((_, response) =>
      response.writeHead(200).write(' '),
    )
    await using connected = connect(server.url)
    const broken: unknown[] = []
    const stopping = new AbortController()
    const parts = { ...partsOf(connected), broken: (error: unknown) => broken.push(error) }
    const options = { resourceVersion: '1', signal: stopping.signal }
    const next = watch(parts, ConfigMap, options)[Symbol.asyncIterator]().next()
    await driven(
      connected.clock,
      until(() => broken.length > 0),
      Infinity,
    )
    expect(String(broken[0])).toContain('nothing heard for 240 s')
    stopping.abort()
    await next
  })

  test.for(carriers)('a refusal that would not change is thrown: %s', async (carrier) => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier })
    const { signal } = new AbortController()
    const options = { resourceVersion: '1', labelSelector: '!!', signal }
    const first = watch(partsOf(connected), ConfigMap, options)[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ code: 400 })
  })
})

describe('LineSplitter', () => {
  test('lines do not depend on where chunks end', () => {
    const text = Buffer.from('{"a":"ü€😀"}\n\n{"b":1}\nrest')
    for (let size = 1; size <= text.length; size++) {
      const lines = new LineSplitter()
      const found: string[] = []
      for (let at = 0; at < text.length; at += size)
        found.push(...lines.push(text.subarray(at, at + size)))
      expect(found).toEqual(['{"a":"ü€😀"}', '{"b":1}'])
    }
  })

  test('a line without end is refused', () => {
    const lines = new LineSplitter()
    const mebibyte = Buffer.alloc(1024 * 1024, 'x')
    expect(() => {
      for (let count = 0; count < 20; count++) lines.push(mebibyte)
    }).toThrow('at most 16777216 wanted')
  })
})

describe.for(carriers)('informers over %s', (carrier) => {
  test('hold what is there, and follow what happens', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier })
    const { client, informers } = connected
    const first = await client.create(ConfigMap, configMap('a'))
    const informer = informers.get(ConfigMap)
    await informer.synced
    const heard = listen(informer)
    const second = await client.create(ConfigMap, configMap('b'))
    await informer.cache.reached(second.metadata.resourceVersion)
    const changed = await client.update(ConfigMap, { ...first, data: { x: 'y' } })
    await informer.cache.reached(changed.metadata.resourceVersion)
    await client.delete(ConfigMap, second)
    await informer.cache.removed(second, second.metadata.uid)
    expect(heard).toEqual(['added a', 'added b', 'updated a', 'removed b'])
    expect(informer.cache.get(first)).toMatchObject({ data: { x: 'y' } })
    expect(informer.cache.get(first)?.metadata.managedFields).toBeUndefined()
    expect(namesIn(informer)).toEqual(['a'])
  })

  test('are shared by those who want the same', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier })
    const { informers } = connected
    expect(informers.get(ConfigMap)).toBe(informers.get(ConfigMap))
    const selected = informers.get(ConfigMap, { labelSelector: 'a=b' })
    expect(selected).not.toBe(informers.get(ConfigMap))
    expect(informers.get(metadataOf(ConfigMap))).not.toBe(informers.get(ConfigMap))
    await informers.synced(new AbortController().signal)
    expect(informers.all.every(({ isSynced }) => isSynced)).toBe(true)
  })

  test('miss nothing while the network is away, and list again when history has moved on', async () => {
    await using server = await startTestServer()
    await using proxy = await startCuttingProxy(server.url)
    await using direct = connect(server.url)
    await using connected = connect(proxy.url, { carrier })
    const { client } = direct
    for (const name of ['a', 'b', 'c']) await client.create(ConfigMap, configMap(name))
    const informer = connected.informers.get(ConfigMap)
    await informer.synced
    const heard = listen(informer)
    heard.length = 0
    proxy.refuse(true)
    proxy.cut()
    await client.delete(ConfigMap, { name: 'a', namespace: 'default' })
    await client.delete(ConfigMap, { name: 'b', namespace: 'default' })
    await client.create(ConfigMap, configMap('b'))
    const last = await client.create(ConfigMap, configMap('d'))
    await until(() => connected.logged.length > 0)
    proxy.refuse(false)
    await driven(connected.clock, informer.cache.reached(last.metadata.resourceVersion)!)
    expect(namesIn(informer).toSorted()).toEqual(['b', 'c', 'd'])
    expect(heard).toEqual(['removed a', 'removed b', 'added b', 'added d'])
    expect(connected.logged.join()).toContain('watch broken')
  })

  test('an expired watch becomes a new list, of which only the differences are told', async () => {
    let version = 0
    const items = (names: string[]) =>
      names.map((name, uid) => ({ metadata: { name, uid: `${uid}`, resourceVersion: '5' } }))
    await using server = await startScriptedServer((request, response) => {
      const { pathname, searchParams: query } = new URL(request.url!, 'http://x')
      // What a server says that does not know how watches share a socket.
      if (pathname === '/nanokube/v1/watch') return answer(response, 404, {})
      if (query.has('sendInitialEvents'))
        return answer(response, 422, { kind: 'Status', reason: 'Invalid' })
      if (query.get('watch')) return answer(response, 410, { kind: 'Status', reason: 'Expired' })
      version++
      const list = version === 1 ? items(['a', 'b']) : items(['a', 'c'])
      return answer(response, 200, { metadata: { resourceVersion: `${version}` }, items: list })
    })
    await using connected = connect(server.url, { carrier })
    const informer = connected.informers.get(ConfigMap)
    await informer.synced
    const heard = listen(informer)
    await driven(
      connected.clock,
      until(() => version > 1 && heard.length > 3),
    )
    expect(heard.slice(0, 4)).toEqual(['added a', 'added b', 'removed b', 'added c'])
  })

  test('a listener that throws is not the problem of others', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier })
    const informer = connected.informers.get(ConfigMap)
    await informer.synced
    informer.onChange(() => {
      throw new Error('oops')
    })
    const heard = listen(informer)
    const created = await connected.client.create(ConfigMap, configMap('a'))
    await informer.cache.reached(created.metadata.resourceVersion)
    expect(heard).toEqual(['added a'])
    expect(connected.logged.join()).toContain('oops')
  })

  test('shared objects cannot be changed in tests', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier })
    await connected.client.create(ConfigMap, configMap('a'))
    const informer = connected.informers.get(ConfigMap)
    await informer.synced
    const shared = informer.cache.get({ name: 'a', namespace: 'default' })!
    expect(() => Object.assign(shared.metadata, { name: 'b' })).toThrow(TypeError)
  })

  test('selected objects come and go with their labels', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url, { carrier })
    const { client, informers } = connected
    const informer = informers.get(ConfigMap, { labelSelector: 'app=web', namespace: 'default' })
    await informer.synced
    const heard = listen(informer)
    const created = await client.create(ConfigMap, configMap('a', { app: 'web' }))
    await informer.cache.reached(created.metadata.resourceVersion)
    const left = await client.patch(ConfigMap, created, { metadata: { labels: { app: null } } })
    await informer.cache.reached(left.metadata.resourceVersion)
    expect(heard).toEqual(['added a', 'removed a'])
    expect(informer.cache.matching(parseLabelSelector('app=web'))).toEqual([])
  })
})
