/** Reads a KubeSchedulerConfiguration: profiles, and how long refused pods wait. */
import { parseYaml } from '#api/yaml.ts'
import { plugins as allPlugins, type WeightedPlugin } from './plugins.ts'
import { defaultProfile, type Profile } from './profile.ts'

export interface SchedulerConfig {
  readonly profiles: readonly Profile[]
  readonly initialBackoffMs?: number
  readonly maxBackoffMs?: number
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const API_VERSION = 'kubescheduler.config.k8s.io/v1'
const KIND = 'KubeSchedulerConfiguration'
/** A pod without them would be lost, or never tried in any order. */
const indispensable = ['PrioritySort', 'SchedulingGates']

export const defaultConfig: SchedulerConfig = { profiles: [defaultProfile] }

export function parseConfig(text: string): SchedulerConfig {
  const given = parsed(text)
  const { apiVersion, kind, profiles, podInitialBackoffSeconds, podMaxBackoffSeconds } = given
  if (apiVersion !== API_VERSION || kind !== KIND) {
    throw new ConfigError(`kind: is "${apiVersion}, ${kind}", wanted "${API_VERSION}, ${KIND}"`)
  }
  const known = ['apiVersion', 'kind', 'profiles']
  refuseOthers(given, '', [...known, 'podInitialBackoffSeconds', 'podMaxBackoffSeconds'])
  const initial = seconds(podInitialBackoffSeconds, 'podInitialBackoffSeconds')
  const most = seconds(podMaxBackoffSeconds, 'podMaxBackoffSeconds')
  return {
    profiles: profiles === undefined ? [defaultProfile] : profilesFrom(profiles),
    ...(initial !== undefined && { initialBackoffMs: initial * 1000 }),
    ...(most !== undefined && { maxBackoffMs: most * 1000 }),
  }
}

function parsed(text: string): Fields {
  try {
    return fields(parseYaml(text).value, 'configuration')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(`configuration: ${(error as Error).message}`, { cause: error })
  }
}

function profilesFrom(given: unknown): Profile[] {
  const profiles = list(given, 'profiles').map(profileFrom)
  if (profiles.length === 0) throw new ConfigError('profiles: are empty, wanted one at least')
  const names = new Set<string>()
  for (const { schedulerName } of profiles) {
    if (names.has(schedulerName))
      throw new ConfigError(`profiles: "${schedulerName}" is there twice`)
    names.add(schedulerName)
  }
  return profiles
}

function profileFrom(given: unknown, position: number): Profile {
  const at = `profiles[${position}]`
  const profile = fields(given, at)
  refuseOthers(profile, at, ['schedulerName', 'plugins'])
  const { schedulerName = defaultProfile.schedulerName, plugins = {} } = profile
  if (typeof schedulerName !== 'string' || schedulerName === '') {
    throw new ConfigError(`${at}.schedulerName: is no name, wanted one`)
  }
  const points = fields(plugins, `${at}.plugins`)
  refuseOthers(points, `${at}.plugins`, ['multiPoint', 'filter', 'score'])
  let chosen = allPlugins
  for (const point of ['multiPoint', 'filter', 'score'] as const) {
    if (points[point] !== undefined) {
      chosen = applied(chosen, point, points[point], `${at}.plugins.${point}`)
    }
  }
  return { schedulerName, plugins: chosen }
}

type Point = 'multiPoint' | 'filter' | 'score'

/** First what is disabled goes, then what is enabled comes back, perhaps with another weight. */
function applied(
  before: readonly WeightedPlugin[],
  point: Point,
  given: unknown,
  at: string,
): readonly WeightedPlugin[] {
  const set = fields(given, at)
  refuseOthers(set, at, ['enabled', 'disabled'])
  const disabled = new Set(
    list(set.disabled ?? [], `${at}.disabled`).map((each) => nameIn(each, at)),
  )
  const weights = new Map<string, number | undefined>()
  for (const each of list(set.enabled ?? [], `${at}.enabled`)) {
    const { weight } = fields(each, at)
    refuseOthers(fields(each, at), at, ['name', 'weight'])
    weights.set(nameIn(each, at), weightFrom(weight, at))
  }
  for (const name of [...disabled, ...weights.keys()]) {
    if (name !== '*' && !allPlugins.some((plugin) => plugin.name === name)) {
      throw new ConfigError(`${at}: there is no plugin "${name}"`)
    }
  }
  return allPlugins.flatMap((plugin) => {
    const present = before.find(({ name }) => name === plugin.name)
    if (weights.has(plugin.name)) {
      return [{ ...plugin, ...present, weight: weights.get(plugin.name) ?? plugin.weight }]
    }
    if (!present) return []
    const isOff = disabled.has('*') || disabled.has(plugin.name)
    if (!isOff || indispensable.includes(plugin.name)) return [present]
    return point === 'multiPoint' ? [] : [without(present, point)]
  })
}

function without({ ...plugin }: WeightedPlugin, point: 'filter' | 'score'): WeightedPlugin {
  const { filter, scorer, ...rest } = plugin
  if (point === 'filter') return { ...rest, ...(scorer && { scorer }) }
  return { ...rest, ...(filter && { filter }) }
}

type Fields = Readonly<Record<string, unknown>>

function fields(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new ConfigError(`${at}: is no object, wanted one`)
}

function list(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new ConfigError(`${at}: is no list, wanted one`)
}

function nameIn(value: unknown, at: string): string {
  const { name } = fields(value, at)
  if (typeof name === 'string' && name !== '') return name
  throw new ConfigError(`${at}: a plugin has no name, wanted one`)
}

function weightFrom(value: unknown, at: string): number | undefined {
  if (value === undefined || value === 0) return undefined
  if (Number.isInteger(value) && (value as number) > 0) return value as number
  throw new ConfigError(`${at}: weight is ${value}, wanted a whole number above 0`)
}

function seconds(value: unknown, at: string): number | undefined {
  if (value === undefined) return undefined
  if (Number.isInteger(value) && (value as number) > 0) return value as number
  throw new ConfigError(`${at}: is ${value}, wanted a whole number above 0`)
}

/** What would not be heeded is refused, rather than taken and forgotten. */
function refuseOthers(given: Fields, at: string, known: readonly string[]): void {
  const other = Object.keys(given).find((name) => !known.includes(name))
  if (other === undefined) return
  const place = at === '' ? other : `${at}.${other}`
  throw new ConfigError(`${place}: is not supported, wanted one of ${known.join(', ')}`)
}
