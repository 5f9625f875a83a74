/** API services: which server answers for what. */
import { expect, test } from 'vitest'
import { judged, posted } from '../../judged.ts'
import { APIService } from './api-service.ts'

const metadata = { name: 'v1.example.com' }
const service = { namespace: 'n', name: 's' }
const spec = {
  group: 'example.com',
  version: 'v1',
  groupPriorityMinimum: 100,
  versionPriority: 10,
  service,
}

test('a port has a default', () => {
  expect(posted(APIService, { spec }).spec.service).toEqual({ ...service, port: 443 })
})

test.for([
  [{}, []],
  [
    { version: 'v2' },
    [
      'metadata.name: Invalid value: "v1.example.com": must be `spec.version+"."+spec.group`: "v2.example.com"',
    ],
  ],
  [
    { groupPriorityMinimum: 0, versionPriority: 1001 },
    [
      'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
    ],
  ],
  [
    { service: {} },
    ['spec.service.namespace: Required value', 'spec.service.name: Required value'],
  ],
  [
    { service: null, caBundle: 'AAAA', insecureSkipTLSVerify: true },
    [
      'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
  ],
  [
    { caBundle: 'AAAA', insecureSkipTLSVerify: true },
    ['spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present'],
  ],
] as const)('an APIService with %j', ([change, problems]) => {
  expect(judged(APIService, { metadata, spec: { ...spec, ...change } })).toEqual(problems)
})

test('only v1 has no group', () => {
  const core = { ...spec, group: '', service: null }
  expect(judged(APIService, { metadata: { name: 'v1.' }, spec: core })).toEqual([])
  expect(
    judged(APIService, { metadata: { name: 'v2.' }, spec: { ...core, version: 'v2' } }),
  ).toEqual([
    'spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
  ])
})
