/** Rules about how webhooks are reached, for admission and for conversion alike. */
import { isDnsSubdomain, isPortNumber } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

const desiredForm = '; desired format: https://host[/path]'

interface ServiceReference {
  readonly namespace: string
  readonly name: string
  readonly path?: string
  readonly port?: number
}

export interface WebhookClient {
  readonly url?: string
  readonly service?: ServiceReference
}

/** A webhook has a URL or a service. */
export function validateWebhookClient(
  { url, service }: WebhookClient,
  at: Path,
  problems: Problems,
): void {
  if ((url === undefined) === (service === undefined)) {
    problems.required(at, 'exactly one of url or service is required')
  } else if (url !== undefined) validateWebhookUrl(url, at.child('url'), problems)
  else if (service) validateWebhookService(service, at.child('service'), problems)
}

function validateWebhookUrl(text: string, at: Path, problems: Problems): void {
  const url = splitUrl(text)
  if ('error' in url) {
    const message = `parse ${JSON.stringify(text)}: ${url.error}`
    problems.required(at, `url must be a valid URL: ${message}${desiredForm}`)
    return
  }
  if (url.scheme !== 'https') {
    problems.invalid(at, url.scheme, `'https' is the only allowed URL scheme${desiredForm}`)
  }
  if (!url.host) problems.invalid(at, url.host, `host must be provided${desiredForm}`)
  if (url.user !== undefined) {
    problems.invalid(at, url.user, 'user information is not permitted in the URL')
  }
  if (url.fragment) {
    problems.invalid(at, url.fragment, 'fragments are not permitted in the URL')
  }
  if (url.query) {
    problems.invalid(at, url.query, 'query parameters are not permitted in the URL')
  }
}

function validateWebhookService(service: ServiceReference, at: Path, problems: Problems): void {
  const { name, namespace, path, port = 0 } = service
  if (!name) problems.required(at.child('name'), 'service name is required')
  if (!namespace) problems.required(at.child('namespace'), 'service namespace is required')
  const portProblems = isPortNumber(port)
  if (portProblems.length) {
    problems.invalid(at.child('port'), port, `port is not valid: ${portProblems.join(', ')}`)
  }
  if (path && path !== '/') validateServicePath(path, at.child('path'), problems)
}

function validateServicePath(path: string, at: Path, problems: Problems): void {
  if (path === '//') {
    problems.invalid(at, path, 'segment[0] may not be empty')
    return
  }
  if (!path.startsWith('/')) problems.invalid(at, path, "must start with a '/'")
  const segments = path.slice(1, path.endsWith('/') && path.length > 1 ? -1 : undefined).split('/')
  for (const [position, segment] of segments.entries()) {
    const messages = segment
      ? isDnsSubdomain(segment).map((each) => `: ${each}`)
      : [' may not be empty']
    for (const message of messages) problems.invalid(at, path, `segment[${position}]${message}`)
  }
}

interface UrlParts {
  readonly scheme: string
  readonly user: string | undefined
  readonly host: string
  readonly query: string
  readonly fragment: string
}

/** Takes a URL apart without normalising it, so that problems name what was written. */
function splitUrl(text: string): UrlParts | { readonly error: string } {
  if (hasControlCharacter(text)) return { error: 'net/url: invalid control character in URL' }
  const [beforeFragment, fragment] = cut(text, '#')
  const [beforeQuery, query] = cut(beforeFragment, '?')
  const scheme = /^([a-zA-Z][-a-zA-Z0-9+.]*):/.exec(beforeQuery)?.[1] ?? ''
  if (!scheme && beforeQuery.startsWith(':')) return { error: 'missing protocol scheme' }
  const rest = scheme ? beforeQuery.slice(scheme.length + 1) : beforeQuery
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(`${rest}#${fragment}`)?.[0]
  if (badEscape) return { error: `invalid URL escape ${JSON.stringify(badEscape)}` }
  if (!rest.startsWith('//')) {
    const isRelative = !scheme && /^[^/]*:/.test(rest)
    if (isRelative) return { error: 'first path segment in URL cannot contain colon' }
    return { scheme: scheme.toLowerCase(), user: undefined, host: '', query, fragment }
  }
  const authority = rest.slice(2).split('/', 1)[0]!
  const separator = authority.lastIndexOf('@')
  const user = separator < 0 ? undefined : authority.slice(0, separator)
  const host = authority.slice(separator + 1)
  const port = /:[^\]:]*$/.exec(host)?.[0]
  if (port && !/^:\d*$/.test(port)) {
    return { error: `invalid port ${JSON.stringify(port)} after host` }
  }
  return { scheme: scheme.toLowerCase(), user, host, query, fragment }
}

function cut(text: string, separator: string): [before: string, after: string] {
  const position = text.indexOf(separator)
  return position < 0 ? [text, ''] : [text.slice(0, position), text.slice(position + 1)]
}

function hasControlCharacter(text: string): boolean {
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
