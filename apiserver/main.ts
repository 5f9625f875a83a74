/** The API server as a process: its flags, and the parts that they choose. */
import { readFile } from 'node:fs/promises'
import { isEndpointIp } from '#api/ip.ts'
import { outwardAddress } from '#daemon/network.ts'
import type { OptionValues } from '#daemon/options.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import { serviceNetwork } from './allocation/service-network.ts'
import type { Authenticator } from './auth/authenticator.ts'
import { allowKnownUsers } from './auth/authorizer.ts'
import { clientCertificates } from './auth/client-certificate.ts'
import { staticTokens, unknownToken } from './auth/static-tokens.ts'
import { flags } from './flags.ts'
import type { TlsFiles } from './listener.ts'
import { openServer } from './open.ts'
import { serverVersion } from './version.ts'

type Flags = OptionValues<typeof flags>

const GRACE_MS = 30_000

await runService({
  name: 'kube-apiserver',
  summary: 'Serves the Kubernetes API and keeps its objects.',
  version: serverVersion,
  options: flags,
  graceMs: GRACE_MS,
  start,
})

async function start(values: Flags, context: ServiceContext): Promise<AsyncDisposable> {
  const { clock, random, log } = context
  const tls = await tlsFiles(values)
  const opened = await openServer({
    directory: values.dataDir,
    serviceNetwork: serviceNetwork(values.serviceClusterIpRange, values.serviceNodePortRange),
    ...advertisedBy(values),
    clock,
    random,
    log,
    authenticators: await authenticators(values),
    authorizer: allowKnownUsers,
    ...(tls && { tls }),
  })
  const address = { host: values.bindAddress, port: values.securePort }
  const port = await opened.server.listen(address)
  log.info('serving', { ...address, port })
  return opened
}

/** A server that nobody can reach from outside advertises nothing. */
function advertisedBy({ advertiseAddress, bindAddress, securePort: port }: Flags) {
  const isAny = ['0.0.0.0', '::'].includes(bindAddress)
  const address = advertiseAddress ?? (isAny ? outwardAddress() : bindAddress)
  const isOutward = address !== undefined && !isEndpointIp(address).length
  return isOutward && port ? { advertised: { address, port } } : {}
}

async function tlsFiles(values: Flags): Promise<TlsFiles | undefined> {
  const { tlsCertFile, tlsPrivateKeyFile, clientCaFile } = values
  if (tlsCertFile === undefined || tlsPrivateKeyFile === undefined) return undefined
  const [cert, key] = await Promise.all([readFile(tlsCertFile), readFile(tlsPrivateKeyFile)])
  return { cert, key, ...(clientCaFile && { clientCa: await readFile(clientCaFile) }) }
}

async function authenticators({ tokenAuthFile }: Flags): Promise<Authenticator[]> {
  const tokens = tokenAuthFile ? [staticTokens(await readFile(tokenAuthFile, 'utf8'))] : []
  return [clientCertificates, ...tokens, unknownToken]
}
