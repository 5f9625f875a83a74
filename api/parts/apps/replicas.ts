/** What kinds that keep a number of pods running have in common: fields, scale and columns. */
import { int32, omitEmpty, optional } from '../../schema.ts'
import { column } from '../../table.ts'

export const replicasField = optional(1, int32, 'How many pods are wanted. Defaults to 1.', {
  default: 1,
})

export const minReadySecondsAt = (tag: number) =>
  omitEmpty(
    tag,
    int32,
    'Seconds for which a new pod must be ready before it counts as available. Defaults to 0.',
  )

export const replicasScale = {
  specReplicas: 'spec.replicas',
  statusReplicas: 'status.replicas',
  selector: 'spec.selector',
} as const

interface Counted {
  readonly spec: { readonly replicas: number }
  readonly status: { readonly readyReplicas?: number }
}
type Replicated = Counted & { readonly status: { readonly replicas: number } }

/** `ready/wanted`, as kinds that replace pods step by step show it. */
export const readyOfWantedColumn = column(
  'Ready',
  'string',
  'Pods that are ready, of those wanted.',
  ({ spec, status }: Counted) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
)

/** One number a column, as kinds that only count pods show them. */
export const replicaColumns = [
  column('Desired', 'integer', 'Pods that are wanted.', ({ spec }: Replicated) => spec.replicas),
  column('Current', 'integer', 'Pods that there are.', ({ status }: Replicated) => status.replicas),
  column(
    'Ready',
    'integer',
    'Pods that are ready.',
    ({ status }: Replicated) => status.readyReplicas ?? 0,
  ),
]
