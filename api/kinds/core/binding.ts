/** Binding: the decision of a scheduler to run a pod on a node. */
import { defineKind } from '../../kind.ts'
import { objectReference } from '../../parts/core/references.ts'
import { always, type Stored } from '../../schema.ts'

export const Binding = defineKind({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  scope: 'Namespaced',
  verbs: ['create'],
  doc: 'Ties a pod to a node. Its name is that of the pod.',
  fields: {
    target: always(2, objectReference, 'The node that is to run the pod.'),
  },
  validate({ target }, at, problems): void {
    const place = at.child('target')
    if (target.kind && target.kind !== 'Node') {
      problems.notSupported(place.child('kind'), target.kind, ['Node', '<empty>'])
    }
    if (!target.name) problems.required(place.child('name'))
  },
})
export interface Binding extends Stored<typeof Binding> {}
