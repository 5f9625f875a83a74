/** Plugins as the pluginConfig of a profile wants them; arguments are named as upstream's. */

import { decode } from '#api/decode.ts'
import { DecodeError } from '#api/decode-error.ts'
import { nodeAffinity as nodeAffinitySchema } from '#api/parts/core/affinity.ts'
import { Problems } from '#api/problems.ts'
import { validate } from '#api/validate.ts'
import {
  ConfigError,
  type Fields,
  fields,
  flag,
  list,
  oneOf,
  refuseOthers,
  text,
  texts,
  whole,
} from './config-fields.ts'
import type { Plugin } from './plugin.ts'
import { defaultPreemptionWith } from './plugins/default-preemption.ts'
import {
  type CurvePoint,
  type FitStrategy,
  leastAllocated,
  mostAllocated,
  requestedToCapacityRatio,
} from './plugins/fit-strategies.ts'
import { interPodAffinityWith } from './plugins/inter-pod-affinity.ts'
import { type AddedAffinity, nodeAffinityWith } from './plugins/node-affinity.ts'
import { balancedAllocationWith } from './plugins/node-resources-balanced-allocation.ts'
import { nodeResourcesFitWith } from './plugins/node-resources-fit.ts'
import {
  podTopologySpread,
  podTopologySpreadWith,
  type SpreadDefaults,
} from './plugins/pod-topology-spread.ts'
import { cpuAndMemory, type WeightedResource } from './plugins/resource-shares.ts'
import { volumeBindingWith } from './plugins/volume-binding.ts'

type Configured = (args: Fields, at: string) => Plugin

const configurable: Readonly<Record<string, Configured>> = {
  DefaultPreemption: preemptionFrom,
  InterPodAffinity: affinityFrom,
  NodeAffinity: nodeAffinityFrom,
  NodeResourcesBalancedAllocation: balancedFrom,
  NodeResourcesFit: fitFrom,
  PodTopologySpread: spreadFrom,
  VolumeBinding: volumeBindingFrom,
}

/** By the names of the plugins that have arguments; some resources others may watch over. */
export function configuredPlugins(
  given: unknown,
  at: string,
  ignoredResources: readonly string[] = [],
): ReadonlyMap<string, Plugin> {
  const found = new Map<string, Plugin>()
  for (const [position, each] of list(given, at).entries()) {
    const place = `${at}[${position}]`
    const entry = fields(each, place)
    refuseOthers(entry, place, ['name', 'args'])
    const name = text(entry.name, `${place}.name`)
    const make = Object.hasOwn(configurable, name) ? configurable[name] : undefined
    if (!make) throw new ConfigError(`${place}: "${name}" is no plugin with arguments`)
    if (found.has(name)) throw new ConfigError(`${place}: "${name}" is there twice`)
    const { apiVersion, kind, ...args } = fields(entry.args ?? {}, `${place}.args`)
    if (kind !== undefined) oneOf(kind, `${place}.args.kind`, [`${name}Args`])
    if (apiVersion !== undefined) oneOf(apiVersion, `${place}.args.apiVersion`, [API_VERSION])
    found.set(name, make(withIgnored(name, args, ignoredResources), `${place}.args`))
  }
  if (ignoredResources.length > 0 && !found.has(FIT))
    found.set(FIT, fitFrom({ ignoredResources }, at))
  return found
}

const FIT = 'NodeResourcesFit'

function withIgnored(name: string, args: Fields, ignored: readonly string[]): Fields {
  if (name !== FIT || ignored.length === 0) return args
  return { ...args, ignoredResources: [...list(args.ignoredResources, name), ...ignored] }
}

export const API_VERSION = 'kubescheduler.config.k8s.io/v1'

function preemptionFrom(args: Fields, at: string): Plugin {
  refuseOthers(args, at, ['minCandidateNodesPercentage', 'minCandidateNodesAbsolute'])
  const { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute } = args
  const share = whole(percentage, `${at}.minCandidateNodesPercentage`, { min: 0, max: 100 }) ?? 10
  const least = whole(absolute, `${at}.minCandidateNodesAbsolute`, { min: 0 }) ?? 100
  if (share === 0 && least === 0) {
    throw new ConfigError(
      `${at}: both minCandidateNodesPercentage and minCandidateNodesAbsolute are 0, ` +
        'wanted one above 0',
    )
  }
  return defaultPreemptionWith({
    minCandidateNodesPercentage: share,
    minCandidateNodesAbsolute: least,
  })
}

function affinityFrom(args: Fields, at: string): Plugin {
  refuseOthers(args, at, ['hardPodAffinityWeight', 'ignorePreferredTermsOfExistingPods'])
  const { hardPodAffinityWeight: weight, ignorePreferredTermsOfExistingPods: ignores } = args
  return interPodAffinityWith({
    hardPodAffinityWeight: whole(weight, `${at}.hardPodAffinityWeight`, { min: 0, max: 100 }) ?? 1,
    ignorePreferredTermsOfExistingPods:
      flag(ignores, `${at}.ignorePreferredTermsOfExistingPods`) ?? false,
  })
}

function nodeAffinityFrom(args: Fields, at: string): Plugin {
  refuseOthers(args, at, ['addedAffinity'])
  const { addedAffinity } = args
  if (addedAffinity === undefined) return nodeAffinityWith()
  const place = `${at}.addedAffinity`
  const known = [
    'requiredDuringSchedulingIgnoredDuringExecution',
    'preferredDuringSchedulingIgnoredDuringExecution',
  ]
  refuseOthers(fields(addedAffinity, place), place, known)
  return nodeAffinityWith(affinityIn(addedAffinity, place))
}

function affinityIn(given: unknown, at: string): AddedAffinity {
  const problems = new Problems()
  try {
    const affinity = decode(nodeAffinitySchema, given) as AddedAffinity
    validate(nodeAffinitySchema, affinity, problems)
    const [first] = problems.list
    if (!first) return affinity
    throw new ConfigError(`${at}.${first.field}: ${first.message}`)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new ConfigError(`${at}: ${error.message}`, { cause: error })
  }
}

function balancedFrom(args: Fields, at: string): Plugin {
  refuseOthers(args, at, ['resources'])
  const resources = resourcesFrom(args.resources, `${at}.resources`, 1)
  return balancedAllocationWith(resources)
}

function resourcesFrom(given: unknown, at: string, weightMax = 100): readonly WeightedResource[] {
  const resources = list(given, at).map((each, position) => {
    const place = `${at}[${position}]`
    const { name, weight, ...rest } = fields(each, place)
    refuseOthers(rest, place, ['name', 'weight'])
    const counts = whole(weight, `${place}.weight`, { min: 1, max: weightMax }) ?? 1
    return { name: text(name, `${place}.name`), weight: counts }
  })
  return resources.length > 0 ? resources : cpuAndMemory
}

function fitFrom(args: Fields, at: string): Plugin {
  refuseOthers(args, at, ['ignoredResources', 'ignoredResourceGroups', 'scoringStrategy'])
  const place = `${at}.scoringStrategy`
  const strategy = fields(args.scoringStrategy ?? {}, place)
  refuseOthers(strategy, place, ['type', 'resources', 'requestedToCapacityRatio'])
  const groups = texts(args.ignoredResourceGroups, `${at}.ignoredResourceGroups`)
  const slashed = groups.find((each) => each.includes('/'))
  if (slashed) throw new ConfigError(`${at}.ignoredResourceGroups: "${slashed}" contains "/"`)
  return nodeResourcesFitWith({
    strategy: strategyFrom(strategy, place),
    resources: resourcesFrom(strategy.resources, `${place}.resources`),
    ignoredResources: new Set(texts(args.ignoredResources, `${at}.ignoredResources`)),
    ignoredResourceGroups: new Set(groups),
  })
}

const strategyTypes = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'] as const

function strategyFrom(given: Fields, at: string): FitStrategy {
  const { type = 'LeastAllocated', requestedToCapacityRatio: ratio } = given
  const chosen = oneOf(type, `${at}.type`, strategyTypes)
  if (chosen !== 'RequestedToCapacityRatio') {
    if (ratio !== undefined) {
      throw new ConfigError(`${at}.requestedToCapacityRatio: is given, but the type is ${chosen}`)
    }
    return chosen === 'LeastAllocated' ? leastAllocated : mostAllocated
  }
  const place = `${at}.requestedToCapacityRatio`
  const { shape, ...rest } = fields(ratio ?? {}, place)
  refuseOthers(rest, place, ['shape'])
  return requestedToCapacityRatio(curveFrom(shape, `${place}.shape`))
}

/** Scores of the curve go up to 10, those of nodes up to 100. */
const SCORE_FACTOR = 10

function curveFrom(given: unknown, at: string): readonly CurvePoint[] {
  const points = list(given, at).map((each, position) => {
    const place = `${at}[${position}]`
    const { utilization, score, ...rest } = fields(each, place)
    refuseOthers(rest, place, ['utilization', 'score'])
    return {
      utilization: whole(utilization, `${place}.utilization`, { min: 0, max: 100 }) ?? 0,
      score: (whole(score, `${place}.score`, { min: 0, max: 10 }) ?? 0) * SCORE_FACTOR,
    }
  })
  if (points.length === 0) throw new ConfigError(`${at}: is empty, wanted one point at least`)
  const isRising = points.every(
    ({ utilization }, at) => at === 0 || utilization > points[at - 1]!.utilization,
  )
  if (!isRising)
    throw new ConfigError(`${at}: utilization values must be sorted in increasing order`)
  return points
}

function spreadFrom(args: Fields, at: string): Plugin {
  refuseOthers(args, at, ['defaultConstraints', 'defaultingType'])
  const place = `${at}.defaultConstraints`
  const constraints = list(args.defaultConstraints, place).map((each, position) =>
    constraintFrom(each, `${place}[${position}]`),
  )
  const type = oneOf(args.defaultingType ?? 'System', `${at}.defaultingType`, ['System', 'List'])
  if (type === 'List') return podTopologySpreadWith({ constraints, isSystem: false })
  if (constraints.length === 0) return podTopologySpread
  throw new ConfigError(`${place}: are given, but .defaultingType is System`)
}

function constraintFrom(given: unknown, at: string): SpreadDefaults['constraints'][number] {
  const constraint = fields(given, at)
  refuseOthers(constraint, at, ['maxSkew', 'topologyKey', 'whenUnsatisfiable'])
  const { maxSkew, topologyKey, whenUnsatisfiable } = constraint
  const skew = whole(maxSkew, `${at}.maxSkew`, { min: 1 })
  if (skew === undefined) throw new ConfigError(`${at}.maxSkew: is missing, wanted one`)
  const actions = ['DoNotSchedule', 'ScheduleAnyway'] as const
  return {
    maxSkew: skew,
    topologyKey: text(topologyKey, `${at}.topologyKey`),
    whenUnsatisfiable: oneOf(whenUnsatisfiable, `${at}.whenUnsatisfiable`, actions),
  }
}

function volumeBindingFrom(args: Fields, at: string): Plugin {
  refuseOthers(args, at, ['bindTimeoutSeconds'])
  const seconds = whole(args.bindTimeoutSeconds, `${at}.bindTimeoutSeconds`, { min: 0 }) ?? 600
  return volumeBindingWith(seconds * 1000)
}
