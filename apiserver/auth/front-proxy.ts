/**
 * A proxy in front of the server that says in headers who the caller is. It is believed when it
 * shows a certificate of an authority that is there for nothing else; from anybody else such
 * headers are only noise.
 */
import type { IncomingMessage } from 'node:http'
import type { Clock } from '#daemon/clock.ts'
import { type Authenticator, CredentialError } from './authenticator.ts'
import { extraKey, headerTexts } from './header-texts.ts'
import type { PeerCertificates } from './peer-certificate.ts'

export interface FrontProxySettings {
  /** Common names that a proxy may have; any unless given. */
  readonly allowedNames: readonly string[]
  readonly usernameHeaders: readonly string[]
  readonly uidHeaders: readonly string[]
  readonly groupHeaders: readonly string[]
  readonly extraHeaderPrefixes: readonly string[]
}

export function frontProxy(
  settings: FrontProxySettings,
  certificates: PeerCertificates,
  clock: Clock,
): Authenticator {
  return {
    authenticate(request) {
      const name = firstText(request, settings.usernameHeaders)
      if (!name) return undefined
      const peer = certificates.peer(request, clock.now())
      if (!peer) return undefined
      checkName(peer.commonName, settings.allowedNames)
      const uid = firstText(request, settings.uidHeaders)
      const groups = settings.groupHeaders.flatMap((each) => headerTexts(request, each))
      const extra = extraOf(request, settings.extraHeaderPrefixes)
      clear(request, settings)
      return {
        name,
        ...(uid && { uid }),
        groups: groups.filter(Boolean),
        ...(Object.keys(extra).length > 0 && { extra }),
      }
    },
  }
}

function checkName(name: string, allowed: readonly string[]): void {
  if (!allowed.length || allowed.includes(name)) return
  throw new CredentialError(`x509: subject with cn=${name} is not in the allowed list`)
}

function firstText(request: IncomingMessage, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = headerTexts(request, name)[0]
    if (text) return text
  }
  return undefined
}

function extraOf(
  request: IncomingMessage,
  prefixes: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const extra = new Map<string, string[]>()
  for (const prefix of prefixes.map((each) => each.toLowerCase())) {
    for (const name of Object.keys(request.headersDistinct)) {
      if (!name.startsWith(prefix)) continue
      const key = extraKey(name.slice(prefix.length))
      extra.set(key, [...(extra.get(key) ?? []), ...headerTexts(request, name)])
    }
  }
  return Object.fromEntries(extra)
}

/** Whoever the request is passed on to must not take them for its own. */
function clear({ headers }: IncomingMessage, settings: FrontProxySettings): void {
  const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = settings
  const names = [...usernameHeaders, ...uidHeaders, ...groupHeaders].map((each) =>
    each.toLowerCase(),
  )
  const prefixes = extraHeaderPrefixes.map((each) => each.toLowerCase())
  for (const name of Object.keys(headers)) {
    if (names.includes(name) || prefixes.some((each) => name.startsWith(each))) delete headers[name]
  }
}
