/** Which class of service follows from which resources. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { decode } from '../decode.ts'
import { Pod } from '../kinds/core/pod.ts'
import { pod } from './pods/judged-pod.ts'
import { qosClassOf } from './qos.ts'

const both = { cpu: '1', memory: '1Gi' }
const container = (resources: object) => ({ name: 'c', image: 'i', resources })

test.for([
  { name: 'nothing said', resources: [{}], expected: 'BestEffort' },
  { name: 'limits for both', resources: [{ limits: both }], expected: 'Guaranteed' },
  {
    name: 'requests as high as limits, written otherwise',
    resources: [{ limits: both, requests: { cpu: '1000m', memory: '1024Mi' } }],
    expected: 'Guaranteed',
  },
  {
    name: 'requests below limits',
    resources: [{ limits: both, requests: { cpu: '500m' } }],
    expected: 'Burstable',
  },
  { name: 'one limit', resources: [{ limits: { cpu: '1' } }], expected: 'Burstable' },
  { name: 'requests alone', resources: [{ requests: both }], expected: 'Burstable' },
  { name: 'one of two', resources: [{ limits: both }, {}], expected: 'Burstable' },
  { name: 'zeros', resources: [{ limits: { cpu: '0', memory: '0' } }], expected: 'BestEffort' },
  {
    name: 'other resources alone',
    resources: [{ limits: { 'example.com/gpu': '1' } }],
    expected: 'BestEffort',
  },
])('$name: $expected', ({ resources, expected }) => {
  expect(qosClassOf(pod({ containers: resources.map(container) }).spec)).toBe(expected)
  const [first, ...others] = resources.map(container)
  const spec = {
    containers: [first],
    initContainers: others.map((each) => ({ ...each, name: 'i' })),
  }
  expect(qosClassOf(pod(spec).spec)).toBe(expected)
})

test.for([
  { resources: { limits: both }, expected: 'Guaranteed' },
  { resources: { requests: both }, expected: 'Burstable' },
  { resources: {}, expected: 'BestEffort' },
])('resources of the pod as a whole: $resources', ({ resources, expected }) => {
  expect(qosClassOf(pod({ resources }).spec)).toBe(expected)
})

test('defaulting does not change the class', () => {
  const amounts = fc.dictionary(
    fc.constantFrom('cpu', 'memory'),
    fc.constantFrom('0', '1', '1500m'),
  )
  const requirements = fc.record({ limits: amounts, requests: amounts }, { requiredKeys: [] })
  const property = fc.property(fc.array(requirements, { minLength: 1, maxLength: 3 }), (list) => {
    const spec = { containers: list.map(container) }
    const posted = decode(Pod.schema, { spec })
    expect(qosClassOf(pod(spec).spec)).toBe(qosClassOf(posted.spec))
  })
  fc.assert(property, fuzz(300))
})
