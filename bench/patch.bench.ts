/** What ownership of fields adds to a write, and what patches cost. */
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { applyObject } from '#api/patch/apply.ts'
import { applyJsonPatch } from '#api/patch/json-patch.ts'
import {
  emptyObject,
  type TrackedObject,
  trackCreate,
  trackUpdate,
  writeManagers,
} from '#api/patch/managed-fields.ts'
import { applyMergePatch } from '#api/patch/merge-patch.ts'
import { applyStrategicPatch } from '#api/patch/strategic-patch.ts'
import type { Writer } from '#api/patch/update-managers.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'
import { typicalPod } from './typical-pod.ts'

const tracking = { schema: Pod.schema, apiVersion: 'v1' }
const empty = emptyObject(Pod)
const creator: Writer = { manager: 'kubectl', subresource: '', time: '2026-01-01T00:00:00Z' }
const kubelet: Writer = { manager: 'kubelet', subresource: 'status', time: '2026-01-01T00:00:01Z' }
const applier: Writer = { manager: 'applier', subresource: '', time: '2026-01-01T00:00:02Z' }

const decoded = (value: object): TrackedObject => decode(Pod.schema, value) as TrackedObject

const posted = applyDefaults(Pod.schema, decoded(typicalPod)) as TrackedObject
const created = structuredClone(posted)
created.metadata.uid = 'b7c3e8f0-6a1d-4c52-9f0e-3d2b1a4c5e6f'
trackCreate(tracking, empty, created, creator)
const ready = structuredClone(created) as TrackedObject & { status: Record<string, unknown> }
ready.status = { ...ready.status, phase: 'Running', podIP: '10.1.2.3' }
trackUpdate(tracking, ready, created, kubelet)
const next = structuredClone(ready)
next.status.podIP = '10.1.2.4'

const config = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', labels: { tier: 'front' } },
  spec: { containers: [{ name: 'web', image: 'registry.example/web:2' }] },
}
const applied = decoded(appliedTo(ready))

function appliedTo(live: TrackedObject): object {
  const request = { tracking, live, empty, config, writer: applier, force: true }
  const { object, managers } = applyObject(request)
  const result = decoded(object)
  writeManagers(result, managers)
  return result
}

export const benches: readonly Bench[] = [
  cost('own all fields of a new pod', 30, () => {
    trackCreate(tracking, empty, shallowCopy(posted), creator)
  }),
  cost('own nothing new of a pod', 30, () => {
    trackUpdate(tracking, shallowCopy(ready), ready, kubelet)
  }),
  cost('own one changed field of a pod', 30, () => {
    trackUpdate(tracking, shallowCopy(next), ready, kubelet)
  }),
  cost('apply what a pod has already', undefined, () => appliedTo(applied)),
  cost('merge patch of a label', undefined, () =>
    applyMergePatch(shallowCopy(ready), { metadata: { labels: { a: 'b' } } }),
  ),
  cost('strategic patch of an image', undefined, () =>
    applyStrategicPatch(Pod.schema, shallowCopy(ready), { spec: config.spec }),
  ),
  cost('JSON patch of a label', undefined, () =>
    applyJsonPatch(shallowCopy(ready), [{ op: 'add', path: '/metadata/labels/a', value: 'b' }]),
  ),
]

/** As deep as the benched calls change what they are given. */
function shallowCopy<T extends TrackedObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata } }
}

function cost(name: string, goalMicros: number | undefined, call: () => unknown): Bench {
  return {
    name,
    unit: 'us',
    better: 'lower',
    ...(goalMicros !== undefined && { against: { name: 'goal', figure: goalMicros } }),
    measure: async () => (await nanosecondsPerCall(call)) / 1000,
  }
}
