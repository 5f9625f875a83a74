/** The API server as a process: its flags, and the parts that they choose. */
import { isEndpointIp } from '#api/ip.ts'
import { outwardAddress } from '#daemon/network.ts'
import { runService, type ServiceContext } from '#daemon/service.ts'
import type { AdmissionSettings } from './admission/open-admission.ts'
import { serviceNetwork } from './allocation/service-network.ts'
import { checkedModes } from './auth/authorization.ts'
import { type Flags, flags } from './flags.ts'
import { checkInsecureAddress } from './insecure-address.ts'
import { openServer } from './open.ts'
import { disabledVersions } from './runtime-config.ts'
import { openSecurity } from './security.ts'
import { servingBy } from './serving-flags.ts'
import { serverVersion } from './version.ts'

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
  checkInsecureAddress(values)
  await using started = new AsyncDisposableStack()
  const network = serviceNetwork(values.serviceClusterIpRange, values.serviceNodePortRange)
  const advertised = advertisedBy(values)
  const security = await openSecurity(values, network, advertised?.address, context)
  const { server } = started.use(
    await openServer({
      directory: values.dataDir,
      serviceNetwork: network,
      ...(advertised && { advertised }),
      clock,
      random,
      log,
      authorization: checkedModes(values.authorizationMode),
      admission: admissionBy(values),
      disabledVersions: disabledVersions(values.runtimeConfig),
      ...servingBy(values),
      ...security.settings,
    }),
  )
  started.use(security.keepRenewed(server))
  const [host, ...more] = values.bindAddress
  if (host === undefined) throw new Error('--bind-address is empty, wanted an address')
  const port = await server.listen({ host, port: values.securePort })
  for (const each of more) await server.listen({ host: each, port })
  await security.writeKubeconfigs(host, port)
  log.info('serving', { hosts: values.bindAddress, port })
  const { insecureBindAddress, insecurePort } = values
  if (insecureBindAddress !== undefined) {
    const address = { host: insecureBindAddress, port: insecurePort }
    const served = await server.listenInsecurely(address)
    log.warn('serving without TLS', { ...address, port: served })
  }
  const parts = started.move()
  return { [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** A server that nobody can reach from outside advertises nothing. */
function advertisedBy({ advertiseAddress, bindAddress, securePort: port }: Flags) {
  const isAny = bindAddress.some((each) => ['0.0.0.0', '::'].includes(each))
  const address = advertiseAddress ?? (isAny ? outwardAddress() : bindAddress.at(-1))
  const isOutward = address !== undefined && !isEndpointIp(address).length
  return isOutward && port ? { address, port } : undefined
}

function admissionBy(values: Flags): AdmissionSettings {
  return {
    enable: values.enableAdmissionPlugins,
    disable: values.disableAdmissionPlugins,
    tolerationSeconds: {
      notReady: values.defaultNotReadyTolerationSeconds,
      unreachable: values.defaultUnreachableTolerationSeconds,
    },
  }
}
