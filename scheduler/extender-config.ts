/** Reads what a configuration says of extenders. */
import { parseDurationMs } from '#daemon/duration.ts'
import {
  ConfigError,
  type Fields,
  fields,
  flag,
  list,
  refuseOthers,
  text,
  whole,
} from './config-fields.ts'
import type { ExtenderSettings, ExtenderTls } from './extender.ts'

/** As upstream. */
const TIMEOUT_TEXT = '5s'
const known = [
  'urlPrefix',
  'filterVerb',
  'prioritizeVerb',
  'bindVerb',
  'weight',
  'enableHTTPS',
  'tlsConfig',
  'httpTimeout',
  'nodeCacheCapable',
  'managedResources',
  'ignorable',
]

export interface ConfiguredExtenders {
  readonly extenders: readonly ExtenderSettings[]
  /** Resources that extenders watch over in our place. */
  readonly ignoredResources: readonly string[]
}

export function extendersFrom(given: unknown): ConfiguredExtenders {
  const ignoredResources: string[] = []
  const extenders = list(given, 'extenders').map((each, position) => {
    const at = `extenders[${position}]`
    const extender = fields(each, at)
    refuseOthers(extender, at, known)
    const managed = managedFrom(extender.managedResources, `${at}.managedResources`)
    for (const { name, isIgnored } of managed) if (isIgnored) ignoredResources.push(name)
    return extenderFrom(extender, at, new Set(managed.map(({ name }) => name)))
  })
  if (extenders.filter(({ bindVerb }) => bindVerb).length > 1) {
    throw new ConfigError('extenders: several have a bindVerb, wanted one at most')
  }
  return { extenders, ignoredResources }
}

function extenderFrom(
  given: Fields,
  at: string,
  managedResources: ReadonlySet<string>,
): ExtenderSettings {
  const { filterVerb, prioritizeVerb, bindVerb, httpTimeout = TIMEOUT_TEXT } = given
  const verb = (name: string, value: unknown): object =>
    value === undefined || value === '' ? {} : { [name]: text(value, `${at}.${name}`) }
  const weight = whole(given.weight, `${at}.weight`, { min: 0 }) ?? 0
  if (prioritizeVerb && weight === 0) {
    throw new ConfigError(`${at}.weight: is 0, wanted more where there is a prioritizeVerb`)
  }
  return {
    ...verb('filterVerb', filterVerb),
    ...verb('prioritizeVerb', prioritizeVerb),
    ...verb('bindVerb', bindVerb),
    urlPrefix: urlFrom(given, at),
    weight,
    timeoutMs: timeoutFrom(httpTimeout, `${at}.httpTimeout`),
    isNodeCacheCapable: flag(given.nodeCacheCapable, `${at}.nodeCacheCapable`) ?? false,
    managedResources,
    isIgnorable: flag(given.ignorable, `${at}.ignorable`) ?? false,
    tls: tlsFrom(given.tlsConfig, `${at}.tlsConfig`),
  }
}

function urlFrom({ urlPrefix, enableHTTPS }: Fields, at: string): string {
  const prefix = text(urlPrefix, `${at}.urlPrefix`)
  const url = URL.canParse(prefix) ? new URL(prefix) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigError(`${at}.urlPrefix: is "${prefix}", wanted an http or https URL`)
  }
  if (flag(enableHTTPS, `${at}.enableHTTPS`)) url.protocol = 'https:'
  return url.href.replace(/\/$/, '')
}

function timeoutFrom(given: unknown, at: string): number {
  const written = text(given, at)
  const timeoutMs = parseDurationMs(written)
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs
  throw new ConfigError(`${at}: is "${written}", wanted a duration above 0, such as 5s`)
}

function managedFrom(given: unknown, at: string) {
  return list(given, at).map((each, position) => {
    const place = `${at}[${position}]`
    const resource = fields(each, place)
    refuseOthers(resource, place, ['name', 'ignoredByScheduler'])
    const isIgnored = flag(resource.ignoredByScheduler, `${place}.ignoredByScheduler`) ?? false
    return { name: text(resource.name, `${place}.name`), isIgnored }
  })
}

function tlsFrom(given: unknown, at: string): ExtenderTls {
  if (given === undefined) return { fixed: {}, files: {} }
  const tls = fields(given, at)
  const files = ['caFile', 'certFile', 'keyFile']
  const data = ['caData', 'certData', 'keyData']
  refuseOthers(tls, at, ['insecure', 'serverName', ...files, ...data])
  const read = (names: readonly string[], decode: (value: string) => string | Buffer) =>
    Object.fromEntries(
      names
        .filter((name) => tls[name] !== undefined)
        .map((name) => [name.replace(/File|Data/, ''), decode(text(tls[name], `${at}.${name}`))]),
    )
  const { serverName } = tls
  return {
    fixed: {
      ...read(data, (value) => Buffer.from(value, 'base64')),
      ...(serverName !== undefined && { servername: text(serverName, `${at}.serverName`) }),
      ...(flag(tls.insecure, `${at}.insecure`) && { rejectUnauthorized: false }),
    },
    files: read(files, (value) => value) as ExtenderTls['files'],
  }
}
