/** Unknown fields: named in order, counted, dropped. */
import { expect, test } from 'vitest'
import { decode } from './decode.ts'
import { Deployment } from './kinds/apps/deployment.ts'
import { unknownFields } from './unknown-fields.ts'

const container = { name: 'c', imagee: 'x', resources: { limitss: {} } }
const posted = {
  spec: { template: { spec: { containers: [container] } }, replicass: 1 },
  metadata: { labels: { anything: 'goes' }, foo: 1 },
}

test('unknown fields are named in the order of the value', () => {
  expect(unknownFields(Deployment.schema, posted)).toEqual([
    'spec.template.spec.containers[0].imagee',
    'spec.template.spec.containers[0].resources.limitss',
    'spec.replicass',
    'metadata.foo',
  ])
})

test('decoding counts the structs that have any, and drops the fields', () => {
  const findings = { unknown: 0 }
  const decoded = decode(Deployment.schema, posted, findings)
  expect(findings.unknown).toBe(4)
  expect(JSON.stringify(decoded)).not.toMatch(/imagee|limitss|replicass|foo/)
  decode(Deployment.schema, { metadata: { name: 'fine' } }, findings)
  expect(findings.unknown).toBe(4)
})
