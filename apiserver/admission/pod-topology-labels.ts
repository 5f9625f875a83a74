/** PodTopologyLabels: a pod bears the zone and the region of the node it is bound to. */
import {
  type AdmissionContext,
  type AdmissionPlugin,
  type Attributes,
  isAbout,
  isCreate,
} from './admission.ts'
import { sortedMap } from './sorted-map.ts'

const copied = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone']

export function podTopologyLabels({ store, resources }: AdmissionContext): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    handles: (attributes) =>
      attributes.operation === 'CREATE' &&
      (isBinding(attributes) || (isAbout(attributes, 'pods') && isCreate(attributes))),
    /** A Binding hands its labels on to the pod. */
    mutate(attributes) {
      const nodeName = nodeOf(attributes)
      if (!nodeName) return
      // The store keeps labels beside the bytes: nothing is parsed.
      const node = store.get(resources.find('', 'v1', 'nodes')!.keyOf('', nodeName))
      const labels = node?.labels ?? {}
      const { metadata } = attributes.object!
      const missing = copied.filter(
        (key) => labels[key] !== undefined && metadata.labels?.[key] === undefined,
      )
      if (!missing.length) return
      const added = Object.fromEntries(missing.map((key) => [key, labels[key]!]))
      metadata.labels = sortedMap({ ...metadata.labels, ...added })
    },
  }
}

const isBinding = (attributes: Attributes): boolean =>
  isAbout(attributes, 'bindings') ||
  (isAbout(attributes, 'pods') && attributes.subresource === 'binding')

interface Bound {
  /** Of a Binding. */
  readonly target?: { readonly name?: string }
  /** Of a pod that is made for a node. */
  readonly spec?: { readonly nodeName?: string }
}

function nodeOf(attributes: Attributes): string | undefined {
  const { target, spec } = attributes.object as unknown as Bound
  return isBinding(attributes) ? target?.name : spec?.nodeName
}
