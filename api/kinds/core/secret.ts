/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  boolean,
  bytes,
  mapOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  wordOf,
} from '../../schema.ts'

export const Secret = defineKind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  doc: '',
  fields: {
    immutable: optional(5, boolean, ''),
    data: omitEmpty(2, mapOf(bytes), ''),
    stringData: omitEmpty(4, mapOf(string), ''),
    type: omitEmpty(
      3,
      wordOf(
        'Opaque',
        'kubernetes.io/service-account-token',
        'kubernetes.io/dockercfg',
        'kubernetes.io/dockerconfigjson',
        'kubernetes.io/basic-auth',
        'kubernetes.io/ssh-auth',
        'kubernetes.io/tls',
        'bootstrap.kubernetes.io/token',
      ),
      '',
    ),
  },
  // columns: Name, Type, Data, Age
})
export interface Secret extends Stored<typeof Secret> {}
