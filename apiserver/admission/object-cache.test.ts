/** Objects are parsed once for each version, and never shown out of date. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ConfigMap } from '#api/kinds/core/config-map.ts'
import { startTestServer, type TestServer } from '#test/api-server.ts'
import type { ApiObject } from '../stored-object.ts'
import { ObjectCache } from './object-cache.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const parts = () => {
  const { store, resources } = server.parts
  const resource = resources.find('', 'v1', 'configmaps')!
  const object = (namespace: string, name: string, k: string): ApiObject =>
    ({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name, namespace },
      data: { k },
    }) as unknown as ApiObject
  const write = (namespace: string, name: string, k: string) =>
    store.modify(resource.keyOf(namespace, name), () => resource.draft(object(namespace, name, k)))
  return { store, resources, resource, write }
}

test('reads see each write at once, and are the same object until then', async () => {
  const { store, resources, resource, write } = parts()
  using cache = new ObjectCache(store, resources)
  const maps = cache.of<ConfigMap>('configmaps')
  expect(maps.get('x', 'a')).toBeUndefined()
  expect(maps.list('x')).toEqual([])
  await write('x', 'a', '1')
  const first = maps.get('x', 'a')
  expect(first?.data).toEqual({ k: '1' })
  expect(maps.get('x', 'a')).toBe(first)
  await write('y', 'a', '1')
  expect(maps.get('x', 'a')).toBe(first)
  const list = maps.list('x')
  expect(maps.list('x')).toBe(list)
  await write('x', 'b', '1')
  await write('x', 'a', '2')
  expect(maps.get('x', 'a')?.data).toEqual({ k: '2' })
  expect(maps.list('x').map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  expect(maps.list('')).toHaveLength(3)
  await store.delete(resource.keyOf('x', 'a'))
  expect(maps.get('x', 'a')).toBeUndefined()
  expect(maps.list('')).toHaveLength(2)
})

test('without its watch nothing is kept', async () => {
  const { store, resources, write } = parts()
  const cache = new ObjectCache(store, resources)
  const maps = cache.of<ConfigMap>('configmaps')
  await write('z', 'a', '1')
  expect(maps.get('z', 'a')?.data).toEqual({ k: '1' })
  cache[Symbol.dispose]()
  await write('z', 'a', '2')
  expect(maps.get('z', 'a')?.data).toEqual({ k: '2' })
})

test('a resource that is not served is a mistake of ours', () => {
  const { store, resources } = parts()
  using cache = new ObjectCache(store, resources)
  expect(() => cache.of('nothings')).toThrow('no resource "nothings"')
})
