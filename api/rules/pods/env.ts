/** Rules about the environment variables of containers. */
import { dnsSubdomainName, isConfigMapKey, isEnvVarName } from '../../names.ts'
import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  SecretKeySelector,
} from '../../parts/core/env.ts'
import type { Path, Problems } from '../../problems.ts'
import { checkFieldSelector, checkResourceSelector, fieldsForEnv } from '../downward-api.ts'
import { checkDescendingPath } from '../local-path.ts'
import { checkDnsLabel, report } from './checks.ts'

export function validateEnv(
  variables: readonly EnvVar[] | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [position, variable] of (variables ?? []).entries()) {
    const place = at.index(position)
    if (!variable.name) problems.required(place.child('name'))
    else report(isEnvVarName(variable.name), variable.name, place.child('name'), problems)
    if (variable.valueFrom) validateSource(variable, place.child('valueFrom'), problems)
  }
}

function validateSource({ value, valueFrom = {} }: EnvVar, at: Path, problems: Problems): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
  if (fieldRef) checkFieldSelector(fieldRef, fieldsForEnv, at.child('fieldRef'), problems)
  if (resourceFieldRef) {
    checkResourceSelector(resourceFieldRef, false, at.child('resourceFieldRef'), problems)
  }
  if (configMapKeyRef) validateKeySelector(configMapKeyRef, at.child('configMapKeyRef'), problems)
  if (secretKeyRef) validateKeySelector(secretKeyRef, at.child('secretKeyRef'), problems)
  if (fileKeyRef) validateFileKey(fileKeyRef, at.child('fileKeyRef'), problems)
  const sources = countOfSources(valueFrom)
  if (!sources) {
    const words =
      '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    problems.invalid(at, '', `must specify one of: ${words}`)
  } else if (value) problems.invalid(at, '', 'may not be specified when `value` is not empty')
  else if (sources > 1) {
    problems.invalid(at, '', 'may not have more than one field specified at a time')
  }
}

function countOfSources(source: EnvVarSource): number {
  return Object.values(source).filter((each) => each !== undefined && each !== null).length
}

function validateKeySelector(
  { name, key }: ConfigMapKeySelector | SecretKeySelector,
  at: Path,
  problems: Problems,
): void {
  report(dnsSubdomainName(name ?? ''), name ?? '', at.child('name'), problems)
  if (!key) problems.required(at.child('key'))
  else report(isConfigMapKey(key), key, at.child('key'), problems)
}

function validateFileKey(selector: FileKeySelector, at: Path, problems: Problems): void {
  const { volumeName, path, key } = selector
  if (!volumeName) problems.required(at.child('volumeName'))
  else checkDnsLabel(volumeName, at.child('volumeName'), problems)
  if (!path) problems.required(at.child('path'))
  else checkDescendingPath(path, at.child('path'), problems)
  if (!key) problems.required(at.child('key'))
  else report(isEnvVarName(key), key, at.child('key'), problems)
}

export function validateEnvFrom(
  sources: readonly EnvFromSource[] | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [position, { prefix, configMapRef, secretRef }] of (sources ?? []).entries()) {
    const place = at.index(position)
    if (prefix) report(isEnvVarName(prefix), prefix, place.child('prefix'), problems)
    if (configMapRef) validateSourceName(configMapRef, place.child('configMapRef'), problems)
    if (secretRef) validateSourceName(secretRef, place.child('secretRef'), problems)
    if (!configMapRef && !secretRef) {
      problems.invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`')
    } else if (configMapRef && secretRef) {
      problems.invalid(at, '', 'may not have more than one field specified at a time')
    }
  }
}

function validateSourceName({ name }: { name?: string }, at: Path, problems: Problems): void {
  const place = at.child('name')
  if (!name) problems.required(place)
  else report(dnsSubdomainName(name, true), name, place, problems)
}
