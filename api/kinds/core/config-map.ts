/** ConfigMap: settings that pods read as files, variables or arguments. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind } from '../../kind.ts'
import { isConfigMapKey } from '../../names.ts'
import { boolean, bytes, mapOf, omitEmpty, optional, type Stored, string } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

/** Of keys and values together, so that one object cannot fill the store. */
export const MAX_CONFIG_SIZE = 1024 * 1024

export const ConfigMap = defineKind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  scope: 'Namespaced',
  doc: 'Settings that pods read as files, variables or arguments.',
  fields: {
    immutable: optional(4, boolean, 'When true, data can never change again, nor this field.'),
    data: omitEmpty(2, mapOf(string), 'Texts by key; keys are names of files.'),
    binaryData: omitEmpty(3, mapOf(bytes), 'Bytes by key, in base64; no key may be in data too.'),
  },
  columns: [nameColumn, column('Data', 'string', 'How many keys it has.', keyCount), ageColumn],
  validate({ data = {}, binaryData = {} }, at, problems) {
    let size = 0
    for (const [key, value] of Object.entries(data)) {
      const place = at.child('data').key(key)
      for (const message of isConfigMapKey(key)) problems.invalid(place, key, message)
      if (Object.hasOwn(binaryData, key)) {
        problems.invalid(place, key, 'duplicate of key present in binaryData')
      }
      size += Buffer.byteLength(value)
    }
    for (const [key, value] of Object.entries(binaryData)) {
      const place = at.child('binaryData').key(key)
      for (const message of isConfigMapKey(key)) problems.invalid(place, key, message)
      size += Buffer.byteLength(value, 'base64')
    }
    // Upstream means the object as a whole, and prints its empty path so.
    if (size > MAX_CONFIG_SIZE) problems.tooLong(at.key(''), MAX_CONFIG_SIZE)
  },
  validateUpdate(next, previous, at, problems) {
    if (!previous.immutable) return
    const detail = 'field is immutable when `immutable` is set'
    if (!next.immutable) problems.forbidden(at.child('immutable'), detail)
    for (const name of ['data', 'binaryData'] as const) {
      if (!isDeepStrictEqual(next[name], previous[name])) problems.forbidden(at.child(name), detail)
    }
  },
})
export interface ConfigMap extends Stored<typeof ConfigMap> {}

function keyCount({ data = {}, binaryData = {} }: Pick<ConfigMap, 'data' | 'binaryData'>): number {
  return Object.keys(data).length + Object.keys(binaryData).length
}
