/** PodMetrics: what the containers of a pod use at the moment. */
import { defineKind } from '../../kind.ts'
import { addQuantities } from '../../quantity.ts'
import {
  always,
  duration,
  listOf,
  mapOf,
  quantity,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'
import { column, nameColumn } from '../../table.ts'

interface Measured {
  readonly containers: readonly ContainerMetrics[] | null
}

export const containerMetrics = struct(
  'metrics.v1beta1.ContainerMetrics',
  'What a container uses at the moment.',
  {
    name: always(1, string, 'Name of the container.'),
    usage: always(2, mapOf(quantity), 'What was used of each resource, cpu and memory.'),
  },
)
export interface ContainerMetrics extends Stored<typeof containerMetrics> {}

const quantityFormat = { format: 'quantity' }

export const PodMetrics = defineKind({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  plural: 'pods',
  scope: 'Namespaced',
  verbs: ['get', 'list'],
  doc: 'What the containers of a pod use at the moment, for kubectl top and autoscaling.',
  fields: {
    timestamp: always(2, time, 'When the measurement ended.'),
    window: always(3, duration, 'How long the measurement took.'),
    containers: always(
      4,
      listOf(containerMetrics, { listType: 'atomic' }),
      'The containers of the pod.',
    ),
  },
  columns: [
    nameColumn,
    column(
      'cpu',
      'string',
      'Processor time.',
      (pod: Measured) => total(pod, 'cpu'),
      quantityFormat,
    ),
    column(
      'memory',
      'string',
      'Memory in use.',
      (pod: Measured) => total(pod, 'memory'),
      quantityFormat,
    ),
    column('Window', 'string', 'How long was measured.', ({ window }) => window, {
      format: 'duration',
    }),
  ],
})
export interface PodMetrics extends Stored<typeof PodMetrics> {}

function total({ containers }: Measured, resource: string): string {
  const amounts = (containers ?? []).flatMap(({ usage }) => usage?.[resource] ?? [])
  return amounts.reduce((sum, each) => addQuantities(sum, each).text, '0')
}
