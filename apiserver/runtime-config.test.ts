/** Which built-in APIs may be left out. */
import { expect, test } from 'vitest'
import { builtInResources } from './built-in-resources.ts'
import { disabledVersions } from './runtime-config.ts'

const given = (entries: Readonly<Record<string, string>>) =>
  disabledVersions(new Map(Object.entries(entries)))

test('what is switched off is not served', () => {
  const disabled = given({ 'metrics.k8s.io/v1beta1': 'false', 'apps/v1': 'true' })
  expect([...disabled]).toEqual(['metrics.k8s.io/v1beta1'])
  const resources = builtInResources(disabled)
  expect(resources.find('metrics.k8s.io', 'v1beta1', 'pods')).toBeUndefined()
  expect(resources.find('apps', 'v1', 'deployments')).toBeDefined()
})

test.for([
  { entries: { v1: 'false' }, why: '"v1" cannot be left out' },
  { entries: { 'none/v1': 'false' }, why: '"none/v1" is not served' },
  { entries: { 'apps/v1': 'no' }, why: 'apps/v1 is "no", wanted true or false' },
])('$why', ({ entries, why }) => {
  expect(() => given(entries as never)).toThrow(why)
})
