/** Reads a KubeSchedulerConfiguration: profiles, their plugins, and how long refused pods wait. */
import { parseYaml } from '#api/yaml.ts'
import {
  ConfigError,
  type Fields,
  fields,
  list,
  refuseOthers,
  text,
  whole,
} from './config-fields.ts'
import type { ExtenderSettings } from './extender.ts'
import { extendersFrom } from './extender-config.ts'
import type { Plugin } from './plugin.ts'
import { API_VERSION, configuredPlugins } from './plugin-args.ts'
import { plugins as allPlugins, type WeightedPlugin } from './plugins.ts'
import { defaultProfile, type Profile } from './profile.ts'

export interface SchedulerConfig {
  readonly profiles: readonly Profile[]
  readonly initialBackoffMs?: number
  readonly maxBackoffMs?: number
  readonly extenders?: readonly ExtenderSettings[]
}

const KIND = 'KubeSchedulerConfiguration'
/** A pod without them would be lost, never tried in any order, or never bound. */
const indispensable = ['PrioritySort', 'SchedulingGates', 'DefaultBinder']
const known = [
  'apiVersion',
  'kind',
  'profiles',
  'extenders',
  'percentageOfNodesToScore',
  'podInitialBackoffSeconds',
  'podMaxBackoffSeconds',
]

export const defaultConfig: SchedulerConfig = { profiles: [defaultProfile] }

export function parseConfig(source: string): SchedulerConfig {
  const given = parsed(source)
  const { apiVersion, kind, profiles, podInitialBackoffSeconds, podMaxBackoffSeconds } = given
  if (apiVersion !== API_VERSION || kind !== KIND) {
    throw new ConfigError(`kind: is "${apiVersion}, ${kind}", wanted "${API_VERSION}, ${KIND}"`)
  }
  refuseOthers(given, '', known)
  const initial = whole(podInitialBackoffSeconds, 'podInitialBackoffSeconds', { min: 1 }) ?? 1
  const most = whole(podMaxBackoffSeconds, 'podMaxBackoffSeconds', { min: 1 }) ?? 10
  if (most < initial) {
    throw new ConfigError(
      `podMaxBackoffSeconds: is ${most}, wanted podInitialBackoffSeconds or more: ${initial}`,
    )
  }
  const share = shareFrom(given, '')
  const { extenders, ignoredResources } = extendersFrom(given.extenders)
  return {
    ...(extenders.length > 0 && { extenders }),
    profiles: profilesFrom(profiles, { share, ignoredResources }),
    initialBackoffMs: initial * 1000,
    maxBackoffMs: most * 1000,
  }
}

function parsed(source: string): Fields {
  try {
    return fields(parseYaml(source).value, 'configuration')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(`configuration: ${(error as Error).message}`, { cause: error })
  }
}

const shareFrom = ({ percentageOfNodesToScore: given }: Fields, at: string): number | undefined =>
  whole(given, `${at}percentageOfNodesToScore`, { min: 0, max: 100 })

/** What is said for all profiles. */
interface Common {
  readonly share: number | undefined
  readonly ignoredResources: readonly string[]
}

function profilesFrom(given: unknown, common: Common): Profile[] {
  const written = given === undefined ? [{}] : list(given, 'profiles')
  const profiles = written.map((each, position) =>
    withShare(profileFrom(each, `profiles[${position}]`, common), common.share),
  )
  if (profiles.length === 0) throw new ConfigError('profiles: are empty, wanted one at least')
  const names = new Set<string>()
  for (const { schedulerName } of profiles) {
    if (names.has(schedulerName))
      throw new ConfigError(`profiles: "${schedulerName}" is there twice`)
    names.add(schedulerName)
  }
  return profiles
}

/** What a profile says itself goes before what is said for all. */
function withShare(profile: Profile, share: number | undefined): Profile {
  if (share === undefined) return profile
  return { percentageOfNodesToScore: share, ...profile }
}

function profileFrom(given: unknown, at: string, { ignoredResources }: Common): Profile {
  const profile = fields(given, at)
  const parts = ['schedulerName', 'plugins', 'pluginConfig', 'percentageOfNodesToScore']
  refuseOthers(profile, at, parts)
  const { schedulerName = defaultProfile.schedulerName, plugins = {}, pluginConfig } = profile
  const points = fields(plugins, `${at}.plugins`)
  refuseOthers(points, `${at}.plugins`, pointNames)
  const configured = configuredPlugins(pluginConfig, `${at}.pluginConfig`, ignoredResources)
  const available = allPlugins.map((plugin) => configuredAs(plugin, configured))
  let chosen: readonly WeightedPlugin[] = configured.size > 0 ? available : allPlugins
  for (const point of pointNames) {
    if (points[point] !== undefined) {
      chosen = applied(available, chosen, point, points[point], `${at}.plugins.${point}`)
    }
  }
  const share = shareFrom(profile, `${at}.`)
  return {
    schedulerName: text(schedulerName, `${at}.schedulerName`),
    plugins: chosen,
    ...(share !== undefined && { percentageOfNodesToScore: share }),
  }
}

function configuredAs(
  plugin: WeightedPlugin,
  configured: ReadonlyMap<string, Plugin>,
): WeightedPlugin {
  const own = configured.get(plugin.name)
  return own ? { ...own, weight: plugin.weight } : plugin
}

const pointNames = ['multiPoint', 'filter', 'postFilter', 'score'] as const
type Point = (typeof pointNames)[number]

/** What a plugin does at each point that can be switched by itself. */
const partOf = { filter: 'filter', postFilter: 'rescue', score: 'scorer' } as const

/** First what is disabled goes, then what is enabled comes back, perhaps with another weight. */
function applied(
  available: readonly WeightedPlugin[],
  before: readonly WeightedPlugin[],
  point: Point,
  given: unknown,
  at: string,
): readonly WeightedPlugin[] {
  const set = fields(given, at)
  refuseOthers(set, at, ['enabled', 'disabled'])
  const disabled = new Set(
    list(set.disabled, `${at}.disabled`).map((each) => {
      refuseOthers(fields(each, at), at, ['name', 'weight'])
      return nameIn(each, at)
    }),
  )
  const weights = new Map<string, number | undefined>()
  for (const each of list(set.enabled, `${at}.enabled`)) {
    const { weight } = fields(each, at)
    refuseOthers(fields(each, at), at, ['name', 'weight'])
    weights.set(nameIn(each, at), whole(weight, `${at}: weight`, { min: 0 }) || undefined)
  }
  for (const name of [...disabled, ...weights.keys()]) checkName(name, point, at)
  return available.flatMap((plugin) => {
    const present = before.find(({ name }) => name === plugin.name)
    if (weights.has(plugin.name)) {
      const weight = weights.get(plugin.name) ?? present?.weight ?? plugin.weight
      return [{ ...(point === 'multiPoint' ? plugin : withPart(plugin, present, point)), weight }]
    }
    if (!present) return []
    const isOff = disabled.has('*') || disabled.has(plugin.name)
    if (!isOff || indispensable.includes(plugin.name)) return [present]
    return point === 'multiPoint' ? [] : [without(present, point)]
  })
}

function checkName(name: string, point: Point, at: string): void {
  if (name === '*') return
  const plugin = allPlugins.find((each) => each.name === name)
  if (!plugin) throw new ConfigError(`${at}: there is no plugin "${name}"`)
  if (point !== 'multiPoint' && !plugin[partOf[point]]) {
    throw new ConfigError(`${at}: "${name}" does nothing at this point`)
  }
}

type PartPoint = Exclude<Point, 'multiPoint'>

function withPart(
  plugin: WeightedPlugin,
  present: WeightedPlugin | undefined,
  point: PartPoint,
): WeightedPlugin {
  const { filter, rescue, scorer, ...bare } = plugin
  const part = partOf[point]
  return { ...(present ?? bare), [part]: plugin[part] }
}

function without(plugin: WeightedPlugin, point: PartPoint): WeightedPlugin {
  const { [partOf[point]]: _, ...rest } = plugin
  return rest
}

function nameIn(value: unknown, at: string): string {
  const { name } = fields(value, at)
  if (typeof name === 'string' && name !== '') return name
  throw new ConfigError(`${at}: a plugin has no name, wanted one`)
}
