/** The secrets and config maps that a pod needs, by name, wherever it mentions them. */
import type { Container } from '../../parts/core/container.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { Volume } from '../../parts/core/volume.ts'
import { Path } from '../../problems.ts'
import { eachContainer } from './each-container.ts'

export function secretNames(spec: PodSpec): Set<string> {
  const names = (spec.imagePullSecrets ?? []).map(({ name }) => name)
  for (const { container } of eachContainer(spec, Path.root)) {
    names.push(...secretsOfContainer(container))
  }
  for (const volume of spec.volumes ?? []) names.push(...secretsOfVolume(volume))
  return known(names)
}

export function configMapNames(spec: PodSpec): Set<string> {
  const names: (string | undefined)[] = []
  for (const { container } of eachContainer(spec, Path.root)) {
    for (const { configMapRef } of container.envFrom ?? []) names.push(configMapRef?.name)
    for (const { valueFrom } of container.env ?? []) names.push(valueFrom?.configMapKeyRef?.name)
  }
  for (const { configMap, projected } of spec.volumes ?? []) {
    names.push(configMap?.name)
    for (const source of projected?.sources ?? []) names.push(source.configMap?.name)
  }
  return known(names)
}

function known(names: readonly (string | undefined)[]): Set<string> {
  return new Set(names.filter((name) => name !== undefined && name !== '') as string[])
}

function secretsOfContainer({ envFrom, env }: Container): (string | undefined)[] {
  return [
    ...(envFrom ?? []).map(({ secretRef }) => secretRef?.name),
    ...(env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  ]
}

function secretsOfVolume(volume: Volume): (string | undefined)[] {
  return [
    volume.secret?.secretName,
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef?.name,
    volume.storageos?.secretRef?.name,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
  ]
}
