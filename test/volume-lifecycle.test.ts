/** A volume from the wish of a pod to its end: scheduler, binder, provisioner and node together. */
import { expect, test } from 'vitest'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { LOCAL_PATH_DIRECTORY } from '#api/rules/local-path-volume.ts'
import type { FreeController } from '#client/controllers.ts'
import { SeriesReporter } from '#client/event-series.ts'
import { ephemeralVolumeController } from '#controller-manager/controllers/ephemeral-volume.ts'
import {
  localPathProvisioner,
  localPathRemover,
} from '#controller-manager/controllers/local-path.ts'
import { persistentVolumeClaimBinder } from '#controller-manager/controllers/persistent-volume-claims.ts'
import {
  claimProtection,
  volumeProtection,
} from '#controller-manager/controllers/persistent-volume-protection.ts'
import { persistentVolumeBinder } from '#controller-manager/controllers/persistent-volumes.ts'
import { defaultProfile } from '#scheduler/profile.ts'
import { Scheduler } from '#scheduler/scheduler.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { claimOf, podUsing } from './volumes.ts'

/** The scheduler among the controllers, over the same caches. */
const scheduler: FreeController = {
  name: 'scheduler',
  prepare(parts) {
    const { client, clock, log, informers, random } = parts
    const reporter = new SeriesReporter({
      client,
      clock,
      log,
      controller: 'default-scheduler',
      instance: 'test',
    })
    const work = new Scheduler({
      client,
      clock,
      log,
      informers,
      random,
      events: () => reporter,
      profiles: [defaultProfile],
    })
    const running = Promise.withResolvers<void>()
    return {
      get isIdle() {
        return work.isIdle
      },
      get isRetrying() {
        return work.isRetrying
      },
      start() {
        work.start(new AbortController().signal).then(running.resolve, running.reject)
      },
      async [Symbol.asyncDispose]() {
        await running.promise
        await work[Symbol.asyncDispose]()
        await reporter[Symbol.asyncDispose]()
      },
    }
  },
}

const controllers = [
  scheduler,
  ephemeralVolumeController,
  localPathProvisioner,
  localPathRemover,
  persistentVolumeClaimBinder,
  persistentVolumeBinder,
  claimProtection,
  volumeProtection,
]

async function start(): Promise<Cluster> {
  const cluster = await startCluster({ controllers })
  for (const name of ['a', 'b']) {
    const annotations = { [LOCAL_PATH_DIRECTORY]: '/data' }
    const labels = { 'kubernetes.io/hostname': name }
    const resources = { cpu: '4', memory: '8Gi', pods: '10' }
    await cluster.client.create(Node, {
      metadata: { name, annotations, labels },
      status: { capacity: resources, allocatable: resources },
    })
  }
  return cluster
}

/** Nobody here would take the taint of new nodes away. */
const anywhere = { tolerations: [{ operator: 'Exists' as const }] }
const bareClaim = claimOf('', '1Gi').spec

test('a claim is bound where its pod goes, and other pods follow it there', async () => {
  await using cluster = await start()
  const { client } = cluster
  await client.create(PersistentVolumeClaim, claimOf('data', '1Gi'))
  await cluster.settle()
  expect(await client.list(PersistentVolume)).toEqual([])
  for (const name of ['one', 'two', 'three']) {
    const { metadata, spec } = podUsing(name, 'data')
    await client.create(Pod, { metadata, spec: { ...spec, ...anywhere } })
  }
  await cluster.settle()
  const [volume] = await client.list(PersistentVolume)
  const node = volume?.metadata.labels?.['nanokube.io/local-path-node']
  const pods = await client.list(Pod)
  expect(pods.map(({ spec }) => spec.nodeName)).toEqual([node, node, node])
  expect((await client.get(PersistentVolumeClaim, { name: 'data' })).status.phase).toBe('Bound')
  expect(cluster.logged).toEqual([])
})

test('an ephemeral volume comes with its pod and goes with its claim', async () => {
  await using cluster = await start()
  const { client } = cluster
  const volumes = [
    { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: bareClaim } } },
    { name: 'more', ephemeral: { volumeClaimTemplate: { spec: bareClaim } } },
  ]
  const containers = [{ name: 'main', image: 'image' }]
  const metadata = { name: 'web', namespace: 'default' }
  await client.create(Pod, { metadata, spec: { containers, volumes, ...anywhere } })
  await cluster.settle()
  const { spec } = await client.get(Pod, metadata)
  const made = await client.list(PersistentVolume)
  const nodes = made.map((each) => each.metadata.labels?.['nanokube.io/local-path-node'])
  expect(nodes).toEqual([spec.nodeName, spec.nodeName])
  await client.delete(Pod, metadata, { gracePeriodSeconds: 0 })
  // What the garbage collector does next.
  for (const claim of await client.list(PersistentVolumeClaim)) {
    await client.delete(PersistentVolumeClaim, claim)
  }
  await cluster.settle()
  for (const volume of await client.list(PersistentVolume)) {
    expect(volume.metadata.finalizers).toEqual(['nanokube.io/local-path'])
    // The node has removed the data.
    await client.patch(PersistentVolume, volume, { metadata: { finalizers: null } })
  }
  await cluster.settle()
  expect(await client.list(PersistentVolume)).toEqual([])
})
