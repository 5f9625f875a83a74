/** Where a pod or a claim breaks the limits of its namespace, in upstream's words. Pure. */
import type { LimitRangeSpec } from '#api/kinds/core/limit-range.ts'
import type { PersistentVolumeClaimSpec } from '#api/parts/core/claim.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import { compareQuantities, isZero, milliValue, parseQuantity } from '#api/quantity.ts'
import { type Amounts, containerAmounts, isPodLevelResource } from '#api/rules/pod-resources.ts'

/** One entry of a limit range. */
export type LimitItem = NonNullable<LimitRangeSpec['limits']>[number]

type Texts = Readonly<Record<string, string>>

/** What one container, pod or claim asks for and is limited to. */
interface Measured {
  readonly requests: Texts
  readonly limits: Texts
}

export function breaches(spec: PodSpec, limits: readonly LimitItem[]): string[] {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  return limits.flatMap((item) => {
    switch (item.type) {
      case 'Container':
        return containers.flatMap(({ resources: { requests = {}, limits: maxima = {} } }) =>
          measure(item, { requests, limits: maxima }),
        )
      case 'Pod':
        return measure(item, { requests: texts(spec, 'requests'), limits: texts(spec, 'limits') })
      default:
        return []
    }
  })
}

export function claimBreaches(
  { resources }: PersistentVolumeClaimSpec,
  limits: readonly LimitItem[],
): string[] {
  const { requests = {} } = resources
  return limits
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...each(min, (name, bound) => belowMinimum(title(name, type), bound, name, { requests })),
      ...each(max, (name, bound) => requestAbove(title(name, type), bound, requests[name])),
    ])
}

function measure(item: LimitItem, measured: Measured): string[] {
  const { type, min, max, maxLimitRequestRatio } = item
  return [
    ...each(min, (name, bound) => belowMinimum(title(name, type), bound, name, measured)),
    ...each(max, (name, bound) => aboveMaximum(title(name, type), bound, name, measured)),
    ...each(maxLimitRequestRatio, (name, bound) => aboveRatio(name, type, bound, measured)),
  ]
}

const title = (name: string, type: string): string => `${name} usage per ${type}`

function each(
  bounds: Texts | undefined,
  judge: (name: string, bound: string) => string | undefined,
): string[] {
  const names = Object.keys(bounds ?? {}).sort()
  return names.flatMap((name) => judge(name, bounds![name]!) ?? [])
}

function belowMinimum(
  subject: string,
  bound: string,
  name: string,
  { requests, limits }: { readonly requests: Texts; readonly limits?: Texts },
): string | undefined {
  const [request, limit] = [requests[name], limits?.[name]]
  const rule = `minimum ${subject} is ${bound}`
  if (request === undefined) return `${rule}.  No request is specified`
  if (compareQuantities(request, bound) < 0) return `${rule}, but request is ${request}`
  if (limit !== undefined && compareQuantities(limit, bound) < 0) {
    return `${rule}, but limit is ${limit}`
  }
  return undefined
}

function aboveMaximum(
  subject: string,
  bound: string,
  name: string,
  { requests, limits }: Measured,
): string | undefined {
  const limit = limits[name]
  const rule = `maximum ${subject} is ${bound}`
  if (limit === undefined) return `${rule}.  No limit is specified`
  if (compareQuantities(limit, bound) > 0) return `${rule}, but limit is ${limit}`
  const request = requests[name]
  return request === undefined ? undefined : requestAbove(subject, bound, request)
}

function requestAbove(
  subject: string,
  bound: string,
  request: string | undefined,
): string | undefined {
  const rule = `maximum ${subject} is ${bound}`
  if (request === undefined) return `${rule}.  No request is specified`
  return compareQuantities(request, bound) > 0 ? `${rule}, but request is ${request}` : undefined
}

const RATIO_DIGITS = 6

function aboveRatio(
  name: string,
  type: string,
  bound: string,
  { requests, limits }: Measured,
): string | undefined {
  const [request, limit] = [requests[name], limits[name]]
  const rule = `${name} max limit to request ratio per ${type} is ${bound}`
  if (request === undefined || isZero(request)) {
    return `${rule}, but no request is specified or request is 0`
  }
  if (limit === undefined || isZero(limit)) {
    return `${rule}, but no limit is specified or limit is 0`
  }
  const ratio = ratioOf(limit, request)
  if (ratio * 1000 <= Number(milliValue(bound))) return undefined
  return `${rule}, but provided ratio is ${ratio.toFixed(RATIO_DIGITS)}`
}

/** Exact where it matters: two quantities of the same size give the same as their thousandths. */
const ratioOf = (limit: string, request: string): number =>
  Number(milliValue(limit)) / Number(milliValue(request))

/** Pod-level resources count in place of the sum over containers. */
function texts(spec: PodSpec, side: 'requests' | 'limits'): Texts {
  const amounts: Amounts = containerAmounts(spec, side)
  for (const [name, amount] of Object.entries(spec.resources?.[side] ?? {})) {
    if (isPodLevelResource(name)) amounts.set(name, parseQuantity(amount))
  }
  return Object.fromEntries([...amounts].map(([name, { text }]) => [name, text]))
}
