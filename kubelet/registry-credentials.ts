/** Finds who to be to a registry, in the configuration of Docker that pull secrets hold. */
import type { Secret } from '#api/kinds/core/secret.ts'
import { parseImageReference } from '#api/rules/image-reference.ts'
import type { RegistryCredentials } from './runtime.ts'

interface Entry {
  readonly username?: string
  readonly password?: string
  /** Both, with a colon between, in base64. */
  readonly auth?: string
}

/** The most specific registries first; what cannot be read counts as absent, as upstream has it. */
export function credentialsFor(
  image: string,
  secrets: readonly Secret[],
): readonly RegistryCredentials[] {
  const reference = parseImageReference(image)
  if (!reference) return []
  const { domain, path } = reference
  const found = secrets
    .flatMap((secret) => Object.entries(entriesOf(secret)))
    .filter(([registry]) => isFor(registry, domain, path))
    .toSorted(([a], [b]) => b.length - a.length)
  return found.flatMap(([, entry]) => credentialsOf(entry) ?? [])
}

function entriesOf({ type, data }: Secret): Readonly<Record<string, Entry>> {
  try {
    if (type === 'kubernetes.io/dockerconfigjson') {
      return JSON.parse(decoded(data?.['.dockerconfigjson'])).auths ?? {}
    }
    if (type === 'kubernetes.io/dockercfg') return JSON.parse(decoded(data?.['.dockercfg']))
  } catch {
    return {}
  }
  return {}
}

const decoded = (text = ''): string => Buffer.from(text, 'base64').toString()

function credentialsOf({ username, password, auth }: Entry): RegistryCredentials | undefined {
  if (username) return { username, password: password ?? '' }
  const text = decoded(auth)
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Hosts may have `*` for any part of a name; a path has to be the beginning of the image's. */
function isFor(registry: string, domain: string, path: string): boolean {
  const [host = '', ...folders] = registry.replace(/^https?:\/\//, '').split('/')
  const isHub = ['index.docker.io', 'docker.io', 'registry-1.docker.io'].includes(host)
  const isHost = isHub ? domain === 'docker.io' : hostMatches(host, domain)
  if (!isHost) return false
  const wanted = folders.filter(
    (folder, at) => folder !== '' && !(at === 0 && /^v[12]$/.test(folder)),
  )
  const prefix = wanted.join('/')
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`)
}

function hostMatches(pattern: string, host: string): boolean {
  const [wanted, given] = [pattern.split('.'), host.split('.')]
  if (wanted.length !== given.length) return false
  return wanted.every((part, at) => {
    if (!part.includes('*')) return part === given[at]
    const escaped = part.split('*').map((text) => text.replace(/[\\^$+?.()|[\]{}]/g, '\\$&'))
    return new RegExp(`^${escaped.join('.*')}$`).test(given[at]!)
  })
}
