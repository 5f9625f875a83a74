/** A cordoned node takes only pods that tolerate it. */
import type { Taint } from '#api/kinds/core/node.ts'
import { toleratesTaint } from '#api/rules/taint-toleration.ts'
import { type Plugin, refusal } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

const NAME = 'NodeUnschedulable'
const cordoned = refusal(NAME, 'node(s) were unschedulable', true)
const taint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

const tolerates = ({ spec }: PodInfo): boolean =>
  spec.tolerations?.some((each) => toleratesTaint(each, taint)) ?? false

export const nodeUnschedulable: Plugin = {
  name: NAME,
  isLocal: true,
  hopes: ['node'],
  filter(pod) {
    if (tolerates(pod)) return undefined
    return { test: ({ node }) => (node.spec.unschedulable ? cordoned : undefined) }
  },
  helps(event, pod) {
    if (event.type === 'self') return tolerates(pod)
    if (event.type !== 'node' || event.node.spec.unschedulable) return false
    return !event.previous || Boolean(event.previous.spec.unschedulable)
  },
}
