/** Parts that admission policies and their bindings have in common. */
import { always, omitEmpty, optional, type Stored, string, struct, wordOf } from '../../schema.ts'
import { labelSelector } from '../meta/label-selector.ts'

export const paramKind = struct(
  'admissionregistration.v1.ParamKind',
  'The kind that the parameters of a policy have.',
  {
    apiVersion: omitEmpty(1, string, 'Group and version of the kind.'),
    kind: omitEmpty(2, string, 'Name of the kind.'),
  },
  { atomic: true },
)
export interface ParamKind extends Stored<typeof paramKind> {}

export const variable = struct(
  'admissionregistration.v1.Variable',
  'An expression with a name.',
  {
    name: always(1, string, 'The name, for other expressions to use as variables.name.'),
    expression: always(2, string, 'A CEL expression that makes up the value.'),
  },
  { atomic: true },
)
export interface Variable extends Stored<typeof variable> {}

export const paramRef = struct(
  'admissionregistration.v1.ParamRef',
  'Which objects hold the parameters: those of one name, or those selected.',
  {
    name: omitEmpty(1, string, 'Name of the object.'),
    namespace: omitEmpty(
      2,
      string,
      'Namespace of the objects. Defaults to that of the request, where their kind has one.',
    ),
    selector: optional(3, labelSelector, 'Selects the objects by their labels.'),
    parameterNotFoundAction: optional(
      4,
      wordOf('Allow', 'Deny'),
      'What follows when there is no such object: Allow or Deny.',
    ),
  },
  { atomic: true },
)
export interface ParamRef extends Stored<typeof paramRef> {}
