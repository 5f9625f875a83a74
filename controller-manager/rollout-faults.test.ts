/** Rollouts while connections break, controllers are killed and wishes change: all is as asked. */
import { expect, test } from 'vitest'
import { Deployment } from '#api/kinds/apps/deployment.ts'
import { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { isReason } from '#api/status.ts'
import { controllerOf } from '#client/cache.ts'
import { startControllers } from '#client/controllers.ts'
import type { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
import { type CuttingProxy, startCuttingProxy } from '#test/cutting-proxy.ts'
import { driven } from '#test/drive-clock.ts'
import { report, template, webSelector } from '#test/workloads.ts'
import { deploymentController } from './controllers/deployment.ts'
import { replicaSetController } from './controllers/replicaset.ts'
import { isActive } from './pods.ts'

const SEEDS = 12
const STEPS = 15
const ROUNDS_MAX = 500
/** Rounds for which all has to stay as asked: on the way there it may look so for a moment. */
const QUIET_ROUNDS = 5
/** Longer than waits for another attempt, shorter than what an answer may take. */
const WAIT_MAX_MS = 35_000
/** Turns in which sockets may answer before time passes. */
const TURNS_A_WAIT = 5
const web = { name: 'web', namespace: 'default' }

interface Scene {
  readonly client: Client
  readonly clock: ManualClock
  readonly random: Random
  readonly proxy: CuttingProxy
  replicas: number
  image: string
}

interface Life {
  kill(): Promise<void>
}

/** The controllers as a process of their own, which can be killed. */
async function begin({ clock, proxy }: Scene): Promise<Life> {
  const connected = connect(proxy.url, { clock, carrier: 'socket' })
  const { client, informers, random, log } = connected
  const nobody = { normal: () => undefined, warning: () => undefined }
  const events = { for: () => nobody }
  const parts = { client, informers, events, clock, random, log, graceMs: 0 }
  const controllers = [deploymentController, replicaSetController]
  const { signal } = new AbortController()
  const running = await startControllers(controllers, parts, signal)
  return {
    async kill() {
      // No answer and no further request: whatever was under way ends here.
      proxy.refuse(true)
      proxy.cut()
      await driven(clock, settleAll([running[Symbol.asyncDispose]()]), 0)
      await driven(clock, settleAll([connected[Symbol.asyncDispose]()]), 0)
      proxy.refuse(false)
    },
  }
}

/** Lets the controllers work for a while. */
async function pass({ clock }: Scene, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const { nextTimerMs } = clock
    const isDue = nextTimerMs !== undefined && nextTimerMs <= WAIT_MAX_MS
    if (isDue && turn % TURNS_A_WAIT === 0) clock.jump(nextTimerMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Somebody else may have deleted it: that is what this test is about. */
async function ifThere(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

async function runPending(scene: Scene): Promise<void> {
  const pods = await scene.client.list(Pod)
  for (const pod of pods.filter(({ status }) => status.phase === 'Pending')) {
    await ifThere(report(scene, pod))
  }
}

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
