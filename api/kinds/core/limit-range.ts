/** LimitRange: bounds and defaults for what pods, containers and claims of a namespace ask for. */
import { defineKind } from '../../kind.ts'
import { checkLimits } from '../../rules/limit-range.ts'
import { roundResources } from '../../rules/resource-list.ts'
import {
  always,
  listOf,
  mapOf,
  omitEmpty,
  quantity,
  type Stored,
  struct,
  wordOf,
} from '../../schema.ts'

export const limitRangeItem = struct(
  'core.v1.LimitRangeItem',
  'Bounds and defaults for one type of object.',
  {
    type: always(
      1,
      wordOf('Pod', 'Container', 'PersistentVolumeClaim'),
      'What it bounds: Pod, Container or PersistentVolumeClaim.',
    ),
    max: omitEmpty(2, mapOf(quantity), 'The most that may be asked for, by resource.'),
    min: omitEmpty(3, mapOf(quantity), 'The least that must be asked for, by resource.'),
    default: omitEmpty(
      4,
      mapOf(quantity),
      'Limits of a container that states none; those of max unless set.',
    ),
    defaultRequest: omitEmpty(
      5,
      mapOf(quantity),
      'Requests of a container that states none; those of default, then of min, unless set.',
    ),
    maxLimitRequestRatio: omitEmpty(
      6,
      mapOf(quantity),
      'How many times its request a limit may be, by resource.',
    ),
  },
  {
    defaults(value) {
      const { max, min, default: limits, defaultRequest, maxLimitRequestRatio } = value
      for (const list of [max, min, limits, defaultRequest, maxLimitRequestRatio]) {
        roundResources(list)
      }
      if (value.type !== 'Container') return
      const allLimits = { ...max, ...limits }
      const allRequests = { ...min, ...allLimits, ...defaultRequest }
      if (Object.keys(allLimits).length) value.default = allLimits
      if (Object.keys(allRequests).length) value.defaultRequest = allRequests
    },
  },
)
export interface LimitRangeItem extends Stored<typeof limitRangeItem> {}

export const limitRangeSpec = struct('core.v1.LimitRangeSpec', 'The bounds of a namespace.', {
  limits: always(
    1,
    listOf(limitRangeItem, { listType: 'atomic' }),
    'Bounds and defaults, one entry for each type.',
    { check: checkLimits },
  ),
})
export interface LimitRangeSpec extends Stored<typeof limitRangeSpec> {}

export const LimitRange = defineKind({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  scope: 'Namespaced',
  doc: 'Bounds and defaults for what pods, containers and claims of a namespace ask for.',
  fields: {
    spec: omitEmpty(2, limitRangeSpec, 'The bounds.'),
  },
  createOnUpdate: true,
})
export interface LimitRange extends Stored<typeof LimitRange> {}
