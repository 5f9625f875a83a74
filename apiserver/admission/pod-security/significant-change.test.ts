/** Which changes of a pod make it be judged again. */
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { isSignificant } from './significant-change.ts'

const pod = (spec: object = {}, annotations: Record<string, string> = {}): Pod =>
  ({
    metadata: { annotations },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  }) as unknown as Pod
const ephemeral = (name: string) => ({ ephemeralContainers: [{ name, image: 'i' }] })

test.for<[string, Pod, Pod, boolean]>([
  ['nothing', pod(), pod(), false],
  ['an annotation', pod({}, { a: 'b' }), pod(), false],
  ['seccomp of the pod', pod({}, { 'seccomp.security.alpha.kubernetes.io/pod': 'x' }), pod(), true],
  [
    'seccomp of a container',
    pod({}, { 'container.seccomp.security.alpha.kubernetes.io/c': 'x' }),
    pod(),
    true,
  ],
  ['an image', pod({ containers: [{ name: 'c', image: 'j' }] }), pod(), true],
  ['an init container', pod({ initContainers: [{ name: 'i', image: 'i' }] }), pod(), true],
  ['an ephemeral container', pod(ephemeral('e')), pod(), true],
  ['the same ephemeral container', pod(ephemeral('e')), pod(ephemeral('e')), false],
  ['tolerations', pod({ tolerations: [{ operator: 'Exists' }] }), pod(), false],
])('%s: %s', ([, next, previous, expected]) => {
  expect(isSignificant(next, previous)).toBe(expected)
})
