/** Secret: passwords, keys and tokens, kept apart from the objects that use them. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind } from '../../kind.ts'
import { checkSecret, foldTexts } from '../../rules/secret.ts'
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
import { ageColumn, column, nameColumn } from '../../table.ts'

export const Secret = defineKind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  doc: 'Passwords, keys and tokens, kept apart from the objects that use them.',
  fields: {
    immutable: optional(5, boolean, 'When true, data can never change again, nor this field.'),
    data: omitEmpty(2, mapOf(bytes), 'Values by key, in base64; keys are names of files.'),
    stringData: omitEmpty(
      4,
      mapOf(string),
      'Values as plain text, for writing only: they go to data and win over what is there.',
    ),
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
      'What it is for, which decides the keys it needs; Opaque unless set. Never changes.',
      { default: 'Opaque', immutable: true },
    ),
  },
  selectable: { type: ({ type }) => type },
  columns: [
    nameColumn,
    column('Type', 'string', 'What the secret is for.', ({ type }: Typed) => type),
    column('Data', 'string', 'How many keys it has.', keyCount),
    ageColumn,
  ],
  defaults: foldTexts,
  validate: checkSecret,
  validateUpdate(next, previous, at, problems) {
    if (!previous.immutable) return
    const detail = 'field is immutable when `immutable` is set'
    if (!next.immutable) problems.forbidden(at.child('immutable'), detail)
    if (!isDeepStrictEqual(next.data, previous.data)) problems.forbidden(at.child('data'), detail)
  },
})
export interface Secret extends Stored<typeof Secret> {}

interface Typed {
  readonly type: string
}

function keyCount({ data = {} }: Pick<Secret, 'data'>): number {
  return Object.keys(data).length
}
