/** StatefulSets and DaemonSets while connections break, controllers die and wishes change. */
import { expect, test } from 'vitest'
import { ControllerRevision } from '#api/kinds/apps/controller-revision.ts'
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { controllerOf } from '#client/cache.ts'
import { ManualClock } from '#daemon/clock.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
import { startCuttingProxy } from '#test/cutting-proxy.ts'
import { fuzz } from '#test/fuzz.ts'
import {
  beginControllers,
  ifThere,
  type Life,
  pass,
  runPending,
  type Surroundings,
} from '#test/killable-controllers.ts'
import { report, template } from '#test/workloads.ts'
import { daemonSetController } from './controllers/daemonset.ts'
import { targetNode } from './controllers/daemonset-pod.ts'
import { statefulSetController } from './controllers/statefulset.ts'

const { seed: FIRST_SEED, numRuns: SEEDS } = fuzz(8)
const STEPS = 15
const ROUNDS_MAX = 300
/** Rounds for which all has to stay as asked: on the way there it may look so for a moment. */
const QUIET_ROUNDS = 5
const db = { name: 'db', namespace: 'default' }
const agent = { name: 'agent', namespace: 'default' }
const labelled = (app: string, image: string) => template(image, { app })

interface Scene extends Surroundings {
  readonly random: Random
  replicas: number
  dbImage: string
  agentImage: string
  readonly nodes: Set<string>
}

const begin = (scene: Scene): Promise<Life> =>
  beginControllers([statefulSetController, daemonSetController()], scene)

async function addNode({ client, nodes }: Scene, name: string): Promise<void> {
  const made = await client.create(Node, { metadata: { name } })
  await client.update(Node, { ...made, spec: { ...made.spec, taints: [] } })
  nodes.add(name)
}

async function create(scene: Scene): Promise<void> {
  const { client, random, replicas, dbImage, agentImage } = scene
  const isParallel = random.below(2) === 1
  const isSurging = random.below(2) === 1
  for (const name of ['n1', 'n2']) await addNode(scene, name)
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
  await client.create(StatefulSet, {
    metadata: db,
    spec: {
      replicas,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: labelled('db', dbImage),
      podManagementPolicy: isParallel ? 'Parallel' : 'OrderedReady',
      volumeClaimTemplates: [claim as never],
    },
  })
  const selector = { matchLabels: { app: 'agent' } }
  await client.create(DaemonSet, {
    metadata: agent,
    spec: {
      selector,
      template: labelled('agent', agentImage),
      ...(isSurging && {
        updateStrategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
        },
      }),
    },
  })
}

async function disturb(scene: Scene, life: Life): Promise<Life> {
  const { client, random, proxy, nodes } = scene
  const pods = await client.list(Pod)
  const victim = pods[random.below(Math.max(pods.length, 1))]
  const image = `image:${random.below(3)}`
  switch (random.below(9)) {
    case 0:
      scene.dbImage = image
      await client.patch(StatefulSet, db, { spec: { template: labelled('db', image) } })
      return life
    case 1:
      scene.agentImage = image
      await client.patch(DaemonSet, agent, { spec: { template: labelled('agent', image) } })
      return life
    case 2:
      scene.replicas = random.below(5)
      await client.patch(StatefulSet, db, { spec: { replicas: scene.replicas } })
      return life
    case 3: {
      const name = `n${1 + random.below(4)}`
      if (nodes.delete(name)) await client.delete(Node, { name })
      else await addNode(scene, name)
      return life
    }
    case 4:
      if (victim) await ifThere(client.delete(Pod, victim))
      return life
    case 5:
      if (victim) await ifThere(report(scene, victim, { phase: 'Failed' }))
      return life
    case 6:
      proxy.cut()
      return life
    case 7:
      await life.kill()
      return begin(scene)
    default:
      await runPending(scene)
      return life
  }
}

/** What there is, in the terms of what was asked for. */
async function found({ client }: Scene) {
  const set = await client.get(StatefulSet, db)
  const daemonSet = await client.get(DaemonSet, agent)
  const pods = await client.list(Pod)
  const of = ({ metadata }: StatefulSet | DaemonSet): readonly Pod[] =>
    pods.filter((pod) => controllerOf(pod)?.uid === metadata.uid)
  const shown = (name: string | undefined, { spec }: Pod): string =>
    `${name} ${spec.containers?.[0]?.image}`
  const revisions = (await client.list(ControllerRevision)).map(({ data }) => JSON.stringify(data))
  return {
    db: of(set)
      .map((pod) => shown(pod.metadata.name, pod))
      .toSorted(),
    agents: of(daemonSet)
      .map((pod) => shown(targetNode(pod), pod))
      .toSorted(),
    others: pods.length - of(set).length - of(daemonSet).length,
    ready: [set.status.readyReplicas ?? 0, daemonSet.status.numberReady],
    updated: [set.status.updatedReplicas ?? 0, daemonSet.status.updatedNumberScheduled ?? 0],
    observed: [set, daemonSet].map(
      ({ metadata, status }) => status.observedGeneration === metadata.generation,
    ),
    isCurrent: set.status.currentRevision === set.status.updateRevision,
    // A template never has two revisions, whatever was lost on the way.
    doubles: revisions.length - new Set(revisions).size,
  }
}

function asked({ replicas, dbImage, agentImage, nodes }: Scene): Awaited<ReturnType<typeof found>> {
  return {
    db: Array.from({ length: replicas }, (_, ordinal) => `db-${ordinal} ${dbImage}`),
    agents: [...nodes].toSorted().map((name) => `${name} ${agentImage}`),
    others: 0,
    ready: [replicas, nodes.size],
    updated: [replicas, nodes.size],
    observed: [true, true],
    isCurrent: true,
    doubles: 0,
  }
}

test.for(Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index))(
  'seed %i',
  async (seed) => {
    const clock = new ManualClock()
    await using server = await startTestServer({ clock })
    await using direct = connect(server.url, { clock, namespace: 'default' })
    await using proxy = await startCuttingProxy(server.url)
    const { client } = direct
    const random = seededRandom(seed)
    const images = { dbImage: 'image:0', agentImage: 'image:0' }
    const scene: Scene = { client, clock, random, proxy, replicas: 3, nodes: new Set(), ...images }
    await create(scene)
    let life = await begin(scene)
    for (let step = 0; step < STEPS; step++) {
      await pass(scene, random.below(40))
      life = await disturb(scene, life)
    }
    for (let round = 0, quiet = 0; round < ROUNDS_MAX && quiet < QUIET_ROUNDS; round++) {
      await pass(scene, 20)
      await runPending(scene)
      const now = await found(scene)
      quiet = JSON.stringify(now) === JSON.stringify(asked(scene)) ? quiet + 1 : 0
    }
    expect(await found(scene)).toEqual(asked(scene))
    const claims = (await client.list(PersistentVolumeClaim)).map(({ metadata }) => metadata.name)
    for (let ordinal = 0; ordinal < scene.replicas; ordinal++) {
      expect(claims).toContain(`data-db-${ordinal}`)
    }
    await life.kill()
  },
)
