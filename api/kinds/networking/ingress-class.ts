/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import {
  nullable,
  omitEmpty,
  optional,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'

export const ingressClassParametersReference = struct(
  'networking.v1.IngressClassParametersReference',
  '',
  {
    apiGroup: optional(1, string, ''),
    kind: required(2, string, ''),
    name: required(3, string, ''),
    scope: nullable(4, string, '', { mayOmit: true }),
    namespace: optional(5, string, ''),
  },
)
export interface IngressClassParametersReference
  extends Stored<typeof ingressClassParametersReference> {}

export const ingressClassSpec = struct('networking.v1.IngressClassSpec', '', {
  controller: omitEmpty(1, string, ''),
  parameters: optional(2, ingressClassParametersReference, ''),
})
export interface IngressClassSpec extends Stored<typeof ingressClassSpec> {}

export const IngressClass = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  doc: '',
  fields: {
    spec: omitEmpty(2, ingressClassSpec, ''),
  },
  // columns: Name, Controller, Parameters, Age
})
export interface IngressClass extends Stored<typeof IngressClass> {}
