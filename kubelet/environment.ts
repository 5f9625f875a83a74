/** The environment of a container: variables of the spec, of its sources, and of Services. */
import type { ConfigMap } from '#api/kinds/core/config-map.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { Secret } from '#api/kinds/core/secret.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { Container } from '#api/parts/core/container.ts'
import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  FileKeySelector,
  SecretKeySelector,
} from '#api/parts/core/env.ts'
import { ConfigError } from './config-error.ts'
import { variableInFile } from './environment-file.ts'
import { expand } from './expand.ts'
import { fieldOf } from './pod-fields.ts'
import { resourceOf } from './pod-resource-fields.ts'
import { serviceVariables } from './service-variables.ts'

export interface Variable {
  readonly name: string
  readonly value: string
}

/** What environments are made of besides the pod itself; `Sources` is one. */
export interface EnvironmentSources {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>
  secret(namespace: string, name: string): Promise<Secret | undefined>
  /** Of the namespace of the pod, and of that of the API server. */
  services(namespace: string): Promise<readonly Service[]>
  /** What a container has written into a volume of its pod. */
  environmentFile(pod: Pod, volume: string, path: string): Promise<string | undefined>
}

/** What the status of the pod does not say yet when its first container starts. */
export interface EnvironmentFacts {
  readonly podIps: readonly string[]
  readonly hostIps: readonly string[]
  /** Of the node: the limit of whoever has none. */
  readonly allocatable: Readonly<Record<string, string>>
}

/** Throws ConfigError. Variables of the spec win over those of sources, and these over Services. */
export async function environmentOf(
  pod: Pod,
  container: Container,
  sources: EnvironmentSources,
  facts: EnvironmentFacts,
): Promise<readonly Variable[]> {
  const namespace = pod.metadata.namespace!
  const services = await sources.services(namespace)
  const links = serviceVariables(services, namespace, pod.spec.enableServiceLinks ?? true)
  const variables = new Map<string, string>()
  for (const from of container.envFrom ?? []) {
    for (const [key, value] of await entriesFrom(from, namespace, sources)) {
      variables.set(`${from.prefix ?? ''}${key}`, value)
    }
  }
  const known = (name: string): string | undefined => variables.get(name) ?? links.get(name)
  for (const variable of container.env ?? []) {
    const { name, value } = variable
    const found = value
      ? expand(value, known)
      : await valueFrom(variable, { pod, container, sources, facts })
    if (found !== undefined) variables.set(name, found)
  }
  for (const [name, value] of links) if (!variables.has(name)) variables.set(name, value)
  return Array.from(variables, ([name, value]) => ({ name, value }))
}

/** Arguments and commands with their references replaced; throws nothing. */
export function expandAll(
  texts: readonly string[] | undefined,
  environment: readonly Variable[],
): readonly string[] | undefined {
  const values = new Map(environment.map(({ name, value }) => [name, value]))
  return texts?.map((text) => expand(text, (name) => values.get(name)))
}

async function entriesFrom(
  { configMapRef, secretRef }: EnvFromSource,
  namespace: string,
  sources: EnvironmentSources,
): Promise<readonly (readonly [string, string])[]> {
  if (configMapRef) {
    const found = await sources.configMap(namespace, configMapRef.name ?? '')
    if (found) return Object.entries(found.data ?? {})
    if (configMapRef.optional) return []
    throw new ConfigError(`configmap "${configMapRef.name}" not found`)
  }
  if (secretRef) {
    const found = await sources.secret(namespace, secretRef.name ?? '')
    if (found) return Object.entries(found.data ?? {}).map(([key, value]) => [key, decoded(value)])
    if (secretRef.optional) return []
    throw new ConfigError(`secret "${secretRef.name}" not found`)
  }
  return []
}

const decoded = (value: string): string => Buffer.from(value, 'base64').toString()

interface Context {
  readonly pod: Pod
  readonly container: Container
  readonly sources: EnvironmentSources
  readonly facts: EnvironmentFacts
}

/** Undefined where an optional source has nothing: the variable is not set then. */
async function valueFrom(variable: EnvVar, context: Context): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } =
    variable.valueFrom ?? {}
  const { pod, container, facts } = context
  if (fieldRef) return explained(() => fieldOf(pod, fieldRef.fieldPath, facts))
  if (resourceFieldRef) {
    return explained(() => resourceOf(resourceFieldRef, pod, container, facts.allocatable))
  }
  if (configMapKeyRef) return configMapValue(configMapKeyRef, context)
  if (secretKeyRef) return secretValue(secretKeyRef, context)
  if (fileKeyRef) return fileValue(fileKeyRef, context)
  return ''
}

function explained(read: () => string): string {
  try {
    return read()
  } catch (error) {
    throw new ConfigError((error as Error).message)
  }
}

async function configMapValue(
  { name = '', key, optional }: ConfigMapKeySelector,
  { pod, sources }: Context,
): Promise<string | undefined> {
  const namespace = pod.metadata.namespace!
  const found = await sources.configMap(namespace, name)
  const value = found?.data?.[key]
  if (value !== undefined || optional) return value
  if (!found) throw new ConfigError(`configmap "${name}" not found`)
  throw new ConfigError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`)
}

async function secretValue(
  { name = '', key, optional }: SecretKeySelector,
  { pod, sources }: Context,
): Promise<string | undefined> {
  const namespace = pod.metadata.namespace!
  const found = await sources.secret(namespace, name)
  const value = found?.data?.[key]
  if (value !== undefined) return decoded(value)
  if (optional) return undefined
  if (!found) throw new ConfigError(`secret "${name}" not found`)
  throw new ConfigError(`couldn't find key ${key} in Secret ${namespace}/${name}`)
}

async function fileValue(
  { volumeName, path, key, optional }: FileKeySelector,
  { pod, sources }: Context,
): Promise<string | undefined> {
  const text = await sources.environmentFile(pod, volumeName, path)
  const value = text === undefined ? undefined : variableInFile(text, key)
  if (value !== undefined || optional) return value
  if (text === undefined) throw new ConfigError("couldn't parse env file")
  throw new ConfigError(`environment variable key "${key}" not found in file "${path}"`)
}
