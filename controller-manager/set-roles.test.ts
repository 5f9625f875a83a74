/** StatefulSets and DaemonSets under the roles of upstream's controllers, and nothing more. */
import { expect, test } from 'vitest'
import { ControllerRevision } from '#api/kinds/apps/controller-revision.ts'
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { runPending } from '#test/killable-controllers.ts'
import { type RoleScene, startWithRoles } from '#test/role-scene.ts'
import { report, template } from '#test/workloads.ts'
import { type ControllerSettings, controllers, madeWith } from './controllers.ts'

const names = ['daemonset-controller', 'statefulset-controller']
const db = { name: 'db', namespace: 'default' }
const agent = { name: 'agent', namespace: 'default' }
const labelled = (app: string, image: string) => template(image, { app })

const settings = { rootAuthorities: '' } as ControllerSettings

const start = (): Promise<RoleScene> =>
  startWithRoles(
    controllers
      .filter(({ name }) => names.includes(name))
      .map((each) => ({
        account: each.account,
        controllers: madeWith(each, settings).make() ?? [],
      })),
  )

/** Until it is so, while the pods that are made run. */
function until(isSo: () => Promise<boolean>, scene: RoleScene): Promise<void> {
  return scene.until(async () => {
    await runPending(scene)
    return isSo()
  })
}

async function createSets({ client }: RoleScene): Promise<void> {
  const made = await client.create(Node, { metadata: { name: 'n1' } })
  await client.update(Node, { ...made, spec: { ...made.spec, taints: [] } })
  const orphan = { name: 'db-0', namespace: 'default', labels: { app: 'db' } }
  await client.create(Pod, { ...labelled('db', 'db:1'), metadata: orphan })
  await client.create(StatefulSet, {
    metadata: db,
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: labelled('db', 'db:1'),
      updateStrategy: { type: 'OnDelete' },
    },
  })
  const selector = { matchLabels: { app: 'agent' } }
  await client.create(DaemonSet, {
    metadata: agent,
    spec: { selector, revisionHistoryLimit: 0, template: labelled('agent', 'agent:1') },
  })
}

async function areReady({ client }: RoleScene): Promise<boolean> {
  const [set, daemonSet] = [await client.get(StatefulSet, db), await client.get(DaemonSet, agent)]
  const { updatedNumberScheduled, numberReady, observedGeneration } = daemonSet.status
  const isUpdated = updatedNumberScheduled === 1 && numberReady === 1
  const isSeen = observedGeneration === daemonSet.metadata.generation
  return set.status.readyReplicas === 2 && isUpdated && isSeen
}

test('nothing that they do with pods and revisions is forbidden', async () => {
  await using scene = await start()
  const { client } = scene
  await createSets(scene)
  await until(() => areReady(scene), scene)
  // Pods taken up are given their names, others are let go; failed ones are replaced.
  const kept = await client.get(Pod, { name: 'db-0', namespace: 'default' })
  expect(kept.metadata.labels).toHaveProperty(['statefulset.kubernetes.io/pod-name'])
  for (const pod of await client.list(Pod)) await report(scene, pod, { phase: 'Failed' })
  await until(() => areReady(scene), scene)
  for (const image of ['agent:2', 'agent:1']) {
    await client.patch(DaemonSet, agent, { spec: { template: labelled('agent', image) } })
    await until(() => areReady(scene), scene)
  }
  const pod = await client.get(Pod, { name: 'db-1', namespace: 'default' })
  await client.patch(Pod, pod, { metadata: { labels: { app: 'debug' } } })
  await until(async () => !(await client.get(Pod, pod)).metadata.ownerReferences?.length, scene)
  await client.delete(Pod, pod)
  await until(() => areReady(scene), scene)
  await until(async () => (await client.list(ControllerRevision)).length === 2, scene)
  // What was let go still had the name that the next pod needed: that is all that went wrong.
  expect(scene.logged.filter((line) => !line.includes('already exists'))).toEqual([])
})

test('nor what they do with claims', async () => {
  await using scene = await start()
  const { client } = scene
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
  await client.create(StatefulSet, {
    metadata: db,
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: labelled('db', 'db:1'),
      volumeClaimTemplates: [claim as never],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    },
  })
  const areThere = async (): Promise<boolean> =>
    (await client.get(StatefulSet, db)).status.readyReplicas === 2
  await until(areThere, scene)
  const handed = { name: 'data-db-1', namespace: 'default' }
  const ownerOf = async (): Promise<string | undefined> =>
    (await client.get(PersistentVolumeClaim, handed)).metadata.ownerReferences?.[0]?.kind
  expect(await ownerOf()).toBe('StatefulSet')
  await client.patch(StatefulSet, db, { spec: { replicas: 1 } })
  await until(async () => (await ownerOf()) === 'Pod', scene)
  expect(scene.logged).toEqual([])
})
