/** Whether a namespace is exactly what was asked for: nothing is missing, nothing left over. */
import { controllerOf } from '#client/cache.ts'
import { isOver, isReady, judgeCounts, judgeWorkload } from './judge-workloads.ts'
import type { Scenario } from './scenario.ts'
import type { Survey } from './survey.ts'
import { workloads } from './wishes.ts'

type Say = (problem: string) => void

/** What is wrong, in words; nothing when all is well. */
export function judge(scenario: Scenario, survey: Survey): string[] {
  const problems: string[] = []
  const say: Say = (problem) => void problems.push(problem)
  const { namespace } = scenario
  for (const wish of scenario.wishes.values()) judgeWorkload(wish, namespace, survey, say)
  judgeCounts(namespace, survey, say)
  judgeOwners(namespace, survey, say)
  judgeLeftOvers(scenario, survey, say)
  judgeBelongings(scenario, survey, say)
  judgeServices(scenario, survey, say)
  judgeBudgets(scenario, survey, say)
  judgeQuota(namespace, survey, say)
  judgeClaims(scenario, survey, say)
  for (const doomed of scenario.doomed) {
    const left = survey.all(doomed).map(([kind, { metadata }]) => `${kind} ${metadata.name}`)
    if (left.length > 0) say(`Namespace ${doomed}: still has ${left}`)
    const isThere = survey.of('Namespace').some(({ metadata }) => metadata.name === doomed)
    if (isThere) say(`Namespace ${doomed}: is still there`)
  }
  return problems
}

/** Nothing is on its way out for ever, and nothing outlives its owners. */
function judgeOwners(namespace: string, survey: Survey, say: Say): void {
  for (const [kind, { metadata }] of survey.all(namespace)) {
    const what = `${kind} ${namespace}/${metadata.name}`
    if (metadata.deletionTimestamp) say(`${what}: waits for ${metadata.finalizers ?? 'its node'}`)
    for (const { uid, kind: ownerKind, name } of metadata.ownerReferences ?? []) {
      if (!survey.isThere(uid)) say(`${what}: outlives ${ownerKind} ${name}`)
    }
  }
}

/** Workloads and pods that nobody has asked for, but for those that went without dependents. */
function judgeLeftOvers({ wishes, left, namespace }: Scenario, survey: Survey, say: Say): void {
  for (const [kind, object] of survey.all(namespace)) {
    if (kind !== 'Pod' && !(kind in workloads)) continue
    const { name, labels } = object.metadata
    const app = labels?.app ?? ''
    const isKept = controllerOf(object) !== undefined || wishes.get(name)?.type === kind
    if (!isKept && !left.has(app)) say(`${kind} ${namespace}/${name}: nobody wants it`)
    if (kind === 'Pod') judgePod(`Pod ${namespace}/${name}`, object as never, say)
  }
}

function judgePod(what: string, pod: Parameters<typeof isOver>[0], say: Say): void {
  if (isOver(pod) || isReady(pod)) return
  say(`${what}: is ${pod.status.phase} on ${pod.spec.nodeName ?? 'no node'}`)
}

function judgeBelongings({ belongings, namespace }: Scenario, survey: Survey, say: Say): void {
  const there = survey.of('ConfigMap', namespace).map(({ metadata }) => metadata.name)
  const found = there.filter((name) => name !== 'kube-root-ca.crt').toSorted()
  const wanted = belongings.map(({ name }) => name).toSorted()
  if (String(found) !== String(wanted)) say(`ConfigMaps: found ${found}, wanted ${wanted}`)
  if (!there.includes('kube-root-ca.crt'))
    say(`ConfigMap ${namespace}/kube-root-ca.crt: is missing`)
}

/** Slices and Endpoints show the ready pods, each once. */
function judgeServices({ services, namespace }: Scenario, survey: Survey, say: Say): void {
  const there = survey.of('Service', namespace).map(({ metadata }) => metadata.name)
  const names = [...services].toSorted()
  if (String(there.toSorted()) !== String(names)) say(`Services: found ${there}, wanted ${names}`)
  const slices = survey.of('EndpointSlice', namespace)
  const endpoints = survey.of('Endpoints', namespace)
  for (const name of names) {
    const ready = survey
      .of('Pod', namespace)
      .filter((pod) => pod.metadata.labels?.app === name && !isOver(pod) && isReady(pod))
    const wanted = String(ready.map(({ status }) => status.podIP).toSorted())
    const inSlices = slices
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
      .flatMap((slice) => slice.endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses)
    const found = String(inSlices.toSorted())
    if (found !== wanted) say(`Service ${namespace}/${name}: slices ${found}, wanted ${wanted}`)
    const old = endpoints.find(({ metadata }) => metadata.name === name)
    const addresses = (old?.subsets ?? []).flatMap((each) => each.addresses ?? [])
    const shown = String(addresses.map(({ ip }) => ip).toSorted())
    if (shown !== wanted) say(`Service ${namespace}/${name}: endpoints ${shown}, wanted ${wanted}`)
  }
  for (const { metadata } of [...slices, ...endpoints]) {
    const service = metadata.labels?.['kubernetes.io/service-name'] ?? metadata.name
    if (!services.has(service)) say(`${namespace}/${metadata.name}: endpoints of nothing`)
  }
}

function judgeBudgets({ budgets, namespace }: Scenario, survey: Survey, say: Say): void {
  for (const { metadata, spec, status } of survey.of('PodDisruptionBudget', namespace)) {
    const { name, generation } = metadata
    const app = spec.selector?.matchLabels?.app
    const pods = survey.of('Pod', namespace).filter((pod) => pod.metadata.labels?.app === app)
    const healthy = pods.filter((pod) => !pod.metadata.deletionTimestamp && isReady(pod)).length
    const wanted = [healthy, 1, Math.max(0, healthy - 1), generation]
    const { currentHealthy, desiredHealthy, disruptionsAllowed, observedGeneration } = status
    const found = [currentHealthy, desiredHealthy, disruptionsAllowed, observedGeneration]
    const what = `PodDisruptionBudget ${namespace}/${name}`
    if (String(found) !== String(wanted)) say(`${what}: found ${found}, wanted ${wanted}`)
  }
  const count = survey.of('PodDisruptionBudget', namespace).length
  if (count !== budgets.size) say(`budgets: found ${count}, wanted ${budgets.size}`)
}

function judgeQuota(namespace: string, survey: Survey, say: Say): void {
  const pods = survey.of('Pod', namespace)
  const wanted = {
    pods: pods.filter((pod) => !isOver(pod)).length,
    'count/pods': pods.length,
    'count/jobs.batch': survey.of('Job', namespace).length,
    persistentvolumeclaims: survey.of('PersistentVolumeClaim', namespace).length,
    services: survey.of('Service', namespace).length,
  }
  const [quota] = survey.of('ResourceQuota', namespace)
  if (!quota) {
    say(`ResourceQuota ${namespace}/quota: is gone`)
    return
  }
  for (const [resource, count] of Object.entries(wanted)) {
    const used = quota.status.used?.[resource]
    if (used !== String(count)) say(`quota ${namespace}: ${resource} ${used}, wanted ${count}`)
  }
}

/** Claims and volumes belong to each other, one to one. */
function judgeClaims({ claims, namespace }: Scenario, survey: Survey, say: Say): void {
  const there = survey.of('PersistentVolumeClaim', namespace)
  for (const name of claims) {
    const claim = there.find(({ metadata }) => metadata.name === name)
    if (claim?.status.phase !== 'Pending') say(`claim ${name}: is ${claim?.status.phase}`)
  }
  const volumes = survey.of('PersistentVolume')
  for (const { metadata, spec } of there) {
    const { name, uid } = metadata
    const isOfSet = name.startsWith('data-')
    if (!isOfSet && !claims.has(name)) say(`claim ${namespace}/${name}: nobody wants it`)
    const volume = volumes.find((each) => each.metadata.name === spec.volumeName)
    if (spec.volumeName && volume?.spec.claimRef?.uid !== uid) {
      say(`claim ${namespace}/${name}: its volume ${spec.volumeName} is not its own`)
    }
  }
  for (const { metadata, spec, status } of volumes) {
    if (spec.claimRef?.namespace !== namespace || status.phase === 'Bound') continue
    say(`volume ${metadata.name} of ${spec.claimRef.name}: is ${status.phase}`)
  }
}
