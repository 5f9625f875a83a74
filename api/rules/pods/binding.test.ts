/** Which pods can be bound to a node, and what they are then. */
import { expect, test } from 'vitest'
import { bindingRefusal, boundPod } from './binding.ts'
import { chooseContainer } from './choose-container.ts'
import { plainContainer, pod } from './judged-pod.ts'

test.for([
  { name: 'a new pod', pod: pod(), refusal: undefined },
  {
    name: 'a pod on a node',
    pod: pod({ nodeName: 'n' }),
    refusal: 'pod p is already assigned to node "n"',
  },
  {
    name: 'a gated pod',
    pod: pod({ schedulingGates: [{ name: 'g' }] }),
    refusal: 'pod p has non-empty .spec.schedulingGates',
  },
  {
    name: 'a pod that goes',
    pod: pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    refusal: 'pod p is being deleted, cannot be assigned to a host',
  },
])('$name', ({ pod: given, refusal }) => {
  expect(bindingRefusal(given)).toBe(refusal)
})

const gated = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }

test('a bound pod is scheduled, and carries what the binding says', () => {
  const before = pod(
    {},
    { labels: { a: '1', b: '1' } },
    { nominatedNodeName: 'm', phase: 'Pending', conditions: [gated] },
  )
  const binding = {
    metadata: { labels: { b: '2' }, annotations: { c: '3' } },
    target: { name: 'n' },
  }
  const after = boundPod(before, binding, '2026-01-01T00:00:00Z')
  expect(after.metadata).toMatchObject({ labels: { a: '1', b: '2' }, annotations: { c: '3' } })
  expect(after.spec).toEqual({ ...before.spec, nodeName: 'n' })
  expect(after.status).toEqual({
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  })
})

test.for([
  { spec: {}, wanted: undefined, chosen: { name: 'c' } },
  {
    spec: { initContainers: [{ name: 'i', image: 'i' }] },
    wanted: 'i',
    chosen: { name: 'i' },
  },
  { spec: {}, wanted: 'x', chosen: { refusal: 'container x is not valid for pod p' } },
  {
    spec: { containers: [plainContainer, { name: 'd', image: 'i' }] },
    wanted: undefined,
    chosen: { refusal: 'a container name must be specified for pod p, choose one of: [c d]' },
  },
  {
    spec: { containers: [] },
    wanted: undefined,
    chosen: { refusal: 'a container name must be specified for pod p' },
  },
])('a container of $spec for "$wanted"', ({ spec, wanted, chosen }) => {
  expect(chooseContainer(pod(spec), wanted)).toEqual(chosen)
})
