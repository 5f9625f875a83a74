/** What may be reported about a pod. */
import { describe, expect, test } from 'vitest'
import { pod, problemsFrom } from './judged-pod.ts'
import { preparePodStatus, validatePodStatusUpdate } from './status.ts'

const judge = (before: object, after: object, spec: object = {}) =>
  problemsFrom((problems) =>
    validatePodStatusUpdate(pod(spec, {}, after), pod(spec, {}, before), problems),
  )
const ended = (exitCode: number) => ({ name: 'c', state: { terminated: { exitCode } } })
const running = { name: 'c', state: { running: {} } }
const isBack = (list: string) => [
  `status.${list}[0].state: Forbidden: may not be transitioned to non-terminated state`,
]
const notAnIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

describe('what a status may say', () => {
  test.for([
    { name: 'nothing new', status: {}, expected: [] },
    {
      name: 'conditions',
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'a b', status: 'True' },
        ],
      },
      expected: [expect.stringMatching(/^metadata\.conditions\[1\]\.Type: Invalid value: "a b": /)],
    },
    {
      name: 'a nominated node',
      status: { nominatedNodeName: 'A' },
      expected: [expect.stringMatching(/^status\.nominatedNodeName: Invalid value: "A": /)],
    },
    {
      name: 'another class',
      status: { qosClass: 'Guaranteed' },
      expected: ['status.qosClass: Invalid value: "Guaranteed": field is immutable'],
    },
    {
      name: 'addresses',
      status: { podIPs: [{ ip: 'x' }, { ip: '10.0.0.1' }, { ip: '10.0.0.1' }] },
      expected: [
        `status.podIPs[0]: Invalid value: "x": ${notAnIp}`,
        'status.podIPs: Invalid value: [{"ip":"x"},{"ip":"10.0.0.1"},{"ip":"10.0.0.1"}]: may specify no more than one IP for each IP family',
        'status.podIPs[2]: Duplicate value: {"ip":"10.0.0.1"}',
      ],
    },
    {
      name: 'addresses of both families',
      status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
      expected: [],
    },
    {
      name: 'addresses of the node',
      status: { hostIP: '10.0.0.2', hostIPs: [{ ip: '10.0.0.1' }] },
      expected: ['status.hostIPs[0].ip: Invalid value: "10.0.0.1": must be equal to `hostIP`'],
    },
    {
      name: 'claims',
      status: { resourceClaimStatuses: [{ name: 'x' }] },
      expected: [
        'status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`',
      ],
    },
    {
      name: 'users',
      status: { containerStatuses: [{ name: 'c', user: { linux: { uid: -1, gid: 0 } } }] },
      expected: [
        'status.containerStatuses[0].linux.uid: Invalid value: -1: must be greater than or equal to 0',
      ],
    },
  ])('$name', ({ status, expected }) => {
    const qosClass = 'BestEffort'
    expect(judge({ qosClass }, { qosClass, ...status })).toEqual(expected)
  })
})

describe('containers that have ended', () => {
  test.for([
    { policy: 'Always', code: 0, expected: [] },
    { policy: 'OnFailure', code: 1, expected: [] },
    { policy: 'OnFailure', code: 0, expected: isBack('containerStatuses') },
    { policy: 'Never', code: 1, expected: isBack('containerStatuses') },
  ])('$policy after exit code $code', ({ policy, code, expected }) => {
    const [before, after] = [{ containerStatuses: [ended(code)] }, { containerStatuses: [running] }]
    expect(judge(before, after, { restartPolicy: policy })).toEqual(expected)
  })

  test.for([{ restartPolicy: 'Always' }, { restartPolicy: 'OnFailure' }])(
    'a container may have a policy of its own: %o',
    (own) => {
      const containers = [{ name: 'c', image: 'i', ...own }]
      const [before, after] = [{ containerStatuses: [ended(1)] }, { containerStatuses: [running] }]
      expect(judge(before, after, { restartPolicy: 'Never', containers })).toEqual([])
    },
  )

  test('ephemeral containers never come back', () => {
    const before = { ephemeralContainerStatuses: [ended(1)] }
    const after = { ephemeralContainerStatuses: [running] }
    expect(judge(before, after)).toEqual(isBack('ephemeralContainerStatuses'))
  })
})

test('what an old kubelet forgets is kept', () => {
  const previous = pod(
    {},
    {},
    {
      qosClass: 'Burstable',
      observedGeneration: 3,
      conditions: [{ type: 'Ready', status: 'True', observedGeneration: 2 }],
    },
  ).status
  const next = pod({}, {}, { conditions: [{ type: 'Ready', status: 'False' }] }).status
  preparePodStatus(next, previous)
  expect(next).toMatchObject({
    qosClass: 'Burstable',
    observedGeneration: 3,
    conditions: [{ type: 'Ready', status: 'False', observedGeneration: 2 }],
  })
})

test.for([
  { given: { podIP: 'a' }, stored: { podIP: 'a', podIPs: [{ ip: 'a' }] } },
  {
    given: { podIPs: [{ ip: 'a' }, { ip: 'b' }] },
    stored: { podIP: 'a', podIPs: [{ ip: 'a' }, { ip: 'b' }] },
  },
  { given: { podIP: 'c', podIPs: [{ ip: 'a' }] }, stored: { podIP: 'c', podIPs: [{ ip: 'c' }] } },
])('addresses agree: $given', ({ given, stored }) => {
  expect(pod({}, {}, given).status).toEqual(stored)
})
