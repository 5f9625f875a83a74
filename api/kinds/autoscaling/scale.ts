/** Scale: how many pods a workload has and should have, whatever its kind. */
import { defineKind } from '../../kind.ts'
import { always, int32, omitEmpty, type Stored, string, struct } from '../../schema.ts'
import { ageColumn, column } from '../../table.ts'

export const scaleSpec = struct('autoscaling.v1.ScaleSpec', 'How many pods are wanted.', {
  replicas: omitEmpty(1, int32, 'How many pods the workload should have.', {
    default: 0,
    min: 0,
  }),
})
export interface ScaleSpec extends Stored<typeof scaleSpec> {}

export const scaleStatus = struct('autoscaling.v1.ScaleStatus', 'How many pods there are.', {
  replicas: always(1, int32, 'How many pods the workload has.'),
  selector: omitEmpty(2, string, 'Labels of the pods, as text such as app=web,tier!=cache.'),
})
export interface ScaleStatus extends Stored<typeof scaleStatus> {}

export const Scale = defineKind({
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  doc: 'How many pods a workload has and should have. Served as the scale subresource.',
  fields: {
    spec: omitEmpty(2, scaleSpec, 'How many pods are wanted.'),
    status: omitEmpty(3, scaleStatus, 'How many pods there are.'),
  },
  columns: [
    column('Name', 'string', 'Name of the workload.', ({ metadata }) => metadata.name),
    column('Desired', 'integer', 'Pods that are wanted.', ({ spec }) => spec.replicas),
    column('Available', 'integer', 'Pods that there are.', ({ status }) => status.replicas),
    ageColumn,
  ],
})
export interface Scale extends Stored<typeof Scale> {}
