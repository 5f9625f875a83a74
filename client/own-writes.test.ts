/** Own writes: a key waits for exactly what its work has written, where that will show. */
import { describe, expect, test } from 'vitest'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Secret } from '#api/kinds/core/secret.ts'
import { startTestServer } from '#test/api-server.ts'
import { type Connected, connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import { until } from '#test/drive-clock.ts'
import { defineController } from './controller.ts'
import { startControllers } from './controllers.ts'
import type { Informer } from './informer.ts'
import { OwnWrites } from './own-writes.ts'
import type { ApiObject } from './resource.ts'
import type { Selectors } from './rest.ts'

const configMap = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'default', labels },
})

/** Writes are noted for the key `k`; the caches get their events through `connected`. */
async function watched(connected: Connected, selectors: Selectors = {}) {
  const informer = connected.informers.get(ConfigMap, selectors)
  await informer.synced
  const ownWrites = new OwnWrites([informer as unknown as Informer<ApiObject>])
  return { ownWrites, informer }
}

describe('a key waits', () => {
  test('until its creations, changes and removals are seen, and no longer', async () => {
    await using server = await startTestServer()
    await using proxy = await startCuttingProxy(server.url)
    await using slow = connect(proxy.url)
    const { ownWrites, informer } = await watched(slow)
    await using direct = connect(server.url, { onWrite: (write) => ownWrites.note('k', write) })
    const { client } = direct
    proxy.hold(true)
    const created = await client.create(ConfigMap, configMap('a'))
    const waiting = ownWrites.unseen('k')
    expect(waiting).toBeInstanceOf(Promise)
    expect(ownWrites.unseen('other')).toBeUndefined()
    proxy.hold(false)
    await waiting
    expect(informer.cache.get(created)).toBeDefined()
    expect(ownWrites.unseen('k')).toBeUndefined()
    proxy.hold(true)
    await client.update(ConfigMap, { ...created, data: { x: 'y' } })
    await client.delete(ConfigMap, { name: 'a', namespace: 'default' })
    const removing = ownWrites.unseen('k')
    expect(removing).toBeInstanceOf(Promise)
    proxy.hold(false)
    await removing
    expect(informer.cache.get(created)).toBeUndefined()
    expect(ownWrites.unseen('k')).toBeUndefined()
  })

  test('not for objects that its caches never show, nor for kinds without a cache', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { ownWrites } = await watched(connected, { labelSelector: 'app=web' })
    await using direct = connect(server.url, { onWrite: (write) => ownWrites.note('k', write) })
    await direct.client.create(ConfigMap, configMap('a', { app: 'other' }))
    await direct.client.create(Secret, { metadata: { name: 'a', namespace: 'default' } })
    expect(ownWrites.unseen('k')).toBeUndefined()
    await direct.client.create(ConfigMap, configMap('b', { app: 'web' }))
    await ownWrites.unseen('k')
    expect(ownWrites.unseen('k')).toBeUndefined()
  })

  test('not for a write that changed nothing', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const { client } = connected
    const created = await client.create(ConfigMap, configMap('a'))
    const { ownWrites } = await watched(connected)
    await using direct = connect(server.url, { onWrite: (write) => ownWrites.note('k', write) })
    await direct.client.update(ConfigMap, created)
    expect(ownWrites.unseen('k')).toBeUndefined()
  })

  test('for a pod that ends with grace only until it is on its way', async () => {
    await using server = await startTestServer()
    await using connected = connect(server.url)
    const informer = connected.informers.get(Pod)
    await informer.synced
    const ownWrites = new OwnWrites([informer as unknown as Informer<ApiObject>])
    const { client } = connected
    const spec = { containers: [{ name: 'main', image: 'x' }], nodeName: 'n' }
    const pod = await client.create(Pod, { metadata: { name: 'p', namespace: 'default' }, spec })
    await informer.cache.reached(pod.metadata.resourceVersion)
    await client.with({ onWrite: (write) => ownWrites.note('k', write) }).delete(Pod, pod)
    await ownWrites.unseen('k')
    expect(informer.cache.get(pod)?.metadata.deletionTimestamp).toBeDefined()
    expect(ownWrites.unseen('k')).toBeUndefined()
  })
})

test('a write that no cache shows in time does not hold its key for good', async () => {
  await using server = await startTestServer()
  await using proxy = await startCuttingProxy(server.url)
  await using direct = connect(server.url)
  await using slow = connect(proxy.url)
  const { clock, informers, random, log, logged } = slow
  let runs = 0
  const controller = defineController<ConfigMap>({
    name: 'writing',
    for: ConfigMap,
    owns: [Secret],
    async reconcile(_, { client }) {
      proxy.hold(true)
      if (runs++ > 0) return undefined
      await client.create(Secret, { metadata: { name: 's', namespace: 'default' } })
      return { requeueAfterMs: 1 }
    },
  })
  const nobody = { normal: () => undefined, warning: () => undefined }
  const events = { for: () => nobody }
  const parts = { client: direct.client, informers, events, clock, random, log, graceMs: 0 }
  const { signal } = new AbortController()
  await using running = await startControllers([controller], parts, signal)
  await direct.client.create(ConfigMap, configMap('a'))
  await until(() => runs === 1 && running.isIdle)
  // The key comes again, and has to wait, as its Secret is not in the cache.
  clock.jump(1)
  await until(() => !running.isIdle)
  clock.jump(29_999)
  expect(runs).toBe(1)
  clock.jump(1)
  await until(() => runs === 2)
  expect(logged).toEqual([expect.stringContaining('own writes not seen in time')])
  proxy.hold(false)
})
