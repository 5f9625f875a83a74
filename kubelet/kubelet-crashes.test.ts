/** Kubelets that die in the middle of whatever they do, and come back. */
import { expect, test } from 'vitest'
import { Pod } from '#api/kinds/core/pod.ts'
import { seededRandom } from '#daemon/random.ts'
import { fuzz } from '#test/fuzz.ts'
import { type HollowCluster, startHollowCluster } from '#test/hollow-cluster.ts'
import { type Mortal, mortalRuntime } from '#test/mortal-runtime.ts'
import { annotations } from './hollow/behaviour.ts'

const SEEDS = 8
const STEPS = 10
const CALLS_MAX = 12
const SECOND_MS = 1000

const main = (name: string, more: object = {}) => ({ name, image: 'web:1', ...more })

/** Every kind of pod that has an order to keep. */
async function populate(cluster: HollowCluster): Promise<void> {
  await cluster.run('server')
  await cluster.run('slow', {}, { [annotations.stopDelay]: '4s', [annotations.startDelay]: '1s' })
  await cluster.run(
    'job',
    { restartPolicy: 'Never', initContainers: [main('first'), main('second')] },
    {
      [`${annotations.exitAfter}.first`]: '1s',
      [`${annotations.exitAfter}.second`]: '1s',
      [`${annotations.exitAfter}.main`]: '2s',
      [`${annotations.exitCode}.main`]: '7',
    },
  )
  await cluster.run('sidecar', {
    initContainers: [main('side', { restartPolicy: 'Always' })],
    containers: [main('one'), main('two')],
  })
  await cluster.run('crash', {}, { [annotations.exitAfter]: '2s', [annotations.exitCode]: '1' })
}

/** Nothing that a kubelet does makes sense of these. */
const impossible = /it runs already|its sandbox does not run/

const { seed: first, numRuns } = fuzz(SEEDS)

test.for(Array.from({ length: numRuns }, (_, number) => first + number))(
  'no container runs twice, and nothing is lost or left, whenever it dies (seed %i)',
  async (seed) => {
    const random = seededRandom(seed)
    let mortal: Mortal | undefined
    let isMortal = true
    await using cluster = await startHollowCluster({
      wrap(runtime) {
        if (!isMortal) return runtime
        mortal = mortalRuntime(runtime, random.below(CALLS_MAX), random)
        return mortal.runtime
      },
    })
    await populate(cluster)
    for (let step = 0; step < STEPS; step++) {
      await cluster.drift(random.below(3 * SECOND_MS))
      if (random.below(6) === 0) {
        const pods = await cluster.client.list(Pod, { namespace: 'default' })
        const victim = pods.find(({ metadata }) => metadata.name === 'slow')
        if (victim) await cluster.client.delete(Pod, victim)
      }
      if (mortal?.isDead || random.below(5) === 0) await cluster.restart()
    }
    isMortal = false
    await cluster.restart()
    await cluster.pass(40 * SECOND_MS)
    await cluster.settle()
    await checkJob(cluster)
    for (const pod of await cluster.client.list(Pod, { namespace: 'default' })) {
      await checkTruth(cluster, pod)
      await cluster.client.delete(Pod, pod)
    }
    await cluster.pass(40 * SECOND_MS)
    await cluster.settle()
    expect(await cluster.client.list(Pod, { namespace: 'default' })).toEqual([])
    expect(await cluster.runtime.list()).toEqual([])
    expect(cluster.logged.filter((line) => impossible.test(line))).toEqual([])
    expect((await cluster.eventTexts()).filter((text) => impossible.test(text))).toEqual([])
  },
)

async function checkJob(cluster: HollowCluster): Promise<void> {
  const { status } = await cluster.get('job')
  expect(status.phase).toBe('Failed')
  expect(status.containerStatuses?.[0]).toMatchObject({
    restartCount: 0,
    state: { terminated: { exitCode: 7, reason: 'Error' } },
  })
  expect(status.initContainerStatuses?.map(({ state }) => state?.terminated?.exitCode)).toEqual([
    0, 0,
  ])
}

/** What is reported is what there is. */
async function checkTruth({ runtime }: HollowCluster, pod: Pod): Promise<void> {
  const { uid, name, namespace = '' } = pod.metadata
  const { containers } = await runtime.observe({ uid, name, namespace })
  for (const status of pod.status.containerStatuses ?? []) {
    const newest = containers.find((each) => each.name === status.name)
    expect(status.containerID).toBe(`hollow://${newest?.id}`)
    expect(status.restartCount).toBe(newest?.attempt)
    expect(status.state?.running !== undefined).toBe(newest?.state === 'running')
  }
}
