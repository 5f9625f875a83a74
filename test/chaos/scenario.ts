/** What happens in one namespace: objects come, change and go, one random thing at a time. */

import { HorizontalPodAutoscaler } from '#api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { CronJob } from '#api/kinds/batch/cron-job.ts'
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { Namespace } from '#api/kinds/core/namespace.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { Service } from '#api/kinds/core/service.ts'
import { PodDisruptionBudget } from '#api/kinds/policy/pod-disruption-budget.ts'
import type { ApiObject, Resource } from '#client/resource.ts'
import type { Client } from '#client/rest.ts'
import { type Random, seededRandom } from '#daemon/random.ts'
import { ifThere } from '../killable-controllers.ts'
import { UNREADY } from './stand-in-nodes.ts'
import {
  drawImage,
  drawReplicas,
  drawWish,
  inputOf,
  templateOf,
  type Wish,
  workloads,
} from './wishes.ts'

const policies = ['Background', 'Foreground', 'Orphan'] as const
type Policy = (typeof policies)[number]

/** A ConfigMap that one workload owns, and goes with it. */
interface Belonging {
  readonly name: string
  owner: Wish | undefined
}

export class Scenario {
  readonly namespace: string
  readonly seed: number
  /** What is asked for now, by name. */
  readonly wishes = new Map<string, Wish>()
  /** Labels `app` of workloads that went without their dependents. */
  readonly left = new Set<string>()
  readonly belongings: Belonging[] = []
  /** Names of Services, budgets and claims that there should be. */
  readonly services = new Set<string>()
  readonly budgets = new Set<string>()
  readonly claims = new Set<string>()
  /** Namespaces that should be gone at the end. */
  readonly doomed: string[] = []
  readonly #client: Client
  readonly #random: Random
  #named = 0

  constructor(seed: number, client: Client) {
    this.seed = seed
    this.namespace = `seed-${seed}`
    this.#client = client
    this.#random = seededRandom(seed)
  }

  async begin(): Promise<void> {
    const { namespace } = this
    await this.#client.create(Namespace, { metadata: { name: namespace } })
    const hard = {
      pods: '1000',
      'count/pods': '1000',
      'count/jobs.batch': '1000',
      persistentvolumeclaims: '1000',
      services: '1000',
    }
    const metadata = { name: 'quota', namespace }
    await this.#client.create(ResourceQuota, { metadata, spec: { hard } })
    for (let count = 0; count < 2; count++) await this.#createWorkload()
  }

  /** One more thing happens. */
  async step(): Promise<void> {
    const wish = this.#anyWish()
    switch (this.#random.below(16)) {
      case 0:
      case 1:
        return this.#createWorkload()
      case 2:
      case 3:
        return wish && this.#scale(wish)
      case 4:
      case 5:
        return wish && this.#roll(wish)
      case 6:
        return wish && this.#remove(wish, policies[this.#random.below(policies.length)]!)
      case 7:
        return wish && this.#recreate(wish)
      case 8:
        return this.#hitPod((pod) => this.#client.delete(Pod, pod))
      case 9:
        return this.#hitPod((pod) => this.#report(pod, { phase: 'Failed', reason: 'Evicted' }))
      case 10:
        return this.#hitPod((pod) => this.#annotate(pod, 'true'))
      case 11:
        return wish && this.#createService(wish)
      case 12:
        return wish && this.#createBudget(wish)
      case 13:
        return wish && this.#createBelonging(wish)
      case 14:
        return this.#random.below(2) === 0 ? this.#claim() : this.#doom()
      default:
        return wish && this.#autoscale(wish)
    }
  }

  /** From here on nothing is asked for any more, so that everything can come to rest. */
  async end(): Promise<void> {
    const { namespace } = this
    for (const { type, name } of this.wishes.values()) {
      if (type === 'CronJob') {
        await this.#client.patch(CronJob, { name, namespace }, { spec: { suspend: true } })
      }
    }
    for (const pod of await this.#client.list(Pod, { namespace })) {
      if (pod.metadata.annotations?.[UNREADY]) await ifThere(this.#annotate(pod, null))
    }
  }

  #name(prefix: string): string {
    this.#named++
    return `${prefix}-${this.#named}`
  }

  #anyWish(): Wish | undefined {
    const wishes = [...this.wishes.values()]
    return wishes.length > 0 ? wishes[this.#random.below(wishes.length)] : undefined
  }

  async #createWorkload(): Promise<void> {
    await this.#create(drawWish(this.#name('w'), this.#random))
  }

  async #create(wish: Wish): Promise<void> {
    const kind = kindOf(wish)
    await this.#client.create(kind, inputOf(wish, this.namespace))
    this.wishes.set(wish.name, wish)
  }

  #patch(wish: Wish, spec: object): Promise<unknown> {
    const { name } = wish
    return this.#client.patch(kindOf(wish), { name, namespace: this.namespace }, { spec })
  }

  async #scale(wish: Wish): Promise<void> {
    if (!['Deployment', 'ReplicaSet', 'StatefulSet'].includes(wish.type)) return
    wish.replicas = drawReplicas(this.#random)
    await this.#patch(wish, { replicas: wish.replicas })
  }

  async #roll(wish: Wish): Promise<void> {
    if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(wish.type)) return
    wish.image = drawImage(this.#random)
    await this.#patch(wish, { template: templateOf(wish) })
  }

  async #remove(wish: Wish, propagationPolicy: Policy): Promise<void> {
    const { name } = wish
    const place = { name, namespace: this.namespace }
    await this.#client.delete(kindOf(wish), place, { propagationPolicy })
    this.wishes.delete(name)
    if (propagationPolicy === 'Orphan') this.left.add(name)
    const owned = this.belongings.filter(({ owner }) => owner === wish)
    for (const belonging of owned) {
      if (propagationPolicy === 'Orphan') belonging.owner = undefined
      else this.belongings.splice(this.belongings.indexOf(belonging), 1)
    }
  }

  /** A namesake that has nothing to do with the one before. */
  async #recreate(wish: Wish): Promise<void> {
    await this.#remove(wish, 'Background')
    await this.#create({ ...wish })
  }

  async #hitPod(act: (pod: Pod) => Promise<unknown>): Promise<void> {
    const { namespace } = this
    const pods = await this.#client.list(Pod, { namespace })
    const victim = pods[this.#random.below(Math.max(pods.length, 1))]
    if (victim) await ifThere(act(victim))
  }

  async #report({ metadata, status: before }: Pod, status: object): Promise<void> {
    if (before.phase === 'Succeeded' || before.phase === 'Failed') return
    const conditions = [{ type: 'Ready', status: 'False' }]
    const { name, namespace, uid } = metadata
    const patch = { metadata: { uid }, status: { ...status, conditions } }
    const options = { type: 'strategic', subresource: 'status' } as const
    await this.#client.patch(Pod, { name, namespace }, patch, options)
  }

  #annotate({ metadata: { name, namespace } }: Pod, value: string | null): Promise<unknown> {
    const patch = { metadata: { annotations: { [UNREADY]: value } } }
    return this.#client.patch(Pod, { name, namespace }, patch)
  }

  async #createService({ name }: Wish): Promise<void> {
    if (this.services.has(name)) {
      this.services.delete(name)
      return this.#client.delete(Service, { name, namespace: this.namespace })
    }
    this.services.add(name)
    const metadata = { name, namespace: this.namespace }
    const spec = { selector: { app: name }, ports: [{ port: 80 }] }
    await this.#client.create(Service, { metadata, spec })
  }

  async #createBudget({ name }: Wish): Promise<void> {
    if (this.budgets.has(name)) return
    this.budgets.add(name)
    const metadata = { name, namespace: this.namespace }
    const spec = { selector: { matchLabels: { app: name } }, minAvailable: 1 }
    await this.#client.create(PodDisruptionBudget, { metadata, spec })
  }

  async #createBelonging(wish: Wish): Promise<void> {
    const { namespace } = this
    const { kind, apiVersion } = kindOf(wish)
    const owner = await this.#client.get(kindOf(wish), { name: wish.name, namespace })
    const { name, uid } = owner.metadata
    const reference = { kind, apiVersion, name, uid, blockOwnerDeletion: true }
    const belonging: Belonging = { name: this.#name('c'), owner: wish }
    const metadata = { name: belonging.name, namespace, ownerReferences: [reference] }
    await this.#client.create(ConfigMap, { metadata })
    this.belongings.push(belonging)
  }

  /** No pod wants it, so that it waits for its first one, until it is deleted. */
  async #claim(): Promise<void> {
    const { namespace } = this
    const [present] = this.claims
    if (present) {
      this.claims.delete(present)
      return this.#client.delete(PersistentVolumeClaim, { name: present, namespace })
    }
    const name = this.#name('p')
    this.claims.add(name)
    await this.#client.create(PersistentVolumeClaim, {
      metadata: { name, namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    })
  }

  /** A namespace with things in it, which is deleted while they come to life. */
  async #doom(): Promise<void> {
    const name = `${this.namespace}-${this.#name('gone')}`
    await this.#client.create(Namespace, { metadata: { name } })
    const wish = drawWish('w', this.#random)
    await this.#client.create(kindOf(wish), inputOf(wish, name))
    await this.#client.create(ConfigMap, { metadata: { name: 'c', namespace: name } })
    await this.#client.delete(Namespace, { name })
    this.doomed.push(name)
  }

  /** Nobody knows how busy its pods are, so that it must leave the workload alone. */
  async #autoscale({ type, name }: Wish): Promise<void> {
    if (type !== 'Deployment') return
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: type, name }
    await this.#client.create(HorizontalPodAutoscaler, {
      metadata: { name: this.#name('h'), namespace: this.namespace },
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 10 },
    })
  }
}

/** Calls about any of them are the same; what is written differs, and the server checks it. */
const kindOf = ({ type }: Wish): Resource<ApiObject, object> =>
  workloads[type] as unknown as Resource<ApiObject, object>
