/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { always, int32, omitEmpty, type Stored, string, struct } from '../../schema.ts'

export const scaleSpec = struct('autoscaling.v1.ScaleSpec', '', {
  replicas: omitEmpty(1, int32, '', { default: 0 }),
})
export interface ScaleSpec extends Stored<typeof scaleSpec> {}

export const scaleStatus = struct('autoscaling.v1.ScaleStatus', '', {
  replicas: always(1, int32, ''),
  selector: omitEmpty(2, string, ''),
})
export interface ScaleStatus extends Stored<typeof scaleStatus> {}

export const Scale = defineKind({
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  doc: '',
  fields: {
    spec: omitEmpty(2, scaleSpec, ''),
    status: omitEmpty(3, scaleStatus, ''),
  },
})
export interface Scale extends Stored<typeof Scale> {}
