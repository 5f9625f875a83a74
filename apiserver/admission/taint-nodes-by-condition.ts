/** TaintNodesByCondition: a new node takes no pods until it is found to be ready. */
import type { Node } from '#api/kinds/core/node.ts'
import { type AdmissionPlugin, isAbout, isCreate } from './admission.ts'

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const

export const taintNodesByCondition = (): AdmissionPlugin => ({
  name: 'TaintNodesByCondition',
  handles: (attributes) => isAbout(attributes, 'nodes') && isCreate(attributes),
  mutate({ object }) {
    const { spec } = object as unknown as Node
    const taints = spec.taints ?? []
    const has = taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)
    if (!has) spec.taints = [...taints, { ...notReady }]
  },
})
