/** What containers may mount, and where. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { mountFor, subPathOf } from './volume-mounts.ts'
import { memorySize } from './volumes/empty-dir.ts'

const environment = [
  { name: 'NAME', value: 'p' },
  { name: 'EMPTY', value: '' },
]

test.for([
  [{}, ''],
  [{ subPath: 'a/b' }, 'a/b'],
  [{ subPathExpr: '$(NAME)/x' }, 'p/x'],
  [{ subPathExpr: '$$(NAME)' }, '$(NAME)'],
] as const)('%j is %s', ([mount, path]) => {
  expect(subPathOf(mount, environment)).toBe(path)
})

test.for([
  [{ subPath: '/a' }, 'error SubPath `/a` must not be an absolute path'],
  [{ subPath: 'a/../b' }, "unable to provision SubPath `a/../b`: must not contain '..'"],
  [{ subPathExpr: '$(NONE)/$(EMPTY)' }, 'missing value for EMPTY, NONE'],
] as const)('%j is refused', ([mount, why]) => {
  expect(() => subPathOf(mount, environment)).toThrow(why)
})

const context = {
  container: 'main',
  volumes: new Map([
    ['disk', { source: { path: '/v' }, isReadOnly: false }],
    ['memory', { source: { memoryVolume: 'memory' }, isReadOnly: false }],
    ['device', { source: { path: '/dev/x' }, isReadOnly: false, device: '/dev/x' }],
  ]),
  environment,
  nodeRoot: '',
}

test('propagation, and paths that are not absolute', async () => {
  const mount = { name: 'disk', mountPath: 'data', mountPropagation: 'Bidirectional' as const }
  expect(await mountFor(mount, context)).toEqual({
    source: { path: '/v' },
    containerPath: '/data',
    isReadOnly: false,
    propagation: 'rshared',
  })
})

test.for([
  [{ name: 'none' }, 'cannot find volume "none" to mount into container "main"'],
  [{ name: 'device' }, 'cannot find volume "device" to mount into container "main"'],
  [{ name: 'memory', subPath: 'a' }, 'a volume in memory is mounted as a whole or not'],
  [{ name: 'disk', recursiveReadOnly: 'Enabled' }, 'but it is not read-only'],
  [
    { name: 'disk', recursiveReadOnly: 'Enabled', readOnly: true },
    'but it is not supported by the runtime',
  ],
] as const)('%j is refused', async ([mount, why]) => {
  await expect(mountFor({ mountPath: '/x', ...mount }, context)).rejects.toThrow(why)
})

test('read-only as far as possible is read-only', async () => {
  const mount = { name: 'disk', mountPath: '/x', readOnly: true }
  const wish = { ...mount, recursiveReadOnly: 'IfPossible' as const }
  expect(await mountFor(wish, context)).toMatchObject({ isReadOnly: true })
})

const podOf = (...limits: readonly (string | undefined)[]): Pod =>
  ({
    spec: {
      containers: limits.map((memory) => ({ resources: memory ? { limits: { memory } } : {} })),
    },
  }) as unknown as Pod

test.for([
  { sizeLimit: '4Mi', limits: ['1Mi', '1Mi'], allocatable: '1Gi', size: 2 << 20 },
  { sizeLimit: '1Mi', limits: ['1Mi', '1Mi'], allocatable: '1Gi', size: 1 << 20 },
  { sizeLimit: '4Mi', limits: ['1Mi', undefined], allocatable: '1Gi', size: 4 << 20 },
  { sizeLimit: undefined, limits: [undefined], allocatable: '1Gi', size: 1 << 30 },
  { sizeLimit: '0', limits: [undefined], allocatable: undefined, size: undefined },
])('memorySize() of $sizeLimit with $limits', ({ sizeLimit, limits, allocatable, size }) => {
  const source = sizeLimit === undefined ? {} : { sizeLimit }
  expect(memorySize(source, podOf(...limits), allocatable)).toBe(size)
})
