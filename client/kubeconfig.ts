/** The kubeconfig: what its files may say, how several become one, and what a context means. */
import { isAbsolute, join } from 'node:path'
import { decode } from '#api/decode.ts'
import { DecodeError } from '#api/decode-error.ts'
import {
  any,
  boolean,
  bytes,
  listOf,
  mapOf,
  omitEmpty,
  type Schema,
  type Stored,
  string,
  struct,
} from '#api/schema.ts'
import { parseYaml, YamlError } from '#api/yaml.ts'

/** What makes a kubeconfig unusable, named with the file and the entry. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError'
}

/** Fields of a file; they have no place in protobuf, hence no tags. */
const text = (doc: string) => omitEmpty(0, string, doc)

const namedExtension = struct('clientcmd.v1.NamedExtension', 'What others have added.', {
  name: text('Whose it is.'),
  extension: omitEmpty(0, any, 'Anything.'),
})

const cluster = struct('clientcmd.v1.Cluster', 'How to reach a server, and how to trust it.', {
  server: text('URL of the server.'),
  'tls-server-name': text('Name to find in its certificate instead of that in the URL.'),
  'insecure-skip-tls-verify': omitEmpty(0, boolean, 'Whether any certificate will do.'),
  'certificate-authority': text('File with the authorities to trust.'),
  'certificate-authority-data': omitEmpty(0, bytes, 'The authorities to trust.'),
  'proxy-url': text('Proxy on the way to the server.'),
  extensions: omitEmpty(0, listOf(namedExtension), 'What others have added.'),
})
export interface Cluster extends Stored<typeof cluster> {}

const execVariable = struct('clientcmd.v1.ExecEnvVar', 'A variable for the plugin.', {
  name: text('Its name.'),
  value: text('Its value.'),
})

const execConfig = struct('clientcmd.v1.ExecConfig', 'A program that knows the credentials.', {
  command: text('The program.'),
  args: omitEmpty(0, listOf(string), 'Its arguments.'),
  env: omitEmpty(0, listOf(execVariable), 'Variables beside those of the process.'),
  apiVersion: text('The form that it speaks.'),
  installHint: text('What to do where it is missing.'),
  provideClusterInfo: omitEmpty(0, boolean, 'Whether it is told about the cluster.'),
  interactiveMode: text('Whether it may talk to a person: Never, IfAvailable or Always.'),
})
export interface ExecConfig extends Stored<typeof execConfig> {}

const authProvider = struct('clientcmd.v1.AuthProviderConfig', 'What exec plugins replaced.', {
  name: text('Name of the provider.'),
})

const user = struct('clientcmd.v1.AuthInfo', 'Who to be.', {
  'client-certificate': text('File with the certificate.'),
  'client-certificate-data': omitEmpty(0, bytes, 'The certificate.'),
  'client-key': text('File with the key of the certificate.'),
  'client-key-data': omitEmpty(0, bytes, 'The key of the certificate.'),
  token: text('Bearer token.'),
  tokenFile: text('File with a bearer token, which others renew.'),
  as: text('User to act for.'),
  'as-uid': text('UID of the user to act for.'),
  'as-groups': omitEmpty(0, listOf(string), 'Groups of the user to act for.'),
  'as-user-extra': omitEmpty(0, mapOf(listOf(string)), 'What else is said about that user.'),
  username: text('Name for basic authentication.'),
  password: text('Password for basic authentication.'),
  'auth-provider': omitEmpty(0, authProvider, 'What exec plugins replaced.'),
  exec: omitEmpty(0, execConfig, 'A program that knows the credentials.'),
})
export interface User extends Stored<typeof user> {}

const context = struct('clientcmd.v1.Context', 'A cluster, a user and a namespace together.', {
  cluster: text('Name of the cluster.'),
  user: text('Name of the user.'),
  namespace: text('Namespace to use where none is named.'),
})
export interface Context extends Stored<typeof context> {}

const named = <S extends Schema>(field: string, schema: S) =>
  struct(`clientcmd.v1.Named.${field}`, 'An entry of a list, by name.', {
    name: text('Its name.'),
    [field]: omitEmpty(0, schema, 'What it is.'),
  })

const config = struct(
  'clientcmd.v1.Config',
  'Clusters, users, and which of them belong together.',
  {
    kind: text('Config.'),
    apiVersion: text('v1.'),
    clusters: omitEmpty(0, listOf(named('cluster', cluster)), 'Servers.'),
    users: omitEmpty(0, listOf(named('user', user)), 'Credentials.'),
    contexts: omitEmpty(0, listOf(named('context', context)), 'What belongs together.'),
    'current-context': text('The context to use where none is named.'),
  },
)

export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, Cluster>
  readonly users: ReadonlyMap<string, User>
  readonly contexts: ReadonlyMap<string, Context>
  readonly currentContext: string
}

export interface ChosenContext {
  readonly name: string
  readonly cluster: Cluster
  readonly user: User
  readonly namespace: string | undefined
}

const empty: Kubeconfig = {
  clusters: new Map(),
  users: new Map(),
  contexts: new Map(),
  currentContext: '',
}

/** One file. Paths in it are relative to its own folder. */
export function parseKubeconfig(source: string, path: string, folder: string): Kubeconfig {
  const value = parsed(source, path)
  if (value === null) return empty
  const { kind, apiVersion, ...rest } = value
  if ((kind && kind !== 'Config') || (apiVersion && apiVersion !== 'v1')) {
    throw new KubeconfigError(`${path}: is a ${apiVersion} ${kind}, wanted a v1 Config`)
  }
  const clusters = byName<Cluster>(rest.clusters, 'cluster', path)
  const users = byName<User>(rest.users, 'user', path)
  for (const each of clusters.values()) resolvePaths(each, ['certificate-authority'], folder)
  for (const each of users.values()) {
    resolvePaths(each, ['client-certificate', 'client-key', 'tokenFile'], folder)
    // A bare name is looked up in the PATH.
    if (each.exec?.command?.includes('/')) resolvePaths(each.exec, ['command'], folder)
  }
  const contexts = byName<Context>(rest.contexts, 'context', path)
  return { clusters, users, contexts, currentContext: rest['current-context'] ?? '' }
}

/** Of entries with the same name, and of current contexts, the first counts, as a whole. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const reversed = configs.toReversed()
  return {
    clusters: new Map(reversed.flatMap(({ clusters }) => [...clusters])),
    users: new Map(reversed.flatMap(({ users }) => [...users])),
    contexts: new Map(reversed.flatMap(({ contexts }) => [...contexts])),
    currentContext: configs.find(({ currentContext }) => currentContext)?.currentContext ?? '',
  }
}

export function isEmptyKubeconfig({ clusters, users, contexts }: Kubeconfig): boolean {
  return clusters.size === 0 && users.size === 0 && contexts.size === 0
}

/** The context of that name, or the current one, with what it names looked up and checked. */
export function chosenContext(config: Kubeconfig, wanted?: string): ChosenContext {
  const name = wanted || config.currentContext
  if (!name) throw new KubeconfigError('kubeconfig: no current context, wanted one by name')
  const chosen = config.contexts.get(name)
  if (!chosen) throw new KubeconfigError(`context was not found for specified context: ${name}`)
  const cluster = config.clusters.get(chosen.cluster ?? '')
  if (!cluster) throw missing('cluster', chosen.cluster, name)
  const user = config.users.get(chosen.user ?? '')
  if (!user) throw missing('user', chosen.user, name)
  const problems = [
    ...clusterProblems(chosen.cluster ?? '', cluster),
    ...userProblems(chosen.user ?? '', user),
  ]
  if (problems.length > 0) {
    throw new KubeconfigError(`invalid configuration: ${problems.join('; ')}`)
  }
  return { name, cluster, user, namespace: chosen.namespace || undefined }
}

function missing(what: string, name: string | undefined, context: string): KubeconfigError {
  const problem = name ? `${what} "${name}" was not found` : `${what} was not specified`
  return new KubeconfigError(`invalid configuration: ${problem} for context "${context}"`)
}

function clusterProblems(name: string, cluster: Cluster): string[] {
  const problems: string[] = []
  const hasAuthorities = cluster['certificate-authority'] || cluster['certificate-authority-data']
  if (!cluster.server) problems.push(`no server found for cluster "${name}"`)
  if (cluster['certificate-authority'] && cluster['certificate-authority-data']) {
    problems.push(`cluster "${name}" has certificate-authority and its data, wanted one of them`)
  }
  if (hasAuthorities && cluster['insecure-skip-tls-verify']) {
    problems.push(`cluster "${name}" names authorities, and trusts everybody as well`)
  }
  if (cluster['proxy-url']) {
    problems.push(`cluster "${name}" has proxy-url, and proxies are not supported`)
  }
  return problems
}

function userProblems(name: string, user: User): string[] {
  const problems: string[] = []
  const wrong = (problem: string): void => void problems.push(`user "${name}" ${problem}`)
  const methods = [
    ...(user.token ? ['token'] : []),
    ...(user.username || user.password ? ['basicAuth'] : []),
  ]
  if (methods.length > 1) wrong(`has ${methods.join(' and ')}, wanted one of them`)
  for (const what of ['client-certificate', 'client-key'] as const) {
    if (user[what] && user[`${what}-data`]) wrong(`has ${what} and its data, wanted one of them`)
  }
  const hasCertificate = user['client-certificate'] || user['client-certificate-data']
  const hasKey = user['client-key'] || user['client-key-data']
  if (hasCertificate && !hasKey) wrong('has a client certificate without its key')
  if ((user['as-groups']?.length || hasEntries(user['as-user-extra'])) && !user.as) {
    wrong('acts for groups or with extras, but for nobody')
  }
  const provider = user['auth-provider']?.name
  if (provider) wrong(`has auth-provider "${provider}", which exec plugins have replaced`)
  return [...problems, ...execProblems(name, user.exec)]
}

const hasEntries = (map: object | null | undefined): boolean => Object.keys(map ?? {}).length > 0

const execVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

function execProblems(name: string, exec: ExecConfig | undefined): string[] {
  if (!exec || Object.keys(exec).length === 0) return []
  const { command, apiVersion, interactiveMode: mode, env } = exec
  const problems: string[] = []
  const wrong = (problem: string): void => {
    problems.push(`exec plugin of user "${name}" ${problem}`)
  }
  if (!command) wrong('has no command')
  if (!execVersions.includes(apiVersion ?? '')) {
    wrong(`has apiVersion "${apiVersion ?? ''}", wanted one of ${execVersions.join(', ')}`)
  }
  if (!mode && apiVersion === execVersions[0]) wrong('has no interactiveMode')
  if (mode && !['Never', 'IfAvailable', 'Always'].includes(mode)) {
    wrong(`has interactiveMode "${mode}", wanted Never, IfAvailable or Always`)
  }
  if (mode === 'Always') wrong('insists on talking to a person, which is not supported')
  if (env?.some((each) => !each.name)) wrong('has a variable without a name')
  return problems
}

function parsed(source: string, path: string): Stored<typeof config> | null {
  try {
    const { value, duplicates } = parseYaml(source)
    if (duplicates.length > 0) throw new KubeconfigError(`${path}: ${duplicates.join('; ')}`)
    return value === null || value === undefined ? null : (decode(config, value) as never)
  } catch (error) {
    if (!(error instanceof YamlError || error instanceof DecodeError)) throw error
    throw new KubeconfigError(`${path}: ${error.message}`, { cause: error })
  }
}

function byName<T>(
  entries: readonly object[] | null | undefined,
  field: string,
  path: string,
): Map<string, T> {
  const found = new Map<string, T>()
  for (const entry of entries ?? []) {
    const { name = '', [field]: value } = entry as Record<string, unknown>
    if (found.has(name as string)) {
      throw new KubeconfigError(`${path}: duplicate name "${name}" among the ${field}s`)
    }
    found.set(name as string, (value ?? {}) as T)
  }
  return found
}

function resolvePaths<K extends string>(
  entry: { [Name in K]?: string },
  names: readonly K[],
  folder: string,
): void {
  for (const name of names) {
    const path = entry[name]
    if (path && !isAbsolute(path)) entry[name] = join(folder, path)
  }
}
