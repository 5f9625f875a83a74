/** Controllers against a real API server. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { startTestServer } from '#test/api-server.ts'
import { startCluster } from '#test/cluster.ts'
import { connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import { driven, timers, until } from '#test/drive-clock.ts'
import { controllerOf } from './cache.ts'
import { type ControllerOptions, defineController, watching } from './controller.ts'
import { startControllers } from './controllers.ts'

const wish = (name: string, count: number) => ({
  metadata: { name, namespace: 'default' },
  data: { count: String(count) },
})

const countOf = ({ data }: ConfigMap): number => Number(data?.count ?? 0)

const childOf = ({ metadata, kind, apiVersion }: ConfigMap) => ({
  metadata: {
    generateName: `${metadata.name}-`,
    namespace: metadata.namespace ?? '',
    ownerReferences: [
      { kind, apiVersion, name: metadata.name, uid: metadata.uid, controller: true },
    ],
  },
})

/** As many Secrets as a ConfigMap wants: a ReplicaSet in small. */
const counting: ControllerOptions<ConfigMap> = {
  name: 'counting',
  for: ConfigMap,
  owns: [Secret],
  async reconcile(config, { cached, client }) {
    const present = cached(Secret).ownedBy(config)
    const missing = countOf(config) - present.length
    await settleAll([
      ...Array.from({ length: Math.max(missing, 0) }, () => client.create(Secret, childOf(config))),
      ...present.slice(0, Math.max(-missing, 0)).map((secret) => client.delete(Secret, secret)),
    ])
  },
}

describe('a controller', () => {
  test('makes what is wanted, mends what is broken, and follows a change of mind', async () => {
    await using cluster = await startCluster({ controllers: [defineController(counting)] })
    const { client } = cluster
    const config = await client.create(ConfigMap, wish('a', 3))
    await cluster.settle()
    expect(await client.list(Secret)).toHaveLength(3)
    const [victim] = await client.list(Secret)
    await client.delete(Secret, victim!)
    await cluster.settle()
    expect(await client.list(Secret)).toHaveLength(3)
    await client.patch(ConfigMap, config, { data: { count: '1' } })
    await cluster.settle()
    expect(await client.list(Secret)).toHaveLength(1)
    expect(cluster.logged).toEqual([])
  })

  test('that asks for a few objects of a kind sees no others', async () => {
    const seen: string[] = []
    const selectors = { namespace: 'default', fieldSelector: 'metadata.name=wanted' }
    const controller = defineController<ConfigMap>({
      name: 'choosy',
      for: ConfigMap,
      selected: [{ kind: ConfigMap, selectors }],
      async reconcile({ metadata }, { cached }) {
        seen.push(`${metadata.name} of ${cached(ConfigMap).size}`)
      },
    })
    await using cluster = await startCluster({ controllers: [controller] })
    for (const name of ['other', 'wanted']) await cluster.client.create(ConfigMap, wish(name, 1))
    await cluster.settle()
    expect(seen).toEqual(['wanted of 1'])
  })

  test('never acts on a cache that does not show its own writes', async () => {
    const made = new Map<string, number>()
    const controller = defineController<ConfigMap>({
      ...counting,
      workers: 3,
      async reconcile(config, context) {
        const before = context.cached(Secret).ownedBy(config).length
        await counting.reconcile(config, context)
        const missing = Math.max(countOf(config) - before, 0)
        made.set(config.metadata.name, (made.get(config.metadata.name) ?? 0) + missing)
      },
    })
    await using cluster = await startCluster({ controllers: [controller] })
    const { client } = cluster
    const names = Array.from({ length: 10 }, (_, index) => `c${index}`)
    for (const name of names) await client.create(ConfigMap, wish(name, 5))
    // Changes that do not matter make each key come again while its writes are on their way.
    for (let round = 0; round < 5; round++) {
      const labels = { round: String(round) }
      for (const name of names) {
        await client.patch(ConfigMap, { name, namespace: 'default' }, { metadata: { labels } })
      }
    }
    await cluster.settle()
    expect(Object.fromEntries(made)).toEqual(Object.fromEntries(names.map((name) => [name, 5])))
    expect(await client.list(Secret)).toHaveLength(50)
  })

  test.for(['http', 'socket'] as const)(
    'goes on when the API server is restarted: %s',
    async (carrier) => {
      const directory = await mkdtemp(join(tmpdir(), 'nanokube-restart-'))
      const first = await startTestServer({ directory })
      await using proxy = await startCuttingProxy(first.url)
      await using connected = connect(proxy.url, { carrier })
      const { client, informers, clock, random, log } = connected
      const nobody = { normal: () => undefined, warning: () => undefined }
      const events = { for: () => nobody }
      const parts = { client, informers, events, clock, random, log, graceMs: 0 }
      const controllers = [defineController(counting)]
      const { signal } = new AbortController()
      await using _running = await startControllers(controllers, parts, signal)
      await client.create(ConfigMap, wish('a', 2))
      const secrets = informers.get(Secret).cache
      await until(() => secrets.size === 2)
      await first[Symbol.asyncDispose]()
      const second = await startTestServer({ directory })
      proxy.lead(second.url)
      await using direct = connect(second.url)
      await direct.client.create(ConfigMap, wish('b', 3))
      await driven(
        clock,
        until(() => secrets.size === 5),
      )
      expect(await direct.client.list(Secret)).toHaveLength(5)
      await second[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  )

  test('tries again what failed, and one bad object does not stop the others', async () => {
    let failures = 0
    const controller = defineController<ConfigMap>({
      ...counting,
      workers: 1,
      async reconcile(config, context) {
        if (config.metadata.name === 'bad' && failures++ < 3) throw new Error('no luck')
        return counting.reconcile(config, context)
      },
    })
    await using cluster = await startCluster({ controllers: [controller] })
    await cluster.client.create(ConfigMap, wish('bad', 1))
    await cluster.client.create(ConfigMap, wish('good', 1))
    await cluster.settle()
    expect(await cluster.client.list(Secret)).toHaveLength(2)
    expect(cluster.logged.filter((line) => line.includes('no luck'))).toHaveLength(3)
    expect(cluster.logged[2]).toContain('"failures":3')
  })

  test('comes back when it wanted to', async () => {
    const seen: number[] = []
    const controller = defineController<ConfigMap>({
      name: 'clockwork',
      for: ConfigMap,
      async reconcile(_, { clock }) {
        seen.push(clock.monotonic())
        return seen.length < 3 ? { requeueAfterMs: 60_000 } : undefined
      },
    })
    await using cluster = await startCluster({ controllers: [controller] })
    const { clock } = cluster
    await cluster.client.create(ConfigMap, wish('a', 0))
    await cluster.settle()
    for (let round = 0; round < 5; round++) {
      clock.jump(60_000)
      await cluster.settle()
    }
    expect(seen).toEqual([0, 60_000, 120_000])
  })

  test('hears of other kinds that concern its objects, and of objects that are gone', async () => {
    const seen: string[] = []
    const controller = defineController<ConfigMap>({
      name: 'watching',
      for: ConfigMap,
      reads: [Secret],
      watches: [
        watching(Namespace, ({ metadata }, { cached }) =>
          cached(ConfigMap)
            .list(metadata.name)
            .map((each) => each.metadata),
        ),
      ],
      async reconcile({ metadata }, { cached }) {
        seen.push(`${metadata.name} ${cached(Secret).size}`)
      },
      async removed({ namespace, name }) {
        seen.push(`${namespace}/${name} gone`)
      },
    })
    await using cluster = await startCluster({ controllers: [controller] })
    const { client } = cluster
    const config = await client.create(ConfigMap, wish('a', 0))
    await cluster.settle()
    await client.patch(Namespace, { name: 'default' }, { metadata: { labels: { x: 'y' } } })
    await cluster.settle()
    await client.delete(ConfigMap, config)
    await cluster.settle()
    expect(seen).toEqual(['a 0', 'a 0', 'default/a gone'])
  })

  test('a kind that it did not name has no cache', async () => {
    const controller = defineController<ConfigMap>({
      name: 'curious',
      for: ConfigMap,
      async reconcile(_, { cached }) {
        cached(Secret).list()
      },
    })
    await using cluster = await startCluster({ controllers: [controller] })
    await cluster.client.create(ConfigMap, wish('a', 0))
    await expect(cluster.settle()).rejects.toThrow('has no cache of Secret, wanted it in reads')
  })

  test('lets work that has begun end when it stops', async () => {
    const begun = Promise.withResolvers<void>()
    const mayEnd = Promise.withResolvers<void>()
    let hasEnded = false
    const controller = defineController<ConfigMap>({
      name: 'slow',
      for: ConfigMap,
      async reconcile() {
        begun.resolve()
        await mayEnd.promise
        hasEnded = true
      },
    })
    const cluster = await startCluster({ controllers: [controller] })
    await cluster.client.create(ConfigMap, wish('a', 0))
    await begun.promise
    const stopped = cluster[Symbol.asyncDispose]()
    mayEnd.resolve()
    await stopped
    expect(hasEnded).toBe(true)
  })

  test('work that does not end is told to when the grace is over', async () => {
    const begun = Promise.withResolvers<void>()
    const controller = defineController<ConfigMap>({
      name: 'endless',
      for: ConfigMap,
      async reconcile(_, { signal, clock }) {
        begun.resolve()
        await clock.sleep(1e9, signal)
      },
    })
    const cluster = await startCluster({ controllers: [controller] })
    await cluster.client.create(ConfigMap, wish('a', 0))
    await begun.promise
    const stopped = cluster[Symbol.asyncDispose]()
    await timers(cluster.clock)
    cluster.clock.jump(1000)
    await stopped
    expect(cluster.logged).toEqual([])
  })

  test('reports events in its own name', async () => {
    const controller = defineController<ConfigMap>({
      name: 'talking',
      for: ConfigMap,
      async reconcile(config, { events }) {
        events.normal(config, 'Seen', 'Saw the config')
      },
    })
    await using cluster = await startCluster({ controllers: [controller] })
    const config = await cluster.client.create(ConfigMap, wish('a', 0))
    await cluster.settle()
    const [event] = await cluster.client.list(Event)
    expect(event).toMatchObject({
      involvedObject: { kind: 'ConfigMap', name: 'a', uid: config.metadata.uid },
      reason: 'Seen',
      message: 'Saw the config',
      source: { component: 'talking' },
      type: 'Normal',
      count: 1,
    })
  })
})

test('controllerOf() is the one owner that manages', () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: '1' }
  const metadata = { ownerReferences: [owner, { ...owner, uid: '2', controller: true }] }
  expect(controllerOf({ metadata } as never)?.uid).toBe('2')
})
