/** Image references: `registry/path:tag@digest`, read as the registries of Docker and OCI do. */

export interface ImageReference {
  /** `docker.io` unless given. */
  readonly domain: string
  /** With `library/` in front where Docker Hub needs it. */
  readonly path: string
  /** Empty when a digest stands in its place; otherwise `latest` unless given. */
  readonly tag: string
  /** Such as `sha256:…`; empty unless given. */
  readonly digest: string
}

const NAME_MAX_LENGTH = 255
const ID_LENGTH = 64
/** Longer ones are no references, and patterns need not find that out. */
const MAX_LENGTH = 1024

const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+|\/)[a-z0-9]+)*$/
const label = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)'
const domainPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const idPattern = /^[a-f0-9]{64}$/

/** Undefined for texts that no registry would understand. */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > MAX_LENGTH) return undefined
  if (text.length === ID_LENGTH && idPattern.test(text)) return undefined
  const [rest, digest] = splitAt(text, text.indexOf('@'))
  if (digest !== undefined && !digestPattern.test(digest)) return undefined
  const colon = rest.lastIndexOf(':')
  const [name, tag] = splitAt(rest, colon > rest.lastIndexOf('/') ? colon : -1)
  if (tag !== undefined && !tagPattern.test(tag)) return undefined
  const { domain, path } = splitDomain(name)
  if (!pathPattern.test(path) || !domainPattern.test(domain)) return undefined
  if (domain.length + path.length + 1 > NAME_MAX_LENGTH) return undefined
  return { domain, path, tag: tag ?? (digest ? '' : 'latest'), digest: digest ?? '' }
}

/** `Always` for the tag that moves, latest; what is no reference counts as fixed. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return parseImageReference(image)?.tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function splitAt(text: string, at: number): readonly [before: string, after?: string] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** The first part is a host when it looks like one; otherwise the image is one of Docker Hub. */
function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isHost = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first
  const domain = slash > 0 && isHost ? first : 'docker.io'
  const path = slash > 0 && isHost ? name.slice(slash + 1) : name
  if (domain !== 'docker.io' && domain !== 'index.docker.io') return { domain, path }
  return { domain: 'docker.io', path: path.includes('/') ? path : `library/${path}` }
}
