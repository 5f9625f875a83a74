/** RuntimeClass: a way to run containers that pods can choose. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind } from '../../kind.ts'
import { validateLabels } from '../../label-selector.ts'
import { isDnsLabel } from '../../names.ts'
import { type Toleration, toleration } from '../../parts/core/pod-scheduling.ts'
import type { Path, Problems } from '../../problems.ts'
import { validateOverhead } from '../../rules/pods/resources.ts'
import { validateTolerations } from '../../rules/tolerations.ts'
import {
  listOf,
  mapOf,
  omitEmpty,
  optional,
  quantity,
  required,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const overhead = struct(
  'node.v1.Overhead',
  'What running a pod costs beside its containers.',
  {
    podFixed: omitEmpty(1, mapOf(quantity), 'Resources that each pod takes in addition.'),
  },
  {
    validate({ podFixed }, at, problems) {
      if (podFixed) validateOverhead(podFixed, at, problems)
    },
  },
)
export interface Overhead extends Stored<typeof overhead> {}

export const scheduling = struct(
  'node.v1.Scheduling',
  'Which nodes can run pods of the class.',
  {
    nodeSelector: omitEmpty(
      1,
      mapOf(string),
      'Labels that the nodes have, added to those that a pod asks for.',
      { atomic: true },
    ),
    tolerations: omitEmpty(
      2,
      listOf(toleration, { listType: 'atomic' }),
      'Taints that the nodes may have, added to those that a pod tolerates.',
    ),
  },
  {
    validateWhole({ nodeSelector, tolerations }, at, problems) {
      validateLabels(nodeSelector, at.child('nodeSelector'), problems)
      validateTolerationList(tolerations ?? [], at.child('tolerations'), problems)
    },
  },
)
export interface Scheduling extends Stored<typeof scheduling> {}

function validateTolerationList(
  tolerations: readonly Toleration[],
  at: Path,
  problems: Problems,
): void {
  validateTolerations(tolerations, at, problems)
  const keys = tolerations.map(({ tolerationSeconds: _, ...key }) => key)
  for (const [position, key] of keys.entries()) {
    if (!keys.slice(0, position).some((earlier) => isDeepStrictEqual(earlier, key))) continue
    problems.duplicate(at.index(position), tolerations[position])
  }
}

export const RuntimeClass = defineKind({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  conditionalUpdates: true,
  doc: 'A way to run containers, such as in a sandbox, that pods choose by name.',
  fields: {
    handler: required(
      2,
      string,
      'Name of the configuration of the runtime on the nodes, as a DNS label. Never changes.',
      { immutable: true, format: isDnsLabel },
    ),
    overhead: optional(3, overhead, 'What running a pod costs beside its containers.'),
    scheduling: optional(4, scheduling, 'Which nodes can run pods of the class. All when unset.'),
  },
  columns: [
    nameColumn,
    column('Handler', 'string', 'The configuration of the runtime.', ({ handler }) => handler),
    ageColumn,
  ],
})
export interface RuntimeClass extends Stored<typeof RuntimeClass> {}
