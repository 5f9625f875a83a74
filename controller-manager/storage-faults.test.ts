/** Claims and volumes while connections break, controllers die and wishes change. */
import { expect, test } from 'vitest'
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import {
  LOCAL_PATH_DIRECTORY,
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_NODE_LABEL,
} from '#api/rules/local-path-volume.ts'
import { SELECTED_NODE } from '#api/rules/volume-binding.ts'
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
  type Surroundings,
} from '#test/killable-controllers.ts'
import { claimOf, volumeOf } from '#test/volumes.ts'
import { localPathProvisioner, localPathRemover } from './controllers/local-path.ts'
import { persistentVolumeClaimBinder } from './controllers/persistent-volume-claims.ts'
import { claimProtection, volumeProtection } from './controllers/persistent-volume-protection.ts'
import { persistentVolumeBinder } from './controllers/persistent-volumes.ts'

const { seed: FIRST_SEED, numRuns: SEEDS } = fuzz(8)
const STEPS = 25
const ROUNDS_MAX = 300
/** Rounds for which all has to stay as asked: on the way there it may look so for a moment. */
const QUIET_ROUNDS = 5
const controllers = [
  persistentVolumeClaimBinder,
  persistentVolumeBinder,
  localPathProvisioner,
  localPathRemover,
  claimProtection,
  volumeProtection,
]

interface Scene extends Surroundings {
  readonly random: Random
  made: number
}

async function disturb(scene: Scene, life: Life): Promise<Life> {
  const { client, random, proxy } = scene
  const name = `x${scene.made++}`
  const claims = await client.list(PersistentVolumeClaim)
  switch (random.below(7)) {
    case 0:
      await client.create(PersistentVolume, volumeOf(name, `${1 + random.below(3)}Gi`))
      return life
    case 1: {
      const spec = { storageClassName: '' }
      await client.create(PersistentVolumeClaim, claimOf(name, `${1 + random.below(3)}Gi`, spec))
      return life
    }
    case 2: {
      const { metadata, spec } = claimOf(name, '1Gi')
      const annotations = { [SELECTED_NODE]: 'node' }
      await client.create(PersistentVolumeClaim, { metadata: { ...metadata, annotations }, spec })
      return life
    }
    case 3: {
      const victim = claims[random.below(Math.max(claims.length, 1))]
      if (victim) await ifThere(client.delete(PersistentVolumeClaim, victim))
      return life
    }
    case 4:
      proxy.cut()
      return life
    case 5:
      await life.kill()
      return beginControllers(controllers, scene)
    default:
      await removeData(scene)
      return life
  }
}

/** What the node does about volumes that are going. */
async function removeData({ client }: Scene): Promise<void> {
  for (const { metadata } of await client.list(PersistentVolume)) {
    const { name, uid, finalizers, deletionTimestamp } = metadata
    if (!deletionTimestamp || finalizers?.join() !== LOCAL_PATH_FINALIZER) continue
    await ifThere(client.patch(PersistentVolume, { name }, { metadata: { uid, finalizers: null } }))
  }
}

/** What is not as it should be. */
async function faults({ client }: Scene): Promise<string[]> {
  const found: string[] = []
  const claims = await client.list(PersistentVolumeClaim)
  const volumes = await client.list(PersistentVolume)
  const byUid = new Map(claims.map((claim) => [claim.metadata.uid, claim]))
  for (const { metadata, spec, status } of volumes) {
    const { name, deletionTimestamp, labels } = metadata
    const claim = byUid.get(spec.claimRef?.uid ?? '')
    const isBound = claim?.spec.volumeName === name
    const isLocal = labels?.[LOCAL_PATH_NODE_LABEL] !== undefined
    const wanted = isBound ? 'Bound' : spec.claimRef ? 'Released' : 'Available'
    if (status.phase !== wanted) found.push(`${name} is ${status.phase}, wanted ${wanted}`)
    if (claim && !isBound) found.push(`${name} is held for ${claim.metadata.name}`)
    if (deletionTimestamp || (isLocal && !isBound)) found.push(`${name} is left over`)
  }
  const free = volumes.filter(({ status }) => status.phase === 'Available')
  for (const { metadata, spec, status } of claims) {
    const { name, deletionTimestamp } = metadata
    if (deletionTimestamp) found.push(`${name} does not go`)
    const size = Number.parseInt(spec.resources.requests?.storage ?? '', 10)
    const isServed =
      spec.storageClassName !== '' ||
      free.some((volume) => Number.parseInt(volume.spec.capacity?.storage ?? '', 10) >= size)
    if (status.phase !== 'Bound' && isServed) found.push(`${name} is ${status.phase}`)
  }
  const taken = claims.flatMap(({ spec }) => spec.volumeName ?? [])
  if (new Set(taken).size !== taken.length) found.push('two claims have one volume')
  return found
}

test.for(Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index))(
  'seed %i',
  async (seed) => {
    const clock = new ManualClock()
    await using server = await startTestServer({ clock })
    await using direct = connect(server.url, { clock, namespace: 'default' })
    await using proxy = await startCuttingProxy(server.url)
    const { client } = direct
    const scene: Scene = { client, clock, proxy, random: seededRandom(seed), made: 0 }
    const annotations = { [LOCAL_PATH_DIRECTORY]: '/data' }
    const labels = { 'kubernetes.io/hostname': 'node' }
    await client.create(Node, { metadata: { name: 'node', annotations, labels } })
    let life = await beginControllers(controllers, scene)
    for (let step = 0; step < STEPS; step++) {
      await pass(scene, scene.random.below(30))
      life = await disturb(scene, life)
    }
    for (let round = 0, quiet = 0; round < ROUNDS_MAX && quiet < QUIET_ROUNDS; round++) {
      await pass(scene, 20)
      await removeData(scene)
      quiet = (await faults(scene)).length === 0 ? quiet + 1 : 0
    }
    expect(await faults(scene)).toEqual([])
    await life.kill()
  },
)
