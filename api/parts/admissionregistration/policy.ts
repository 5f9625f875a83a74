/** FIXME: one sentence. */

import { always, omitEmpty, optional, type Stored, string, struct, wordOf } from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'

export const paramKind = struct(
  'admissionregistration.v1.ParamKind',
  '',
  {
    apiVersion: omitEmpty(1, string, ''),
    kind: omitEmpty(2, string, ''),
  },
  { atomic: true },
)
export interface ParamKind extends Stored<typeof paramKind> {}

export const variable = struct(
  'admissionregistration.v1.Variable',
  '',
  {
    name: always(1, string, ''),
    expression: always(2, string, ''),
  },
  { atomic: true },
)
export interface Variable extends Stored<typeof variable> {}

export const paramRef = struct(
  'admissionregistration.v1.ParamRef',
  '',
  {
    name: omitEmpty(1, string, ''),
    namespace: omitEmpty(2, string, ''),
    selector: optional(3, labelSelector, ''),
    parameterNotFoundAction: optional(4, wordOf('Allow', 'Deny'), ''),
  },
  { atomic: true },
)
export interface ParamRef extends Stored<typeof paramRef> {}
