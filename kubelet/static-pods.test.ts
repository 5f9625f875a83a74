/** Pods of a folder on the node: run here, and shown in the API. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Pod } from '#api/kinds/core/pod.ts'
import { startHollowCluster } from '#test/hollow-cluster.ts'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { podFromManifest, readManifests, StaticPods } from './static-pods.ts'

const manifest = (image = 'web:1') => `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: main, image: "${image}"}
`

test('a manifest becomes a pod of the node', () => {
  const pod = podFromManifest(manifest(), '/m/web.yaml', 'node-1', Date.UTC(2030, 0, 1))
  expect(pod.metadata).toMatchObject({ name: 'web-node-1', namespace: 'default' })
  expect(pod.metadata.annotations?.['kubernetes.io/config.source']).toBe('file')
  expect(pod.spec).toMatchObject({ nodeName: 'node-1', restartPolicy: 'Always' })
  const other = podFromManifest(manifest('web:2'), '/m/web.yaml', 'node-1', 0)
  expect(other.metadata.uid).not.toBe(pod.metadata.uid)
})

test.for<[string, string]>([
  ['kind: Service\napiVersion: v1', '/m: found v1 Service, wanted v1 Pod'],
  ['apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}', '/m: spec.containers'],
])('%s is refused', ([text, message]) => {
  expect(() => podFromManifest(text, '/m', 'node-1', 0)).toThrow(message)
})

test('they run, are shown, come back when somebody deletes them, and go with their file', async () => {
  await using folder = await temporaryDirectory()
  await using cluster = await startHollowCluster()
  const { client, clock, node } = cluster
  const { kubelet } = node
  const file = join(folder.path, 'web.yaml')
  await writeFile(file, manifest())
  await writeFile(join(folder.path, 'broken.yaml'), 'kind: [')
  const warnings: string[] = []
  const found = await readManifests(folder.path, 'node-1', clock.now(), (each) =>
    warnings.push(each),
  )
  expect(found.map(({ metadata }) => metadata.name)).toEqual(['web-node-1'])
  expect(warnings).toHaveLength(1)
  await using statics = new StaticPods({
    ...{ folder: folder.path, nodeName: 'node-1', periodMs: 20_000, client, clock },
    log: cluster.log,
    nodeUid: () => 'uid-of-node',
    mirrors: () => kubelet.mirrors,
    onAdded: (pod) => kubelet.addStatic(pod),
    onRemoved: (pod) => kubelet.removeStatic(pod),
  })
  await statics.start()
  await cluster.settle()
  const mirror = await cluster.get('web-node-1')
  expect(mirror.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Node', name: 'node-1' })
  expect(mirror.status.phase).toBe('Running')
  const [before] = await cluster.runtime.list()

  await client.delete(Pod, mirror, { gracePeriodSeconds: 0 })
  await cluster.settle()
  await statics.look()
  await cluster.settle()
  const again = await cluster.get('web-node-1')
  expect(again.metadata.uid).not.toBe(mirror.metadata.uid)
  expect(again.status.phase).toBe('Running')
  expect((await cluster.runtime.list())[0]?.containers).toEqual(before?.containers)

  await rm(file)
  await statics.look()
  await cluster.settle()
  expect(await cluster.find('web-node-1')).toBeUndefined()
  expect(await cluster.runtime.list()).toEqual([])
})
