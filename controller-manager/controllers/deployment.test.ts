/** Deployments with their ReplicaSets and pods, against a real API server. */
import { describe, expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { controllerOf } from '#client/cache.ts'
import type { Client } from '#client/rest.ts'
import { type Cluster, startCluster } from '#test/cluster.ts'
import { report, runPods, template, webSelector } from '#test/workloads.ts'
import { revisionOf } from '../rollout.ts'
import { deploymentController } from './deployment.ts'
import { newReplicaSet, revisionsOf } from './deployment-revision.ts'
import { replicaSetController } from './replicaset.ts'

const controllers = [deploymentController, replicaSetController]
const web = { name: 'web', namespace: 'default' }

const deployment = (replicas: number, more: object = {}) => ({
  metadata: web,
  spec: { replicas, selector: webSelector, template: template('web:1'), ...more },
})

const byRevision = async (client: Client): Promise<readonly ReplicaSet[]> =>
  (await client.list(ReplicaSet)).toSorted((a, b) => revisionOf(a) - revisionOf(b))

const sizes = async (client: Client): Promise<readonly number[]> =>
  (await byRevision(client)).map(({ spec }) => spec.replicas)

const images = async (client: Client): Promise<readonly (string | undefined)[]> =>
  (await client.list(Pod)).map(({ spec }) => spec.containers?.[0]?.image).toSorted()

async function conditionOf(client: Client, type: string) {
  const { status } = await client.get(Deployment, web)
  const { reason, message, status: word } = findCondition(status.conditions, type) ?? {}
  return { status: word, reason, message }
}

const setImage = (client: Client, image: string) =>
  client.patch(Deployment, web, { spec: { template: template(image) } })

async function messages(cluster: Cluster, reason: string): Promise<readonly string[]> {
  const events = await cluster.client.list(Event)
  return events.filter((each) => each.reason === reason).map(({ message }) => message ?? '')
}

test('a Deployment makes a ReplicaSet of its template, and says when it is there', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const annotations = { team: 'a', 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
  const made = await client.create(Deployment, {
    ...deployment(3, { minReadySeconds: 5 }),
    metadata: { ...web, annotations },
  })
  await runPods(cluster)
  const [replicaSet, ...others] = await client.list(ReplicaSet)
  expect(others).toEqual([])
  const hash = replicaSet!.metadata.labels?.['pod-template-hash']
  expect(replicaSet).toMatchObject({
    metadata: {
      name: `web-${hash}`,
      labels: { app: 'web', 'pod-template-hash': hash },
      annotations: {
        team: 'a',
        'deployment.kubernetes.io/revision': '1',
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
      },
    },
    spec: {
      replicas: 3,
      minReadySeconds: 5,
      selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
      template: { metadata: { labels: { app: 'web', 'pod-template-hash': hash } } },
    },
  })
  expect(Object.keys(replicaSet!.metadata.annotations ?? {})).toHaveLength(4)
  expect(controllerOf(replicaSet!)?.uid).toBe(made.metadata.uid)
  expect(await conditionOf(client, 'Available')).toEqual({
    status: 'False',
    reason: 'MinimumReplicasUnavailable',
    message: 'Deployment does not have minimum availability.',
  })
  cluster.clock.jump(5000)
  await cluster.settle()
  const { metadata, status } = await client.get(Deployment, made)
  expect(metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1')
  expect(metadata.generation).toBe(1)
  expect(status).toMatchObject({
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
  })
  expect(status.unavailableReplicas).toBeUndefined()
  expect(await conditionOf(client, 'Progressing')).toEqual({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `ReplicaSet "web-${hash}" has successfully progressed.`,
  })
  expect((await conditionOf(client, 'Available')).reason).toBe('MinimumReplicasAvailable')
  expect(await messages(cluster, 'ScalingReplicaSet')).toEqual([
    `Scaled up replica set web-${hash} from 0 to 3`,
  ])
  expect(cluster.logged).toEqual([])
})

describe('a rolling update', () => {
  test('replaces pods step by step, never with fewer or more than allowed', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(Deployment, deployment(4))
    await runPods(cluster)
    await setImage(client, 'web:2')
    const seen: (readonly number[])[] = []
    for (let round = 0; round < 20; round++) {
      await cluster.settle()
      seen.push(await sizes(client))
      const pods = await client.list(Pod)
      expect(pods.length).toBeLessThanOrEqual(5)
      const pending = pods.find(({ status }) => status.phase === 'Pending')
      expect(pods.filter(({ status }) => status.phase === 'Running').length).toBeGreaterThan(2)
      if (!pending) break
      await report(cluster, pending)
    }
    // One more than wanted at most, one less available at most.
    expect(seen).toEqual([
      [3, 2],
      [2, 3],
      [1, 4],
      [0, 4],
      [0, 4],
    ])
    expect(await images(client)).toEqual(['web:2', 'web:2', 'web:2', 'web:2'])
    const { metadata, status } = await client.get(Deployment, web)
    expect(metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
    expect(status).toMatchObject({ replicas: 4, updatedReplicas: 4, availableReplicas: 4 })
    expect(cluster.logged).toEqual([])
  })

  test('stops at pods that do not become ready, and is overdue in the end', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    await client.create(Deployment, deployment(2, { progressDeadlineSeconds: 60 }))
    await runPods(cluster)
    await setImage(client, 'broken')
    await cluster.settle()
    expect(await sizes(client)).toEqual([2, 1])
    const [, current] = await byRevision(client)
    const name = current!.metadata.name
    expect((await conditionOf(client, 'Progressing')).reason).toBe('ReplicaSetUpdated')
    for (let second = 0; second < 62; second++) {
      cluster.clock.jump(1000)
      await cluster.settle()
    }
    expect(await conditionOf(client, 'Progressing')).toEqual({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${name}" has timed out progressing.`,
    })
    expect((await conditionOf(client, 'Available')).status).toBe('True')
    await setImage(client, 'web:3')
    await runPods(cluster)
    expect(await images(client)).toEqual(['web:3', 'web:3'])
    expect((await conditionOf(client, 'Progressing')).reason).toBe('NewReplicaSetAvailable')
    expect(await sizes(client)).toEqual([0, 0, 2])
  })

  test('is spread in proportion when the number of pods changes in its midst', async () => {
    await using cluster = await startCluster({ controllers })
    const { client } = cluster
    const limits = { maxSurge: 3, maxUnavailable: 2 }
    const strategy = { type: 'RollingUpdate', rollingUpdate: limits } as const
    await client.create(Deployment, deployment(10, { strategy }))
    await runPods(cluster)
    await setImage(client, 'broken')
    await cluster.settle()
    expect(await sizes(client)).toEqual([8, 5])
    await client.patch(Deployment, web, { spec: { replicas: 15 } })
    await cluster.settle()
    expect(await sizes(client)).toEqual([11, 7])
    expect(cluster.logged).toEqual([])
  })
})

test('Recreate starts nothing new before everything old is gone', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const finalizers = ['test.example/hold']
  const held = { ...template('web:1'), metadata: { ...template().metadata, finalizers } }
  await client.create(Deployment, deployment(2, { strategy: { type: 'Recreate' }, template: held }))
  await runPods(cluster)
  await client.patch(Deployment, web, {
    spec: { template: { ...template('web:2'), metadata: { finalizers: null } } },
  })
  await cluster.settle()
  expect(await sizes(client)).toEqual([0])
  const going = await client.list(Pod)
  expect(going).toHaveLength(2)
  for (const pod of going) {
    expect(await images(client)).not.toContain('web:2')
    await client.patch(Pod, pod, { metadata: { finalizers: null } })
    await cluster.settle()
  }
  await runPods(cluster)
  expect(await images(client)).toEqual(['web:2', 'web:2'])
  expect((await conditionOf(client, 'Progressing')).reason).toBe('NewReplicaSetAvailable')
  expect(cluster.logged).toEqual([])
})

test('paused, it is resized but not rolled out; resumed, it goes on', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(Deployment, deployment(1))
  await runPods(cluster)
  await client.patch(Deployment, web, { spec: { paused: true } })
  await cluster.settle()
  expect(await conditionOf(client, 'Progressing')).toEqual({
    status: 'Unknown',
    reason: 'DeploymentPaused',
    message: 'Deployment is paused',
  })
  await setImage(client, 'web:2')
  await client.patch(Deployment, web, { spec: { replicas: 3 } })
  await runPods(cluster)
  expect(await images(client)).toEqual(['web:1', 'web:1', 'web:1'])
  expect((await client.get(Deployment, web)).status.updatedReplicas).toBeUndefined()
  await client.patch(Deployment, web, { spec: { paused: false } })
  await runPods(cluster)
  expect(await images(client)).toEqual(['web:2', 'web:2', 'web:2'])
  expect((await conditionOf(client, 'Progressing')).reason).toBe('NewReplicaSetAvailable')
  expect(cluster.logged).toEqual([])
})

test('the template of an old revision is that ReplicaSet again, with a new number', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(Deployment, deployment(1))
  await runPods(cluster)
  const [first] = await client.list(ReplicaSet)
  await setImage(client, 'web:2')
  await runPods(cluster)
  await setImage(client, 'web:1')
  await runPods(cluster)
  const [, again, ...others] = await byRevision(client)
  expect(others).toEqual([])
  expect(again?.metadata.uid).toBe(first?.metadata.uid)
  expect(again?.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '3',
    'deployment.kubernetes.io/revision-history': '1',
  })
  const { metadata } = await client.get(Deployment, web)
  expect(metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
})

test('keeps no more old revisions than wanted', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  await client.create(Deployment, deployment(1, { revisionHistoryLimit: 2 }))
  for (let version = 1; version <= 5; version++) {
    await setImage(client, `web:${version}`)
    await runPods(cluster)
  }
  expect((await byRevision(client)).map(revisionOf)).toEqual([3, 4, 5])
  expect(cluster.logged).toEqual([])
})

test('a name that somebody else has is counted, and another one taken', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  // The name follows from the template, as it is once stored.
  const made = await client.create(Deployment, {
    ...deployment(1),
    metadata: { ...web, name: 'x' },
  })
  const same = { ...made, metadata: { ...made.metadata, name: 'web' } }
  const { name } = newReplicaSet(revisionsOf(same, []), 1, 1).metadata
  const labels = { app: 'other' }
  await client.create(ReplicaSet, {
    metadata: { name, namespace: 'default' },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: template('x', labels) },
  })
  await client.delete(Deployment, made)
  const { metadata } = await client.create(Deployment, deployment(1))
  await runPods(cluster)
  expect((await client.get(Deployment, web)).status.collisionCount).toBe(1)
  const owned = (await client.list(ReplicaSet)).filter(
    (each) => controllerOf(each)?.uid === metadata.uid,
  )
  expect(owned).toHaveLength(1)
  expect(owned[0]!.metadata.name).not.toBe(name)
  expect((await conditionOf(client, 'Progressing')).reason).toBe('NewReplicaSetAvailable')
})

test('takes up ReplicaSets that it selects', async () => {
  await using cluster = await startCluster({ controllers })
  const { client } = cluster
  const orphan = await client.create(ReplicaSet, {
    metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } },
    spec: { replicas: 1, selector: webSelector, template: template('web:1') },
  })
  const made = await client.create(Deployment, deployment(2))
  await runPods(cluster)
  const [only, ...others] = await client.list(ReplicaSet)
  expect(others).toEqual([])
  expect(only!.metadata.uid).toBe(orphan.metadata.uid)
  expect(controllerOf(only!)?.uid).toBe(made.metadata.uid)
  expect(revisionOf(only!)).toBe(1)
  expect(only!.spec.replicas).toBe(2)
})
