/** The ConfigMaps and Secrets that a pod names, wherever in its spec. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { type Reference, referencesOf } from './volumes/set-up.ts'

export type PodReference = Reference

export function referencesOfPod({ spec }: Pod): readonly PodReference[] {
  const containers = [
    ...(spec.containers ?? []),
    ...(spec.initContainers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ]
  const references = [
    ...(spec.imagePullSecrets ?? []).map(({ name }) => secret(name)),
    ...(spec.volumes ?? []).flatMap(referencesOf),
    ...containers.flatMap(({ envFrom = [] }) =>
      envFrom.map(({ configMapRef, secretRef }) =>
        configMapRef ? configMap(configMapRef.name) : secret(secretRef?.name),
      ),
    ),
    ...containers.flatMap(({ env = [] }) =>
      env.map(({ valueFrom }) =>
        valueFrom?.configMapKeyRef
          ? configMap(valueFrom.configMapKeyRef.name)
          : secret(valueFrom?.secretKeyRef?.name),
      ),
    ),
  ]
  const named = references.filter(({ name }) => name !== '')
  return [...new Map(named.map((each) => [`${each.kind}/${each.name}`, each])).values()]
}

const configMap = (name = ''): PodReference => ({ kind: 'ConfigMap', name })
const secret = (name = ''): PodReference => ({ kind: 'Secret', name })
