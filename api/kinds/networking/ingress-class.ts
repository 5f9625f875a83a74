/** IngressClass: a controller that serves Ingresses, with its settings. */
import { defineKind } from '../../kind.ts'
import { validateDomainPrefixedPath } from '../../rules/domain-names.ts'
import { validateParameters } from '../../rules/ingress-class.ts'
import {
  nullable,
  omitEmpty,
  optional,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

const controllerLengthMax = 250

export const ingressClassParametersReference = struct(
  'networking.v1.IngressClassParametersReference',
  'An object with settings for the controller.',
  {
    apiGroup: optional(1, string, 'API group of the object. The core group when unset.'),
    kind: required(2, string, 'Kind of the object.'),
    name: required(3, string, 'Name of the object.'),
    scope: nullable(
      4,
      string,
      'Whether the object is in a Namespace or not: Cluster, the default.',
      {
        default: 'Cluster',
        mayOmit: true,
      },
    ),
    namespace: optional(5, string, 'Namespace of the object, if its scope is Namespace.'),
  },
  {
    validateWhole(parameters, at, problems) {
      validateParameters(parameters, at, problems)
    },
  },
)
export interface IngressClassParametersReference
  extends Stored<typeof ingressClassParametersReference> {}

export const ingressClassSpec = struct(
  'networking.v1.IngressClassSpec',
  'Which controller it is.',
  {
    controller: omitEmpty(
      1,
      string,
      'Name of the controller, as a path such as example.com/ingress. Never changes.',
      { immutable: true },
    ),
    parameters: optional(
      2,
      ingressClassParametersReference,
      'An object with settings for the controller.',
    ),
  },
  {
    validateWhole(spec, at, problems) {
      const { controller = '', parameters } = spec
      const place = at.child('controller')
      if (Buffer.byteLength(controller) > controllerLengthMax) {
        problems.tooLong(place, controllerLengthMax)
      }
      validateDomainPrefixedPath(controller, place, problems)
      if (parameters) validateParameters(parameters, at.child('parameters'), problems)
    },
  },
)
export interface IngressClassSpec extends Stored<typeof ingressClassSpec> {}

export const IngressClass = defineKind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  generation: true,
  doc: 'A controller that serves Ingresses. One class can be marked as the default by annotation.',
  fields: {
    spec: omitEmpty(2, ingressClassSpec, 'Which controller it is.'),
  },
  columns: [
    nameColumn,
    column('Controller', 'string', 'Name of the controller.', ({ spec }) => spec.controller ?? ''),
    column('Parameters', 'string', 'The object with its settings.', ({ spec: { parameters } }) => {
      if (!parameters) return '<none>'
      const group = parameters.apiGroup ? `.${parameters.apiGroup}` : ''
      return `${parameters.kind}${group}/${parameters.name}`
    }),
    ageColumn,
  ],
})
export interface IngressClass extends Stored<typeof IngressClass> {}
