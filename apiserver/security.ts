/** What the flags say about keys, certificates and credentials, and what stands in for the rest. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { dnsSubdomainName } from '#api/names.ts'
import { hostName } from '#daemon/network.ts'
import type { ServiceContext } from '#daemon/service.ts'
import { firstServiceIp, type ServiceNetwork } from './allocation/service-network.ts'
import { authoritiesOf, type CredentialSettings } from './auth/credentials.ts'
import { signingKey, verificationKeys } from './auth/service-accounts/keys.ts'
import type { TokenSettings } from './auth/service-accounts/token-authority.ts'
import type { Flags } from './flags.ts'
import { isLoopback } from './insecure-address.ts'
import type { TlsFiles } from './listener.ts'
import type { Settings } from './open.ts'
import { followPair, type PairFiles, readPair } from './pki/given-pair.ts'
import { type KeyPair, Pki } from './pki/pki.ts'
import { keepRenewed } from './pki/rotation.ts'
import type { ApiServer } from './server.ts'
import { kubeletsBy } from './streams/kubelet-flags.ts'

export interface Security {
  readonly settings: Pick<Settings, 'anonymous' | 'credentials' | 'kubelets' | 'tls'>
  /** Gives the server new certificates before the old ones expire. */
  keepRenewed(server: ApiServer): Disposable
  /** Tells the first users of the cluster where it is. */
  writeKubeconfigs(bindAddress: string, port: number): Promise<void>
}

/** What every cluster calls its server. */
const clusterNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]
const loopbackAddresses = ['127.0.0.1', '::1']
const anyAddresses = ['0.0.0.0', '::']
const DEFAULT_HOST = 'kubernetes.default.svc.cluster.local'
const SECOND_MS = 1000

export async function openSecurity(
  flags: Flags,
  network: ServiceNetwork,
  advertised: string | undefined,
  { clock, random, log }: Pick<ServiceContext, 'clock' | 'random' | 'log'>,
): Promise<Security> {
  const pki = await Pki.open({
    directory: flags.certDir ?? path.join(flags.dataDir, 'pki'),
    names: servingNames(flags, network, advertised),
    clock,
    random,
    log,
  })
  const credentials = await credentialSettings(flags, pki, advertised)
  const clientCa = authoritiesOf(credentials)
  const files = givenFiles(flags)
  const pair = files ? await readPair(files) : pki.serving
  const tls: TlsFiles = { ...pair, clientCa }
  const isOwn = !files && flags.clientCaFile === undefined
  return {
    settings: {
      anonymous: flags.anonymousAuth,
      credentials,
      kubelets: await kubeletsBy(flags, kubeletSettings(pki)),
      tls,
    },
    keepRenewed(server) {
      const kept = new DisposableStack()
      const use = (serving: KeyPair): void => server.useCertificate({ ...serving, clientCa })
      if (files) kept.use(followPair(files, pair, log, use))
      kept.use(keepRenewed(pki, { clock, log }, (serving) => files || use(serving)))
      return kept
    },
    async writeKubeconfigs(bindAddress, port) {
      // With certificates of somebody else, ours are of no use to anybody.
      if (isOwn) await pki.writeKubeconfigs(`https://${clientHost(bindAddress)}:${port}`)
    },
  }
}

function servingNames(
  { bindAddress }: Flags,
  { ranges }: ServiceNetwork,
  advertised: string | undefined,
): string[] {
  const host = hostName().toLowerCase()
  const given = bindAddress.filter((each) => !anyAddresses.includes(each))
  const names = [
    ...clusterNames,
    ...(dnsSubdomainName(host).length ? [] : [host]),
    ...loopbackAddresses,
    ...ranges.map(firstServiceIp),
    ...(advertised === undefined ? [] : [advertised]),
    ...given,
  ]
  return [...new Set(names)]
}

/** Names rather than addresses, since addresses change. */
function clientHost(bindAddress: string): string {
  if (anyAddresses.includes(bindAddress) || isLoopback(bindAddress)) return 'localhost'
  return bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress
}

function givenFiles({ tlsCertFile, tlsPrivateKeyFile }: Flags): PairFiles | undefined {
  if (tlsCertFile === undefined && tlsPrivateKeyFile === undefined) return undefined
  if (tlsCertFile === undefined || tlsPrivateKeyFile === undefined) {
    throw new Error('serve HTTPS: --tls-cert-file and --tls-private-key-file belong together')
  }
  return { cert: tlsCertFile, key: tlsPrivateKeyFile }
}

/** Read anew for each connection, so that a renewed certificate is used at once. */
const kubeletSettings = (pki: Pki) => ({
  get clientCertificate() {
    return pki.kubeletClient.cert
  },
  get clientKey() {
    return pki.kubeletClient.key
  },
})

async function credentialSettings(
  flags: Flags,
  pki: Pki,
  advertised: string | undefined,
): Promise<CredentialSettings> {
  const { clientCaFile, requestheaderClientCaFile: proxyCaFile, tokenAuthFile } = flags
  const address = advertised ?? DEFAULT_HOST
  const host = address.includes(':') ? `[${address}]` : address
  const ownProxies = ['front-proxy-client']
  const allowedNames = flags.requestheaderAllowedNames
  return {
    clientCa: clientCaFile === undefined ? pki.authority('ca') : await read(clientCaFile),
    frontProxy: {
      ca: proxyCaFile === undefined ? pki.authority('front-proxy-ca') : await read(proxyCaFile),
      allowedNames: proxyCaFile === undefined && !allowedNames.length ? ownProxies : allowedNames,
      usernameHeaders: flags.requestheaderUsernameHeaders,
      uidHeaders: flags.requestheaderUidHeaders,
      groupHeaders: flags.requestheaderGroupHeaders,
      extraHeaderPrefixes: flags.requestheaderExtraHeadersPrefix,
    },
    ...(tokenAuthFile !== undefined && { staticTokens: await read(tokenAuthFile) }),
    bootstrapTokens: flags.enableBootstrapTokenAuth,
    unsecured: flags.insecureBindAddress !== undefined,
    serviceAccounts: await tokenSettings(flags, pki),
    keysUrl: flags.serviceAccountJwksUri ?? `https://${host}:${flags.securePort}/openid/v1/jwks`,
  }
}

async function tokenSettings(flags: Flags, pki: Pki): Promise<TokenSettings> {
  const { serviceAccountSigningKeyFile: file, serviceAccountKeyFile: files } = flags
  const text = file === undefined ? pki.serviceAccountKey : await read(file)
  const texts = [text, ...(await Promise.all(files.map(read)))]
  const keys = texts.flatMap(verificationKeys)
  const issuers = flags.serviceAccountIssuer
  const most = flags.serviceAccountMaxTokenExpiration / SECOND_MS
  return {
    issuers,
    signingKey: signingKey(text),
    // The same key may be named twice, as public and as private one.
    keys: keys.filter(({ id }, at) => keys.findIndex((each) => each.id === id) === at),
    audiences: flags.apiAudiences.length ? flags.apiAudiences : issuers,
    ...(most > 0 && { maxExpirationSeconds: most }),
    extendExpiration: flags.serviceAccountExtendTokenExpiration,
  }
}

const read = (file: string): Promise<string> => readFile(file, 'utf8')
