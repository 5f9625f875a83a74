/** The credentials that a server accepts, put together from its settings. */
import { X509Certificate } from 'node:crypto'
import { pemBlocks } from '#api/rules/pem.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { ResourceTable } from '../resources.ts'
import type { Store } from '../store/store.ts'
import type { Authenticator, TokenAuthenticator } from './authenticator.ts'
import { bearerTokens } from './bearer-tokens.ts'
import { bootstrapTokens } from './bootstrap-tokens.ts'
import { clientCertificates } from './client-certificate.ts'
import { type FrontProxySettings, frontProxy } from './front-proxy.ts'
import { PeerCertificates } from './peer-certificate.ts'
import { LastUse } from './service-accounts/last-use.ts'
import { TokenAuthority, type TokenSettings } from './service-accounts/token-authority.ts'
import { staticTokens } from './static-tokens.ts'
import { TokenMethods } from './token-methods.ts'
import { unsecuredCallers } from './unsecured.ts'

export interface CredentialSettings {
  /** The authorities of client certificates, as PEM. */
  readonly clientCa?: string
  /** Those of proxies, and what proxies may say. */
  readonly frontProxy?: FrontProxySettings & { readonly ca: string }
  /** The text of the token file. */
  readonly staticTokens?: string
  readonly bootstrapTokens: boolean
  /** Whether those who come without TLS and without a token may do everything. */
  readonly unsecured?: boolean
  readonly serviceAccounts: TokenSettings
  /** Where others find the keys of service-account tokens. */
  readonly keysUrl: string
}

export interface CredentialParts {
  readonly store: Store
  readonly resources: ResourceTable
  readonly clock: Clock
  readonly log: Log
}

export interface Credentials {
  /** In the order in which they are asked. */
  readonly authenticators: readonly Authenticator[]
  readonly tokens: TokenMethods
  readonly serviceAccounts: TokenAuthority
  readonly keysUrl: string
}

export function openCredentials(settings: CredentialSettings, parts: CredentialParts): Credentials {
  const { clock } = parts
  const { audiences } = settings.serviceAccounts
  const lastUse = new LastUse(parts)
  const serviceAccounts = new TokenAuthority(settings.serviceAccounts, {
    ...parts,
    usedSecret: (namespace, name) => lastUse.note(namespace, name),
  })
  const methods: TokenAuthenticator[] = [serviceAccounts]
  if (settings.staticTokens !== undefined) {
    methods.unshift(staticTokens(settings.staticTokens, audiences))
  }
  if (settings.bootstrapTokens) methods.push(bootstrapTokens(parts, audiences))
  const tokens = new TokenMethods(methods, audiences)
  const authenticators: Authenticator[] = []
  if (settings.frontProxy) {
    const { ca, ...proxy } = settings.frontProxy
    authenticators.push(frontProxy(proxy, new PeerCertificates(certificatesIn(ca)), clock))
  }
  if (settings.clientCa !== undefined) {
    const certificates = new PeerCertificates(certificatesIn(settings.clientCa))
    authenticators.push(clientCertificates(certificates, clock))
  }
  authenticators.push(bearerTokens(tokens))
  if (settings.unsecured) authenticators.push(unsecuredCallers)
  return { authenticators, tokens, serviceAccounts, keysUrl: settings.keysUrl }
}

/** Every authority that the listener must know to judge chains. */
export const authoritiesOf = ({ clientCa, frontProxy: proxy }: CredentialSettings): string[] =>
  [clientCa, proxy?.ca].filter((each) => each !== undefined)

function certificatesIn(text: string): X509Certificate[] {
  const blocks = pemBlocks(text).filter(({ type }) => type === 'CERTIFICATE')
  if (!blocks.length) throw new Error('read authorities: no certificate found, wanted PEM')
  return blocks.map(({ bytes }) => new X509Certificate(bytes))
}
