/** Which files ConfigMaps, Secrets and pods become. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import {
  configMapPayload,
  downwardPayload,
  merged,
  type Payload,
  secretPayload,
} from './payload.ts'
import { onlyUser } from './projected.ts'
import { placesInside } from './written-volume.ts'

const texts = (payload: Payload): Record<string, [text: string, mode: number]> =>
  Object.fromEntries(
    Array.from(payload, ([path, { data, mode }]) => [path, [data.toString(), mode]]),
  )

const source = { data: { a: '1', b: '2' }, binaryData: { c: Buffer.from('3').toString('base64') } }
const selection = { mode: 0o640, isOptional: false }

test('every key is a file, unless some are picked', () => {
  expect(texts(configMapPayload(source as never, selection))).toEqual({
    a: ['1', 0o640],
    b: ['2', 0o640],
    c: ['3', 0o640],
  })
  const items = [
    { key: 'b', path: 'x/y', mode: 0o400 },
    { key: 'c', path: 'z' },
  ]
  expect(texts(configMapPayload(source as never, { ...selection, items }))).toEqual({
    'x/y': ['2', 0o400],
    z: ['3', 0o640],
  })
})

test('a key that is picked has to be there, unless it is optional', () => {
  const items = [{ key: 'none', path: 'x' }]
  const pick = (isOptional: boolean) => ({ ...selection, items, isOptional })
  expect(() => configMapPayload(source as never, pick(false))).toThrow(
    'configmap references non-existent config key: none',
  )
  expect(() => secretPayload({ data: {} } as never, pick(false))).toThrow(
    'references non-existent secret key: none',
  )
  expect(configMapPayload(source as never, pick(true)).size).toBe(0)
})

test('a later source wins', () => {
  const [one, two] = ['1', '2'].map((text) =>
    configMapPayload({ data: { a: text } } as never, selection),
  )
  expect(texts(merged([one!, two!]))).toEqual({ a: ['2', 0o640] })
})

test('fields and resources of the pod', () => {
  const pod = {
    metadata: { name: 'p', labels: { a: '1' } },
    spec: { containers: [{ name: 'main', resources: {} }] },
  } as unknown as Pod
  const files = [
    { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
    {
      path: 'cpu',
      mode: 0o400,
      resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' },
    },
  ]
  const payload = downwardPayload(files as never, 0o644, pod, { allocatable: { cpu: '2' } })
  expect(texts(payload)).toEqual({ labels: ['a="1"', 0o644], cpu: ['2000', 0o400] })
})

const podWith = (spec: object): Pod => ({ spec }) as unknown as Pod
const userOf = (runAsUser?: number) => ({
  ...(runAsUser !== undefined && { securityContext: { runAsUser } }),
})

test.for([
  { spec: { containers: [userOf(5), userOf(5)] }, user: 5 },
  { spec: { containers: [userOf(5)], initContainers: [userOf(6)] }, user: undefined },
  { spec: { containers: [userOf()], securityContext: { runAsUser: 7 } }, user: 7 },
  { spec: { containers: [userOf(), userOf(7)] }, user: undefined },
  { spec: { containers: [userOf()] }, user: undefined },
])('onlyUser() of $spec', ({ spec, user }) => {
  expect(onlyUser(podWith(spec))).toBe(user)
})

test('places for what is mounted inside', () => {
  const volumeMounts = [
    { name: 'conf', mountPath: '/etc/app' },
    { name: 'other', mountPath: '/etc/app/inner/' },
    { name: 'other', mountPath: '/etc/app//deep/er' },
    { name: 'other', mountPath: '/etc/application' },
    { name: 'conf', mountPath: '/x', subPath: 'file' },
    { name: 'other', mountPath: '/x/y' },
  ]
  const pod = podWith({ containers: [{ volumeMounts }] })
  expect(placesInside(pod, 'conf')).toEqual(['deep/er', 'inner'])
  expect(placesInside(pod, 'other')).toEqual([])
})
