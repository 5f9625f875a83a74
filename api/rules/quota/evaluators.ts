/** How each resource is counted towards quotas: the special ones, and all others as objects. */
import type { Pod } from '../../kinds/core/pod.ts'
import { type Amounts, one } from './amounts.ts'
import {
  claimUsage,
  countsClaims,
  countsDeviceClaims,
  countsServices,
  deviceClaimUsage,
  serviceUsage,
} from './other-usage.ts'
import { countsPods, podConstraint, podUsage } from './pod-usage.ts'
import { claimMeets, podMeets, type Requirement } from './scopes.ts'

export interface Evaluator {
  /** Whether an amount of this name in a quota is about the resource. */
  counts(name: string): boolean
  usage(object: object, nowMs: number): Amounts
  /** Objects without scopes are in none. */
  meets(requirement: Requirement, object: object): boolean
  /** What an object leaves open that a quota with these names has to know. */
  constraint?(object: object, names: ReadonlySet<string>): string | undefined
}

const inNoScope = (): boolean => false

const special: Readonly<Record<string, Evaluator>> = {
  pods: {
    counts: countsPods,
    usage: podUsage as Evaluator['usage'],
    meets: podMeets as Evaluator['meets'],
    constraint: (pod, names) => podConstraint((pod as Pod).spec, names),
  },
  services: {
    counts: countsServices,
    usage: serviceUsage as Evaluator['usage'],
    meets: inNoScope,
  },
  persistentvolumeclaims: {
    counts: countsClaims,
    usage: claimUsage as Evaluator['usage'],
    meets: claimMeets as Evaluator['meets'],
  },
  'resourceclaims.resource.k8s.io': {
    counts: countsDeviceClaims,
    usage: deviceClaimUsage as Evaluator['usage'],
    meets: inNoScope,
  },
}

/** Counted by their bare name too, as they were before `count/`. */
const bareNames = new Set(['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets'])

/** `name`: plural and group, such as `pods` or `deployments.apps`. */
export function evaluatorOf(name: string): Evaluator {
  return special[name] ?? objectCount(name)
}

function objectCount(name: string): Evaluator {
  const names = [`count/${name}`, ...(bareNames.has(name) ? [name] : [])]
  const usage: Amounts = new Map(names.map((each) => [each, one]))
  return { counts: (each) => usage.has(each), usage: () => usage, meets: inNoScope }
}
