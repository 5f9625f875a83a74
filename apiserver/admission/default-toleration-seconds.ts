/** DefaultTolerationSeconds: pods stay a while on a node that is not ready or out of reach. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Toleration } from '#api/parts/core/pod-scheduling.ts'
import { type AdmissionContext, type AdmissionPlugin, isAbout } from './admission.ts'

export function defaultTolerationSeconds({ tolerationSeconds }: AdmissionContext): AdmissionPlugin {
  const wanted = [
    toleration('node.kubernetes.io/not-ready', tolerationSeconds.notReady),
    toleration('node.kubernetes.io/unreachable', tolerationSeconds.unreachable),
  ]
  return {
    name: 'DefaultTolerationSeconds',
    handles: (attributes) =>
      isAbout(attributes, 'pods') &&
      attributes.subresource === '' &&
      (attributes.operation === 'CREATE' || attributes.operation === 'UPDATE'),
    mutate({ object }) {
      const { spec } = object as unknown as Pod
      const present = spec.tolerations ?? []
      const missing = wanted.filter(({ key }) => !present.some((each) => covers(each, key)))
      if (missing.length) spec.tolerations = [...present, ...missing.map((each) => ({ ...each }))]
    },
  }
}

const toleration = (key: string, tolerationSeconds: number) =>
  ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }) as const

/** Without a key it is about all taints, without an effect about all effects. */
const covers = ({ key, effect }: Toleration, wanted: string): boolean =>
  (key === wanted || !key) && (effect === 'NoExecute' || !effect)
