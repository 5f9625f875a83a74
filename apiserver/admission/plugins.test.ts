/** Which plugins are on. */
import { expect, test } from 'vitest'
import type { AdmissionContext } from './admission.ts'
import { createPlugins, defaultPluginNames, type PluginSwitches, pluginNames } from './plugins.ts'

const cached = { get: () => undefined, list: () => [] }
const context = {
  cache: { of: () => cached },
  tolerationSeconds: { notReady: 1, unreachable: 1 },
} as unknown as AdmissionContext
const names = (switches: PluginSwitches): string[] =>
  createPlugins(context, switches).map(({ name }) => name)

test('the list names every plugin as it names itself, in order', () => {
  const off = pluginNames.filter((name) => !defaultPluginNames.includes(name))
  expect(names({ enable: off })).toEqual(pluginNames)
  expect(pluginNames.at(-1)).toBe('ResourceQuota')
})

test('only what is not for everybody is off by default', () => {
  expect(names({})).toEqual(defaultPluginNames)
  expect(names({})).not.toContain('OwnerReferencesPermissionEnforcement')
})

test('plugins can be left out', () => {
  expect(names({ disable: ['Priority'] })).toEqual(
    defaultPluginNames.filter((name) => name !== 'Priority'),
  )
})

test.for<[PluginSwitches, string]>([
  [{ enable: ['Prioritty'] }, 'choose admission plugins: "Prioritty" is unknown'],
  [
    { enable: ['Priority'], disable: ['Priority'] },
    'choose admission plugins: "Priority" is both enabled and disabled',
  ],
])('%j is refused', ([switches, message]) => {
  expect(() => names(switches)).toThrow(message)
})
