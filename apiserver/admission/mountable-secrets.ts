/** Whether a pod uses only the secrets that its account lists, for accounts that insist on it. */
import type { ServiceAccount } from '#api/kinds/core/service-account.ts'
import type { Container } from '#api/parts/core/container.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'

/** The first use of a secret that is not the account's. */
export function secretProblem(account: ServiceAccount, spec: PodSpec): string | undefined {
  const allowed = namesOf(account.secrets)
  const { name } = account.metadata
  for (const { secret } of spec.volumes ?? []) {
    if (!secret || allowed.has(secret.secretName ?? '')) continue
    return `volume with ${unlisted(secret.secretName ?? '', name)}`
  }
  return (
    containerProblem('init container', spec.initContainers, allowed, name) ??
    containerProblem('container', spec.containers, allowed, name) ??
    pullProblem(account, spec)
  )
}

/** What ephemeral containers add to a running pod. */
export function ephemeralSecretProblem(
  account: ServiceAccount,
  { ephemeralContainers }: PodSpec,
): string | undefined {
  const allowed = namesOf(account.secrets)
  const { name } = account.metadata
  return containerProblem('ephemeral container', ephemeralContainers, allowed, name)
}

const namesOf = (references: readonly { readonly name?: string }[] | undefined): Set<string> =>
  new Set((references ?? []).flatMap(({ name }) => name ?? []))

const unlisted = (secret: string, account: string): string =>
  `secret.secretName="${secret}" is not allowed because ` +
  `service account ${account} does not reference that secret`

function containerProblem(
  title: string,
  containers: readonly Container[] | null | undefined,
  allowed: ReadonlySet<string>,
  account: string,
): string | undefined {
  for (const { name, env } of containers ?? []) {
    for (const variable of env ?? []) {
      const secret = variable.valueFrom?.secretKeyRef?.name
      if (secret === undefined || allowed.has(secret)) continue
      const place = `${title} ${name} with envVar ${variable.name} referencing`
      return `${place} ${unlisted(secret, account)}`
    }
  }
  return undefined
}

function pullProblem(account: ServiceAccount, spec: PodSpec): string | undefined {
  const allowed = namesOf(account.imagePullSecrets)
  const references = spec.imagePullSecrets ?? []
  const position = references.findIndex(({ name = '' }) => !allowed.has(name))
  if (position < 0) return undefined
  return (
    `imagePullSecrets[${position}].name="${references[position]!.name ?? ''}" is not allowed ` +
    `because service account ${account.metadata.name} does not reference that imagePullSecret`
  )
}
