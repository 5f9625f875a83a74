/** What the server adds to new pods. */
import { describe, expect, test } from 'vitest'
import { prepareNewPod } from './create.ts'
import { pod, problemsOf } from './judged-pod.ts'

const required = 'requiredDuringSchedulingIgnoredDuringExecution'

function prepared(spec: object, metadata: object = {}, status: object = {}) {
  const created = pod(spec, metadata, status)
  prepareNewPod(created)
  return created
}

test('a new pod is pending, whatever its creator says', () => {
  const { status } = prepared({}, {}, { phase: 'Running', podIP: '10.0.0.1', reason: 'x' })
  expect(status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
})

test('a gated pod says what it waits for', () => {
  const metadata = { creationTimestamp: '2026-01-01T00:00:00Z' }
  expect(prepared({ schedulingGates: [{ name: 'g' }] }, metadata).status).toEqual({
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: '2026-01-01T00:00:00Z',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ],
    qosClass: 'BestEffort',
  })
})

test('a gated pod is on no node yet', () => {
  const found = problemsOf(pod({ nodeName: 'n', schedulingGates: [{ name: 'g' }] }))
  expect(found).toEqual([
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ])
})

test('keys become conditions with the values of the pod', () => {
  const labelSelector = { matchLabels: { app: 'a' } }
  const keys = { matchLabelKeys: ['version', 'missing'], mismatchLabelKeys: ['tenant'] }
  const term = { labelSelector, topologyKey: 'zone', ...keys }
  const constraint = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector,
    matchLabelKeys: ['version'],
  }
  const created = prepared(
    {
      affinity: {
        podAffinity: { [required]: [term] },
        podAntiAffinity: { [required]: [{ topologyKey: 'zone' }] },
      },
      topologySpreadConstraints: [constraint],
    },
    { labels: { version: '1', tenant: 't' } },
  )
  const version = { key: 'version', operator: 'In', values: ['1'] }
  const tenant = { key: 'tenant', operator: 'NotIn', values: ['t'] }
  const { affinity, topologySpreadConstraints } = created.spec
  expect(affinity?.podAffinity?.[required]?.[0]?.labelSelector).toEqual({
    matchLabels: { app: 'a' },
    matchExpressions: [version, tenant],
  })
  expect(affinity?.podAntiAffinity?.[required]?.[0]).toEqual({ topologyKey: 'zone' })
  expect(topologySpreadConstraints?.[0]?.labelSelector?.matchExpressions).toEqual([version])
  expect(problemsOf(created)).toEqual([])
})

describe('annotations about AppArmor', () => {
  const prefix = 'container.apparmor.security.beta.kubernetes.io/'
  const profileOf = (text: string, spec: object = {}) =>
    prepared(spec, { annotations: { [`${prefix}c`]: text } }).spec.containers![0]!.securityContext
  test.for([
    { text: 'unconfined', profile: { type: 'Unconfined' } },
    { text: 'runtime/default', profile: { type: 'RuntimeDefault' } },
    { text: 'localhost/a', profile: { type: 'Localhost', localhostProfile: 'a' } },
  ])('$text becomes a field', ({ text, profile }) => {
    expect(profileOf(text)).toEqual({ appArmorProfile: profile })
  })

  test.for(['', 'localhost/', 'x'])('%j means nothing', (text) => {
    expect(profileOf(text)).toBeUndefined()
  })

  test('what the pod says already is not repeated', () => {
    const securityContext = { appArmorProfile: { type: 'Unconfined' } }
    expect(profileOf('unconfined', { securityContext })).toBeUndefined()
  })

  test('Windows has none', () => {
    expect(profileOf('unconfined', { os: { name: 'windows' } })).toBeUndefined()
  })
})
