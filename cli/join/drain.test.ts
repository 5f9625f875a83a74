/** Which pods a node that leaves lets go. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { hasToGo } from './drain.ts'

const owned = (kind: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'x', uid: 'u', controller: true }],
})

test.for([
  { name: 'one that runs', pod: {}, want: true },
  { name: 'one of a ReplicaSet', pod: { metadata: owned('ReplicaSet') }, want: true },
  { name: 'one of a DaemonSet', pod: { metadata: owned('DaemonSet') }, want: false },
  {
    name: 'a static one',
    pod: { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } },
    want: false,
  },
  { name: 'one that is done', pod: { status: { phase: 'Succeeded' } }, want: false },
  { name: 'one that failed', pod: { status: { phase: 'Failed' } }, want: false },
])('hasToGo(): $name', ({ pod, want }) => {
  expect(hasToGo({ metadata: {}, status: {}, ...pod } as unknown as Pod)).toBe(want)
})
