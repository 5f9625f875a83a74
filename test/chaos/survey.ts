/** Everything that there is, straight from the store, for those who judge it. */
import type { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import type { Deployment } from '#api/kinds/apps/deployment.ts'
import type { ReplicaSet } from '#api/kinds/apps/replica-set.ts'
import type { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import type { CronJob } from '#api/kinds/batch/cron-job.ts'
import type { Job } from '#api/kinds/batch/job.ts'
import type { ConfigMap } from '#api/kinds/core/config-map.ts'
import type { Endpoints } from '#api/kinds/core/endpoints.ts'
import type { Namespace } from '#api/kinds/core/namespace.ts'
import type { Node } from '#api/kinds/core/node.ts'
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import type { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import type { ApiObject } from '#client/resource.ts'
import type { TestServer } from '../api-server.ts'

/** Kinds whose objects are judged by name. */
interface Judged {
  ConfigMap: ConfigMap
  CronJob: CronJob
  DaemonSet: DaemonSet
  Deployment: Deployment
  EndpointSlice: EndpointSlice
  Endpoints: Endpoints
  Job: Job
  Namespace: Namespace
  Node: Node
  PersistentVolume: PersistentVolume
  PersistentVolumeClaim: PersistentVolumeClaim
  Pod: Pod
  PodDisruptionBudget: PodDisruptionBudget
  ReplicaSet: ReplicaSet
  ResourceQuota: ResourceQuota
  Service: Service
  StatefulSet: StatefulSet
}

export class Survey {
  readonly #byPlace = new Map<string, ApiObject[]>()
  readonly #uids = new Set<string>()

  constructor({ parts }: Pick<TestServer, 'parts'>) {
    const seen = new Set<string>()
    for (const resource of parts.resources.all()) {
      // Several versions are views of the same objects.
      if (seen.has(resource.prefix)) continue
      seen.add(resource.prefix)
      for (const entry of parts.store.list(resource.prefix).entries) {
        this.#add(resource.kind.kind, resource.parse(entry) as unknown as ApiObject)
      }
    }
  }

  /** In a namespace, or the ones that are in none. */
  of<K extends keyof Judged>(kind: K, namespace = ''): readonly Judged[K][] {
    return (this.#byPlace.get(`${namespace}/${kind}`) ?? []) as unknown as Judged[K][]
  }

  /** All objects of all kinds in a namespace. */
  all(namespace: string): readonly (readonly [kind: string, object: ApiObject])[] {
    return [...this.#byPlace].flatMap(([place, objects]) => {
      const [where, kind] = place.split('/')
      return where === namespace ? objects.map((each) => [kind!, each] as const) : []
    })
  }

  isThere(uid: string): boolean {
    return this.#uids.has(uid)
  }

  #add(kind: string, object: ApiObject): void {
    const { namespace = '', uid } = object.metadata
    const place = `${namespace}/${kind}`
    const objects = this.#byPlace.get(place) ?? []
    this.#byPlace.set(place, objects)
    objects.push(object)
    this.#uids.add(uid)
  }
}
