/** Puts an API server together: the store, the table of resources, what every cluster has. */
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { type AdmissionSettings, openAdmission } from './admission/open-admission.ts'
import { type ServiceNetwork, serviceNetwork } from './allocation/service-network.ts'
import type { Authenticator } from './auth/authenticator.ts'
import { type AuthorizationMode, defaultModes, openAuthorization } from './auth/authorization.ts'
import type { Authorizer } from './auth/authorizer.ts'
import { type CredentialSettings, openCredentials } from './auth/credentials.ts'
import { KeptService } from './bootstrap/kept-service.ts'
import type { Advertised } from './bootstrap/kubernetes-service.ts'
import { bootstrap } from './bootstrap.ts'
import { builtInResources } from './built-in-resources.ts'
import { CustomResources } from './custom-resources/custom-resources.ts'
import { NodeUsage } from './metrics-api/node-usage.ts'
import type { ServerParts } from './request-context.ts'
import { serverHealth } from './routes/health.ts'
import { ApiServer, type ServerOptions } from './server.ts'
import { ServerMetrics } from './server-metrics.ts'
import { type Disk, systemDisk } from './store/file/disk.ts'
import { openFileStore } from './store/file/open-file-store.ts'
import { type KubeletSettings, Kubelets } from './streams/kubelets.ts'

export interface Settings extends Omit<ServerOptions, 'parts' | 'authentication'> {
  /** Where the store keeps its files. */
  readonly directory: string
  readonly credentials: CredentialSettings
  /** Asked before the credentials are looked at. */
  readonly authenticators?: readonly Authenticator[]
  /** Whether callers without credentials are let through to authorisation; true unless given. */
  readonly anonymous?: boolean
  /** Asked in this order whether a request is allowed; Node and RBAC unless given. */
  readonly authorization?: readonly AuthorizationMode[]
  /** In place of all of them. */
  readonly authorizer?: Authorizer
  /** The usual plugins unless given. */
  readonly admission?: AdmissionSettings
  readonly disk?: Disk
  /** Where Services get their addresses and ports; the usual ranges unless given. */
  readonly serviceNetwork?: ServiceNetwork
  /** Where pods reach this server; unless given, they find a Service with nothing behind it. */
  readonly advertised?: Advertised
  /** Built-in versions of APIs that are not served, such as `metrics.k8s.io/v1beta1`. */
  readonly disabledVersions?: ReadonlySet<string>
  /** How to reach kubelets: over TLS, without a certificate of our own, unless given. */
  readonly kubelets?: KubeletSettings
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface OpenServer extends AsyncDisposable {
  readonly server: ApiServer
  readonly parts: ServerParts
}

const usualNetwork = serviceNetwork('10.96.0.0/16', '30000-32767')

/** Where a store is to which nothing has been written. */
const EMPTY_REVISION = 1

/** Not listening yet. What is opened first is closed last, so that no request misses its store. */
export async function openServer(settings: Settings): Promise<OpenServer> {
  const { directory, disk = systemDisk, authorization, clock, random, log, ...options } = settings
  await using opened = new AsyncDisposableStack()
  const warn = (message: string, fields: Readonly<Record<string, unknown>>): void =>
    log.warn(message, fields)
  const store = opened.use(await openFileStore({ directory, disk, clock, random, warn }))
  const resources = builtInResources(settings.disabledVersions)
  const authorizer =
    settings.authorizer ??
    opened.use(openAuthorization(authorization ?? defaultModes, { store, resources })).authorizer
  const credentials = openCredentials(settings.credentials, { store, resources, clock, log })
  const inner = { store, resources, authorizer, clock, random, log }
  const { admission } = opened.use(openAdmission(inner, settings.admission))
  let server: ApiServer | undefined
  const health = serverHealth(
    { clock, log },
    { store, isBootstrapped: () => server !== undefined, isStopping: () => server!.isStopping },
  )
  const kubelets = new Kubelets(settings.kubelets)
  const parts: ServerParts = {
    store,
    resources,
    admission,
    credentials,
    authorizer,
    serviceNetwork: settings.serviceNetwork ?? usualNetwork,
    kubelets,
    usage: new NodeUsage({ kubelets, clock, log }),
    clock,
    random,
    log,
    health,
    metrics: new ServerMetrics(store, resources),
  }
  const isNew = store.revision === EMPTY_REVISION
  await bootstrap(parts, settings.advertised)
  opened.use(new CustomResources(parts))
  opened.use(new KeptService(parts, settings.advertised))
  // Nobody can have seen what was before the first request, so nobody resumes from there.
  if (isNew) store.compact(store.revision)
  const authentication = {
    authenticators: [...(settings.authenticators ?? []), ...credentials.authenticators],
    anonymous: settings.anonymous ?? true,
  }
  server = opened.use(new ApiServer({ ...options, parts, authentication }))
  const resourcesOfServer = opened.move()
  return { server, parts, [Symbol.asyncDispose]: () => resourcesOfServer.disposeAsync() }
}
