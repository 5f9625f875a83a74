/** Directories of volumes go when their volumes do, and no others. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { LOCAL_PATH_FINALIZER, LOCAL_PATH_NODE_LABEL } from '#api/rules/local-path-volume.ts'
import { startCluster } from '#test/cluster.ts'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { localPathController, planRemoval } from './local-path.ts'
import { systemMounter } from './mounter.ts'

const volume = (name: string, path: string, node = 'n1', policy = 'Delete') => ({
  metadata: {
    name,
    labels: { [LOCAL_PATH_NODE_LABEL]: node },
    finalizers: [LOCAL_PATH_FINALIZER],
  },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce' as const],
    persistentVolumeReclaimPolicy: policy as 'Delete',
    hostPath: { path, type: 'DirectoryOrCreate' as const },
  },
})

const deletionTimestamp = '2026-01-01T00:00:00Z'
const planned = (changes: object, path = '/data/pv'): unknown => {
  const { metadata, spec } = volume('pv', path)
  const whole = { metadata: { ...metadata, deletionTimestamp, ...changes }, spec }
  return planRemoval(whole as unknown as PersistentVolume, '/data')
}

test.for([
  { name: 'is deleted', changes: {}, type: 'remove' },
  { name: 'is not deleted', changes: { deletionTimestamp: undefined }, type: 'wait' },
  { name: 'is not of this kind', changes: { finalizers: [] }, type: 'wait' },
  {
    name: 'is protected',
    changes: { finalizers: [LOCAL_PATH_FINALIZER, 'kubernetes.io/pv-protection'] },
    type: 'wait',
  },
])('a volume that $name: $type', ({ changes, type }) => {
  expect(planned(changes)).toMatchObject({ type })
})

test.for(['/data', '/data/', '/data/other', '/data/pv/..', '/', '/data/pv/'])(
  'the path %s is left alone',
  (path) => {
    expect(planned({}, path)).toEqual({ type: 'foreign', path })
  },
)

test('a deleted volume takes its directory with it; others keep theirs', async () => {
  await using directory = await temporaryDirectory()
  const at = (name: string): string => join(directory.path, name)
  for (const name of ['pv-1', 'pv-2', 'pv-3', 'foreign'])
    await mkdir(join(at(name), 'files'), { recursive: true })
  const settings = {
    nodeName: 'n1',
    directory: directory.path,
    nodeRoot: '',
    mounter: systemMounter,
  }
  await using cluster = await startCluster({ controllers: [localPathController(settings)] })
  const { client } = cluster
  await client.create(PersistentVolume, volume('pv-1', at('pv-1')))
  await client.create(PersistentVolume, volume('pv-2', at('pv-2'), 'n1', 'Retain'))
  await client.create(PersistentVolume, volume('pv-3', at('pv-3'), 'n2'))
  await client.create(PersistentVolume, volume('pv-4', at('foreign')))
  for (const name of ['pv-1', 'pv-2', 'pv-3', 'pv-4']) {
    // The protection of volumes is another controller's business, which does not run here.
    const finalizers = [LOCAL_PATH_FINALIZER]
    await client.patch(PersistentVolume, { name }, { metadata: { finalizers } })
    await client.delete(PersistentVolume, { name })
  }
  await cluster.settle()
  expect(await readdir(directory.path)).toEqual(['foreign', 'pv-2', 'pv-3'])
  const left = await client.list(PersistentVolume)
  expect(left.map(({ metadata }) => metadata.name)).toEqual(['pv-2', 'pv-3', 'pv-4'])
  expect(cluster.logged.join()).toContain('its path is not ours')
})
