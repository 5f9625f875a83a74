/** Finds out which server to talk to, and as whom: from kubeconfig files, or from inside a pod. */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { Credentials } from './credentials.ts'
import { RenewedFile, type TlsMaterial } from './credentials.ts'
import type { ExecPluginParts } from './exec-plugin.ts'
import {
  type Cluster,
  chosenContext,
  isEmptyKubeconfig,
  type Kubeconfig,
  KubeconfigError,
  mergeKubeconfigs,
  parseKubeconfig,
  type User,
} from './kubeconfig.ts'
import { TokenFile, userCredentials } from './user-credentials.ts'

export interface LoadOptions extends ExecPluginParts {
  /** A file that has to be there, instead of those that the environment names. */
  readonly path?: string | undefined
  /** Instead of the current context. */
  readonly context?: string | undefined
  /** Where a pod finds its service account; the usual place unless given. */
  readonly serviceAccountFolder?: string
}

/** Everything that a connection needs. */
export interface ApiTarget {
  readonly server: string
  readonly credentials: Credentials
  /** For objects that name none. */
  readonly namespace: string | undefined
}

const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/** As kubectl looks: a path that is given, $KUBECONFIG, ~/.kube/config; and the pod we are in. */
export async function loadTarget(options: LoadOptions): Promise<ApiTarget> {
  const config = await loadKubeconfig(options)
  if (isEmptyKubeconfig(config)) {
    const target = await targetInCluster(options)
    if (target && !options.context) return target
    const places = pathsOf(options).join(', ')
    throw new KubeconfigError(`kubeconfig: found none at ${places}, and this is not a pod`)
  }
  const { cluster, user, namespace } = chosenContext(config, options.context)
  return {
    server: urlOf(cluster, user),
    credentials: userCredentials(cluster, user, options),
    namespace,
  }
}

async function loadKubeconfig(options: LoadOptions): Promise<Kubeconfig> {
  const configs: Kubeconfig[] = []
  for (const path of pathsOf(options)) {
    const source = await readIfPresent(path)
    if (source !== undefined) {
      configs.push(parseKubeconfig(source, path, dirname(resolve(path))))
    } else if (options.path) throw new KubeconfigError(`${path}: no such file`)
  }
  return mergeKubeconfigs(configs)
}

function pathsOf({ path, environment }: LoadOptions): string[] {
  if (path) return [path]
  const listed = (environment.KUBECONFIG ?? '').split(delimiter).filter(Boolean)
  if (listed.length > 0) return [...new Set(listed)]
  return [join(environment.HOME ?? homedir(), '.kube', 'config')]
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new KubeconfigError(`${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** Without a scheme it is HTTPS where anything about TLS is said, and HTTP otherwise. */
function urlOf(cluster: Cluster, user: User): string {
  const { server = '' } = cluster
  const hasTls =
    cluster['certificate-authority'] ||
    cluster['certificate-authority-data'] ||
    cluster['insecure-skip-tls-verify'] ||
    user['client-certificate'] ||
    user['client-certificate-data']
  const url = server.includes('://') ? server : `${hasTls ? 'https' : 'http'}://${server}`
  if (!URL.canParse(url)) throw new KubeconfigError(`kubeconfig: server "${server}" is not a URL`)
  return url
}

/** Undefined where the environment says nothing of a cluster around us. */
async function targetInCluster(options: LoadOptions): Promise<ApiTarget | undefined> {
  const { environment, clock, serviceAccountFolder: folder = SERVICE_ACCOUNT_FOLDER } = options
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment
  if (!host || !port) return undefined
  const token = new TokenFile(join(folder, 'token'), clock)
  const authorities = new RenewedFile(join(folder, 'ca.crt'))
  let tls: TlsMaterial = {}
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: (await readIfPresent(join(folder, 'namespace')))?.trim() || undefined,
    credentials: {
      headers: async () => ({ authorization: `Bearer ${await token.read()}` }),
      async tls() {
        const ca = await authorities.read()
        if (tls.ca !== ca) tls = { ca }
        return tls
      },
      renew: () => token.renew(),
    },
  }
}
