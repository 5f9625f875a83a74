/** Defaults of pods that depend on other fields; templates keep what their author wrote. */
import type { Container } from '../../parts/core/container.ts'
import type { PodSpec } from '../../parts/core/pod-spec.ts'
import type { ResourceRequirements } from '../../parts/core/resources.ts'
import { containerAmounts, isPodLevelResource } from '../pod-resources.ts'
import { isHugePages, isOvercommitAllowed } from '../resource-names.ts'

type Amounts = Record<string, string>

/** The older name of the account is an alias, which always shows the newer one. */
export function agreeOnAccount(spec: PodSpec): void {
  const { serviceAccountName, serviceAccount } = spec
  const name = serviceAccountName || serviceAccount
  if (!name) return
  spec.serviceAccountName = name
  spec.serviceAccount = name
}

export function defaultPod(spec: PodSpec): void {
  for (const list of [spec.containers, spec.initContainers]) {
    for (const container of list ?? []) {
      requestUpToLimits(container.resources)
      if (spec.hostNetwork) publishPorts(container)
    }
  }
  if (spec.resources) defaultPodLevel(spec, spec.resources)
  spec.enableServiceLinks ??= true
}

function requestUpToLimits(resources: ResourceRequirements): void {
  const { limits } = resources
  if (!limits) return
  resources.requests = { ...limits, ...resources.requests }
}

/** On the network of the node, a port of the container is one of the node. */
function publishPorts({ ports }: Container): void {
  for (const port of ports ?? []) {
    if (!port.hostPort && port.containerPort) port.hostPort = port.containerPort
  }
}

/** What is limited for the pod as a whole is also asked for: by its containers, or all of it. */
function defaultPodLevel(spec: PodSpec, resources: ResourceRequirements): void {
  if (!resources.limits && !resources.requests) return
  const limits: Amounts = { ...resources.limits }
  for (const [name, amount] of containerAmounts(spec, 'limits')) {
    if (!isHugePages(name) || resources.requests?.[name] !== undefined) continue
    limits[name] ??= amount.text
  }
  if (!Object.keys(limits).length) return
  resources.limits = limits
  const requests: Amounts = { ...resources.requests }
  for (const [name, amount] of containerAmounts(spec, 'requests')) {
    if (isPodLevelResource(name) && isOvercommitAllowed(name)) requests[name] ??= amount.text
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (isPodLevelResource(name)) requests[name] ??= limit
  }
  if (Object.keys(requests).length) resources.requests = requests
}
