/** PriorityClass: a name for how important pods are. */
import { defineKind } from '../../kind.ts'
import { Path } from '../../problems.ts'
import { validateNewPriorityClass } from '../../rules/priority-class.ts'
import {
  always,
  boolean,
  enumOf,
  int32,
  omitEmpty,
  optional,
  type Stored,
  string,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'
import { immutableMessage } from '../../validate-update.ts'

export const PriorityClass = defineKind({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  scope: 'Cluster',
  generation: true,
  doc: 'A name for how important pods are, which decides who is scheduled first and who gives way.',
  fields: {
    value: always(
      2,
      int32,
      'The priority of the pods, up to a billion. Higher ones come first. Never changes.',
      { mayOmit: true },
    ),
    globalDefault: omitEmpty(3, boolean, 'Whether pods that name no class get this one.'),
    description: omitEmpty(4, string, 'When to use the class, for people.'),
    preemptionPolicy: optional(
      5,
      enumOf('PreemptLowerPriority', 'Never'),
      'Whether pods may push out less important ones: PreemptLowerPriority, the default, or Never.',
      { default: 'PreemptLowerPriority' },
    ),
  },
  validateCreate(object, problems) {
    validateNewPriorityClass(object, Path.root, problems)
  },
  validateUpdate(next, previous, _at, problems) {
    if (next.value !== previous.value) {
      problems.forbidden(Path.root.child('Value'), 'may not be changed in an update.')
    }
    if (next.preemptionPolicy !== previous.preemptionPolicy) {
      const { preemptionPolicy } = next
      problems.invalid(Path.root.child('preemptionPolicy'), preemptionPolicy, immutableMessage)
    }
  },
  columns: [
    nameColumn,
    column('Value', 'integer', 'The priority of the pods.', ({ value }) => value),
    column(
      'Global-Default',
      'boolean',
      'Whether pods that name no class get this one.',
      ({ globalDefault }) => globalDefault ?? false,
    ),
    ageColumn,
    column(
      'PreemptionPolicy',
      'string',
      'Whether pods may push out less important ones.',
      ({ preemptionPolicy }) => preemptionPolicy,
    ),
  ],
})
export interface PriorityClass extends Stored<typeof PriorityClass> {}
