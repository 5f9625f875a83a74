/** How long a pod may take to end, by what it is and what the caller wants. */
import { expect, test } from 'vitest'
import { podGraceSeconds } from './deletion.ts'

const pod = (spec: object, status: object = {}) => ({ spec, status }) as never

test.for([
  {
    name: 'what the caller wants',
    spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 },
    wanted: 5,
    grace: 5,
  },
  {
    name: 'what the pod says',
    spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 },
    grace: 30,
  },
  { name: 'nothing said', spec: { nodeName: 'n' }, grace: 0 },
  {
    name: 'at once, when told so',
    spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 },
    wanted: 0,
    grace: 0,
  },
  {
    name: 'less than nothing',
    spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 },
    wanted: -5,
    grace: 1,
  },
  { name: 'not on a node', spec: { terminationGracePeriodSeconds: 30 }, wanted: 60, grace: 0 },
  {
    name: 'succeeded',
    spec: { nodeName: 'n' },
    status: { phase: 'Succeeded' },
    wanted: 60,
    grace: 0,
  },
  { name: 'failed', spec: { nodeName: 'n' }, status: { phase: 'Failed' }, wanted: 60, grace: 0 },
])('podGraceSeconds(): $name', ({ spec, status, wanted, grace }) => {
  expect(podGraceSeconds(pod(spec, status), wanted)).toBe(grace)
})
