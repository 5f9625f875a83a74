/** Rollouts while connections break, controllers are killed and wishes change: all is as asked. */
import { expect, test } from 'vitest'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { controllerOf } from '#client/cache.ts'
import { ManualClock } from '#daemon/clock.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import {
  beginControllers,
  ifThere,
  type Life,
  pass,
  runPending,
  type Surroundings,
} from '#test/killable-controllers.ts'
import { report, template, webSelector } from '#test/workloads.ts'
import { deploymentController } from './controllers/deployment.ts'
import { replicaSetController } from './controllers/replicaset.ts'
import { isActive } from './pods.ts'

const SEEDS = 12
const STEPS = 15
const ROUNDS_MAX = 500
/** Rounds for which all has to stay as asked: on the way there it may look so for a moment. */
const QUIET_ROUNDS = 5
const web = { name: 'web', namespace: 'default' }

interface Scene extends Surroundings {
  readonly random: Random
  replicas: number
  image: string
}

const begin = (scene: Scene): Promise<Life> =>
  beginControllers([deploymentController, replicaSetController], scene)

async function disturb(scene: Scene, life: Life): Promise<Life> {
  const { client, random, proxy } = scene
  const pods = await client.list(Pod)
  const victim = pods[random.below(Math.max(pods.length, 1))]
  switch (random.below(7)) {
    case 0:
      scene.image = `web:${random.below(4)}`
      await client.patch(Deployment, web, { spec: { template: template(scene.image) } })
      return life
    case 1:
      scene.replicas = random.below(9)
      await client.patch(Deployment, web, { spec: { replicas: scene.replicas } })
      return life
    case 2:
      if (victim) await ifThere(client.delete(Pod, victim))
      return life
    case 3:
      if (victim) await ifThere(report(scene, victim, { phase: 'Failed' }))
      return life
    case 4:
      proxy.cut()
      return life
    case 5:
      await life.kill()
      return begin(scene)
    default:
      await runPending(scene)
      return life
  }
}

/** What there is, in the terms of what was asked for. */
async function found({ client }: Scene) {
  const { metadata, status } = await client.get(Deployment, web)
  const replicaSets = await client.list(ReplicaSet)
  const active = (await client.list(Pod)).filter(isActive)
  const owners = new Set(replicaSets.map(({ metadata: { uid } }) => uid))
  return {
    isObserved: status.observedGeneration === metadata.generation,
    wanted: replicaSets.map(({ spec }) => spec.replicas).toSorted((a, b) => b - a)[0] ?? 0,
    inUse: replicaSets.filter(({ spec }) => spec.replicas > 0).length,
    images: active.map(({ spec }) => spec.containers?.[0]?.image),
    areOwned: active.every((pod) => owners.has(controllerOf(pod)?.uid ?? '')),
    updated: status.updatedReplicas ?? 0,
    available: status.availableReplicas ?? 0,
    revisions: new Set(replicaSets.map(({ spec }) => spec.template.spec.containers?.[0]?.image))
      .size,
    replicaSets: replicaSets.length,
  }
}

function asked({ replicas, image }: Scene, { revisions }: { readonly revisions: number }) {
  return {
    isObserved: true,
    wanted: replicas,
    inUse: Math.min(replicas, 1),
    images: Array.from({ length: replicas }, () => image),
    areOwned: true,
    updated: replicas,
    available: replicas,
    revisions,
    // A template never has two ReplicaSets, whatever was lost on the way.
    replicaSets: revisions,
  }
}

test.for(Array.from({ length: SEEDS }, (_, seed) => seed))('seed %i', async (seed) => {
  const clock = new ManualClock()
  await using server = await startTestServer({ clock })
  await using direct = connect(server.url, { clock, namespace: 'default' })
  await using proxy = await startCuttingProxy(server.url)
  const { client } = direct
  const random = seededRandom(seed)
  const scene: Scene = { client, clock, random, proxy, replicas: 4, image: 'web:0' }
  const spec = { replicas: 4, selector: webSelector, template: template('web:0') }
  await client.create(Deployment, { metadata: web, spec })
  let life = await begin(scene)
  for (let step = 0; step < STEPS; step++) {
    await pass(scene, random.below(40))
    life = await disturb(scene, life)
  }
  for (let round = 0, quiet = 0; round < ROUNDS_MAX && quiet < QUIET_ROUNDS; round++) {
    await pass(scene, 20)
    await runPending(scene)
    const now = await found(scene)
    quiet = JSON.stringify(now) === JSON.stringify(asked(scene, now)) ? quiet + 1 : 0
  }
  const end = await found(scene)
  expect(end).toEqual(asked(scene, end))
  await life.kill()
})
