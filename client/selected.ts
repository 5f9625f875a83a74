/** Whether a server would show an object to somebody who asked with these selectors. */
import { matchesFields, parseFieldSelector } from '#api/field-selector.ts'
import { parseLabelSelector } from '#api/label-selector.ts'
import type { ApiObject, Resource } from './resource.ts'
import type { Selectors } from './rest.ts'

export function selectorTest<S extends ApiObject>(
  { selectable = {} }: Resource<S, unknown>,
  { namespace, labelSelector = '', fieldSelector = '' }: Selectors,
): (object: S) => boolean {
  const labels = parseLabelSelector(labelSelector)
  const fields = parseFieldSelector(fieldSelector)
  return (object) => {
    const { metadata } = object
    if (namespace && metadata.namespace !== namespace) return false
    if (!labels.matches(metadata.labels)) return false
    return matchesFields(fields, (field) => {
      if (field === 'metadata.name') return metadata.name
      if (field === 'metadata.namespace') return metadata.namespace ?? ''
      return selectable[field]?.(object)
    })
  }
}
