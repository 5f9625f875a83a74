/** RuntimeClass: pods take over what their runtime costs, and where it can be found. */
import { isDeepStrictEqual } from 'node:util'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { RuntimeClass } from '#api/kinds/node/runtime-class.ts'
import { mergeTolerations } from '#api/rules/merge-tolerations.ts'
import {
  type AdmissionContext,
  type AdmissionPlugin,
  type Attributes,
  isAbout,
  isCreate,
} from './admission.ts'
import { refused } from './refusals.ts'
import { sortedMap } from './sorted-map.ts'

const otherOverhead = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
const noOverhead =
  'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'

export function runtimeClass({ cache }: AdmissionContext): AdmissionPlugin {
  const classes = cache.of<RuntimeClass>('runtimeclasses', 'node.k8s.io')
  const classFor = (attributes: Attributes): RuntimeClass | undefined => {
    const { runtimeClassName } = podOf(attributes).spec
    if (runtimeClassName === undefined) return undefined
    const found = classes.get('', runtimeClassName)
    if (found) return found
    const name = JSON.stringify(runtimeClassName)
    throw refused(attributes, `pod rejected: RuntimeClass ${name} not found`)
  }
  return {
    name: 'RuntimeClass',
    handles: (attributes) => isAbout(attributes, 'pods') && isCreate(attributes),
    mutate(attributes) {
      const found = classFor(attributes)
      if (!found) return
      setOverhead(attributes, found)
      setScheduling(attributes, found)
    },
    validate(attributes) {
      const { overhead } = podOf(attributes).spec
      const wanted = classFor(attributes)?.overhead
      if (!wanted) {
        if (overhead !== undefined) throw refused(attributes, noOverhead)
      } else if (!isSame(overhead, wanted.podFixed)) throw refused(attributes, otherOverhead)
    },
  }
}

const podOf = ({ object }: Attributes): Pod => object as unknown as Pod

const isSame = (a: object = {}, b: object = {}): boolean => isDeepStrictEqual(a, b)

function setOverhead(attributes: Attributes, { overhead }: RuntimeClass): void {
  if (!overhead) return
  const { spec } = podOf(attributes)
  if (spec.overhead !== undefined && !isSame(spec.overhead, overhead.podFixed)) {
    throw refused(attributes, otherOverhead)
  }
  if (overhead.podFixed) spec.overhead = { ...overhead.podFixed }
}

function setScheduling(attributes: Attributes, { scheduling }: RuntimeClass): void {
  if (!scheduling) return
  const { spec } = podOf(attributes)
  const { nodeSelector, tolerations } = scheduling
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key]
    if (own === undefined || own === value) continue
    const theirs = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}`
    throw refused(attributes, `conflict: ${theirs}; pod.spec.nodeSelector[${key}] = ${own}`)
  }
  if (nodeSelector) spec.nodeSelector = sortedMap({ ...spec.nodeSelector, ...nodeSelector })
  if (tolerations) {
    spec.tolerations = structuredClone(mergeTolerations(spec.tolerations ?? [], tolerations))
  }
}
